import { closeSync, constants, lstatSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Environment } from '@presence/core'
import type { OutboxFile, OutboxName } from './file.ts'
import { openRegular, unusable, usable } from './regular-file.ts'
import { trackedIn } from './tracked.ts'

const FOLDER = '.claude'
const OUTBOX = 'coord-queue.jsonl'
/**
 * A past file, by the time of its rename. An earlier version also wrote how many bytes it had replayed, and
 * left an unfinished file as `taken`.
 */
const PAST = /^coord-queue\.(?:past-(?:(\d{1,9})-)?(\d{1,15})|taken)\.jsonl$/
const { O_WRONLY, O_APPEND, O_CREAT } = constants

/**
 * The outbox that seed 003's clients write in a project: `.claude/coord-queue.jsonl`. The file stays until
 * all its calls are settled. Then it is renamed to a past file, and the next call starts a new file. A client
 * that opened the file before the rename may still append to it, so it is read again before it is removed.
 *
 * The checkout is not trusted: no file is read or written through a link in it.
 */
export class CoordOutbox {
  readonly path: string
  readonly #project: string
  readonly #folder: string

  /** @param project the folder that contains `.claude` */
  constructor(project: string) {
    this.#project = project
    this.#folder = join(project, FOLDER)
    this.path = join(this.#folder, OUTBOX)
  }

  /**
   * Checks that the outbox was not checked out with the repository. Its calls are made in this user's name,
   * so it must be the user's own.
   *
   * @throws PresenceError `access_denied` if git tracks it, or can't tell
   */
  async check(env: Environment): Promise<void> {
    let tracked: string | undefined
    try {
      tracked = await trackedIn(this.#project, FOLDER, /^coord-queue\b/i, env)
    } catch (error) {
      throw unusable(this.path, error, 'check that git works in this folder: git status')
    }
    if (tracked !== undefined)
      throw unusable(
        this.path,
        new Error(`git tracks ${tracked}, so another person may have written its calls`),
        `read it first; if its calls are yours: git rm --cached ${tracked}, and add it to .gitignore`,
      )
  }

  /** The past files, oldest first, and then the present file, which clients append to. */
  files(): readonly OutboxName[] {
    return usable(this.#folder, () => {
      const names = this.#isThere() ? readdirSync(this.#folder) : []
      const past = names.flatMap(name => {
        const [isPast, replayed = '0', since = '0'] = PAST.exec(name) ?? []
        const path = join(this.#folder, name)
        return isPast === undefined ? [] : [{ path, replayed: Number(replayed), since: Number(since) }]
      })
      const present = names.includes(OUTBOX) ? [{ path: this.path }] : []
      return [...past.toSorted((one, other) => one.since - other.since), ...present]
    })
  }

  /**
   * Does nothing if lines are left. Otherwise makes the present file a past file, and removes a past file that
   * no client can still be writing to.
   */
  retire(file: OutboxFile): void {
    if (file.left() > 0) return
    const { path, since } = file.name
    usable(path, () => {
      if (since === undefined) renameSync(path, join(this.#folder, `coord-queue.past-${this.#now()}.jsonl`))
      else if (file.isOver) rmSync(path)
    })
  }

  /** Keeps a dead letter: a line that could not be read or that the server refused. */
  setAside(line: string): void {
    const path = join(this.#folder, 'coord-queue.aside.jsonl')
    const file = openRegular(path, O_WRONLY | O_APPEND | O_CREAT)
    try {
      usable(path, () => writeFileSync(file, `${line}\n`))
    } finally {
      closeSync(file)
    }
  }

  /** The time, but later than that of any past file, even if the clock was set back. */
  #now(): number {
    return Math.max(Date.now(), ...this.files().map(({ since = 0 }) => since + 1))
  }

  /** Whether the folder exists. @throws if it is a link or not a folder */
  #isThere(): boolean {
    const found = lstatSync(this.#folder, { throwIfNoEntry: false })
    if (found && !found.isDirectory()) throw new Error('it is a link or not a folder')
    return found !== undefined
  }
}
