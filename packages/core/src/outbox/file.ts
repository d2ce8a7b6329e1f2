import {
  appendFileSync,
  closeSync,
  lstatSync,
  openSync,
  readFileSync,
  readSync,
  renameSync,
  rmSync,
  statSync,
  truncateSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import type { ServerDsn } from '../config/dsn.ts'
import { type Environment, queueFolder } from '../config/folders.ts'
import { makeFolder } from '../config/make-folder.ts'
import { flawOf, isOneself, othersAt } from '../config/ownership.ts'
import { replaceFile } from '../config/replace-file.ts'
import { type Deadline, ownWork } from '../deadline.ts'
import { PresenceError } from '../domain/fault.ts'
import { fromLine, type QueuedOperation, toLine } from '../domain/operation.ts'
import { CircuitBreaker } from './circuit-breaker.ts'
import { Failures } from './failures.ts'
import { outboxFault, unsafe } from './fault.ts'
import { queueName } from './name.ts'

/** Some ten thousand entries. A full outbox refuses more. */
const BYTES_MAX = 4 << 20

/** The outbox of a board. */
export function outboxOf(dsn: ServerDsn, env: Environment): OutboxFile {
  return new OutboxFile(queueFolder(env), queueName(dsn))
}

/** The result of taking entries off the outbox. */
export interface Drained {
  /** Lines that could not be read and became dead letters. */
  readonly damaged: readonly string[]
  /** How many entries are still in the outbox. */
  readonly left: number
}

/**
 * One user's outbox for one board: one line of JSON per entry, in the order of the calls.
 *
 * Entries are appended to one file and taken from another, to which the first is renamed, so appending never
 * waits for a replay. A line stays until its work is done. Work that was cut short is done again, so doing an
 * entry twice must be harmless. Errors of the file system are thrown as an `OutboxFault`.
 */
export class OutboxFile {
  readonly folder: string
  readonly #waiting: string
  readonly #taken: string
  /** The dead letters: lines that can't be read, or that the board refuses. presence never deletes one. */
  readonly deadLetterFile: string
  readonly #path: (suffix: string) => string
  /** Keeps this user's processes from waiting for the board's server while it hangs. */
  readonly breaker: CircuitBreaker
  readonly failures: Failures

  /** @param board names the board within the folder: letters, digits, dashes */
  constructor(folder: string, board: string) {
    this.folder = folder
    this.#path = suffix => join(folder, `${board}${suffix}`)
    this.#waiting = this.#path('.jsonl')
    this.#taken = this.#path('.taken.jsonl')
    this.deadLetterFile = this.#path('.damaged.jsonl')
    this.breaker = new CircuitBreaker(this.#path('.breaker'))
    this.failures = new Failures(this.#path('.failures'))
  }

  /** The files that the user must be able to read and write, if they exist. */
  get files(): readonly string[] {
    return [this.#waiting, this.#taken, this.deadLetterFile, this.#path('.lock'), this.#path('.replay.lock')]
  }

  get isEmpty(): boolean {
    return this.#usable(() => sizeOf(this.#waiting) === 0 && sizeOf(this.#taken) === 0)
  }

  /** How many lines are in the outbox. */
  waiting(): number {
    return this.#usable(() => linesOf(this.#taken).length + linesOf(this.#waiting).length)
  }

  /** Adds an entry. Returns false if the outbox is full or can't be locked in time. */
  async append(operation: QueuedOperation, deadline: Deadline): Promise<boolean> {
    const appended = await this.#locked('.lock', deadline, () => {
      if (sizeOf(this.#waiting) + sizeOf(this.#taken) > BYTES_MAX) return false
      appendWhole(this.#waiting, toLine(operation))
      return true
    })
    return appended ?? false
  }

  /**
   * Takes entries off the outbox in order, one process at a time. `work` gets all entries at once and returns
   * those that are done; it is called again for entries that were added since.
   *
   * @returns undefined if another process holds the outbox until the deadline
   */
  async drain(
    deadline: Deadline,
    work: (operations: readonly QueuedOperation[]) => Promise<ReadonlySet<QueuedOperation>>,
  ): Promise<Drained | undefined> {
    // An empty outbox needs no folder.
    if (this.isEmpty) return { damaged: [], left: 0 }
    return this.#locked('.replay.lock', deadline, async () => {
      const damaged: string[] = []
      for (;;) {
        if (sizeOf(this.#taken) === 0 || sizeOf(this.#waiting) > 0) {
          const taken = await this.#locked('.lock', deadline, () => this.#take())
          // Other processes keep appending: their entries are still to be delivered.
          if (taken === undefined) return { damaged, left: this.waiting() }
        }
        const read = this.#read()
        damaged.push(...read.damaged)
        if (read.operations.length === 0) return { damaged, left: 0 }
        const left = await this.#work(read.operations, work)
        if (left > 0) return { damaged, left }
      }
    })
  }

  /**
   * Puts the dead letters back into the outbox, before all other entries: their sessions made these calls
   * first, and a release must not end a claim that was made after it.
   */
  async retryDeadLetters(deadline: Deadline): Promise<void> {
    if (this.#usable(() => sizeOf(this.deadLetterFile)) === 0) return
    const done = await this.#locked('.replay.lock', deadline, () =>
      this.#locked('.lock', deadline, () => {
        this.#write([...linesOf(this.deadLetterFile), ...linesOf(this.#taken)].map(line => `${line}\n`))
        rmSync(this.deadLetterFile)
        return true
      }),
    )
    if (!done) throw new PresenceError('busy', 'another process uses the outbox', 'try again')
  }

  async #locked<T>(lock: string, deadline: Deadline, work: () => Promise<T> | T): Promise<T | undefined> {
    try {
      makeFolder(this.folder)
      this.#check()
      const { withLock } = await ownWork(() => import('./lock.ts'))
      return await withLock(this.#path(lock), deadline, work)
    } catch (error) {
      throw outboxFault(error, this.folder)
    }
  }

  /**
   * What is in the outbox is sent in the user's name, so another user must not be able to put something there.
   *
   * @throws OutboxFault, or an error of the file system
   */
  #check(): void {
    const flaw = othersAt(dirname(this.folder)) ?? flawOf(this.folder)
    if (flaw) throw unsafe(this.folder, flaw)
    for (const path of this.files) {
      const found = lstatSync(path, { throwIfNoEntry: false })
      if (!found || (found.isFile() && isOneself(found.uid))) continue
      const reason = found.isFile() ? `belongs to another user (uid ${found.uid})` : 'is not a file'
      throw unsafe(this.folder, { reason: `${path} ${reason}`, remedy: `move it away: ${path}` })
    }
  }

  #usable<T>(ask: () => T): T {
    try {
      this.#check()
      return ask()
    } catch (error) {
      throw outboxFault(error, this.folder)
    }
  }

  /**
   * Makes an entry that the board refuses a dead letter, so that somebody can look at it. Returns its line.
   */
  setAside(operation: QueuedOperation): string {
    const line = toLine(operation)
    this.#usable(() => appendFileSync(this.deadLetterFile, line, { mode: 0o600 }))
    return line.trimEnd()
  }

  /**
   * Takes the waiting lines, after those left from the last time. If this is cut short, lines are taken twice
   * but done once.
   */
  #take(): true {
    if (sizeOf(this.#waiting) === 0) return true
    const left = linesOf(this.#taken)
    if (left.length === 0) renameSync(this.#waiting, this.#taken)
    else {
      this.#write([...left, ...linesOf(this.#waiting)].map(line => `${line}\n`))
      rmSync(this.#waiting)
    }
    return true
  }

  async #work(
    operations: readonly QueuedOperation[],
    work: (operations: readonly QueuedOperation[]) => Promise<ReadonlySet<QueuedOperation>>,
  ): Promise<number> {
    const done = await work(operations)
    const left = operations.filter(operation => !done.has(operation))
    this.#keep(left)
    return left.length
  }

  /**
   * Reads the taken lines. Moves unreadable lines to a file of their own, so that somebody can look at them.
   */
  #read(): { operations: readonly QueuedOperation[]; damaged: readonly string[] } {
    if (sizeOf(this.#taken) === 0) return { operations: [], damaged: [] }
    const lines = linesOf(this.#taken)
    const read = lines.map(line => ({ line, operation: fromLine(line) }))
    const operations = read.flatMap(({ operation }) => (operation ? [operation] : []))
    const damaged = read.filter(({ operation }) => !operation).map(({ line }) => line)
    if (damaged.length > 0) {
      appendFileSync(this.deadLetterFile, `${damaged.join('\n')}\n`, { mode: 0o600 })
      this.#keep(operations)
    }
    return { operations, damaged }
  }

  /** Replaces the taken lines by these, in one step. */
  #keep(operations: readonly QueuedOperation[]): void {
    if (operations.length === 0) {
      rmSync(this.#taken, { force: true })
      return
    }
    this.#write(operations.map(toLine))
  }

  #write(lines: readonly string[]): void {
    replaceFile(this.#taken, lines.join(''), { mode: 0o600 })
  }
}

/** Appends the whole line or nothing: on a disk that fills up, half a line would spoil the next one too. */
function appendWhole(file: string, line: string): void {
  const size = sizeOf(file)
  try {
    // If a power cut left half a line, start a new one.
    appendFileSync(file, endsWithin(file, size) ? `\n${line}` : line, { mode: 0o600 })
  } catch (error) {
    if (sizeOf(file) > size) truncateSync(file, size)
    throw error
  }
}

/** True if a file ends without a line break. */
function endsWithin(file: string, size: number): boolean {
  if (size === 0) return false
  const last = Buffer.alloc(1)
  const descriptor = openSync(file, 'r')
  try {
    readSync(descriptor, last, 0, 1, size - 1)
  } finally {
    closeSync(descriptor)
  }
  return last[0] !== 0x0a
}

function sizeOf(file: string): number {
  return statSync(file, { throwIfNoEntry: false })?.size ?? 0
}

function linesOf(file: string): readonly string[] {
  if (sizeOf(file) === 0) return []
  return readFileSync(file, 'utf8')
    .split('\n')
    .filter(line => line !== '')
}
