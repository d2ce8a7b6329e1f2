import { rmSync } from 'node:fs'
import { dirname } from 'node:path'
import { makeFolder, ownText, replaceFile, sessionFile } from '@presence/core/internal'
import { locked } from '../session/locked.ts'

/** How long a hook waits while another one changes the same file, in milliseconds. */
const LOCK_MS = 100

/** A file of a session, with one JSON value that several hooks change at the same time. */
export class KeptValue<T extends object> {
  readonly #file: string
  readonly #empty: T
  readonly #read: (value: unknown) => T | undefined

  /** @param read checks what is in the file; undefined counts as empty */
  constructor(
    state: string,
    agentSession: string,
    part: 'guarded' | 'paused',
    { empty, read }: { readonly empty: T; readonly read: (value: unknown) => T | undefined },
  ) {
    this.#file = sessionFile(state, agentSession, part)
    this.#empty = empty
    this.#read = read
  }

  /** The value; the empty one if there is no file, or if it can't be read. */
  get(): T {
    try {
      return this.#read(JSON.parse(ownText(this.#file) ?? 'null')) ?? this.#empty
    } catch {
      return this.#empty
    }
  }

  /**
   * Changes the value while no other hook does. Undefined removes the file. If it can't be written, the answer is
   * still given, and the next hook sees the old value.
   */
  change<A>(change: (value: T) => { readonly value: T | undefined; readonly answer: A }): A {
    return locked(`${this.#file}.lock`, LOCK_MS, () => {
      const before = this.get()
      const { value, answer } = change(before)
      if (value !== before) this.#write(value)
      return answer
    })
  }

  #write(value: T | undefined): void {
    try {
      if (value === undefined) {
        rmSync(this.#file, { force: true })
        return
      }
      makeFolder(dirname(this.#file))
      replaceFile(this.#file, JSON.stringify(value), { mode: 0o600 })
    } catch {
      // Ignore: a pause that isn't recorded pauses again, and a command that isn't recorded lapses.
    }
  }
}
