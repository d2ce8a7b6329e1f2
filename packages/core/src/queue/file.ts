import {
  appendFileSync,
  closeSync,
  openSync,
  readFileSync,
  readSync,
  renameSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import type { ServerDsn } from '../config/dsn.ts'
import { type Environment, queueFolder } from '../config/folders.ts'
import { makeFolder } from '../config/make-folder.ts'
import { type Deadline, ownWork } from '../deadline.ts'
import { PresenceError } from '../domain/fault.ts'
import { fromLine, type QueuedOperation, toLine } from '../domain/operation.ts'
import { CircuitBreaker } from './circuit-breaker.ts'
import { Failures } from './failures.ts'
import { queueFault } from './fault.ts'
import { queueName } from './name.ts'

/** Some ten thousand operations. A queue that is full takes no more, and says so. */
const BYTES_MAX = 4 << 20

/** The queue of one board. */
export function queueOf(dsn: ServerDsn, env: Environment): QueueFile {
  return new QueueFile(queueFolder(env), queueName(dsn))
}

/** What came of taking operations off the queue. */
export interface Drained {
  /** Lines that could not be read and were set aside. */
  readonly damaged: readonly string[]
  /** Operations that are still queued. */
  readonly left: number
}

/**
 * One user's queue for one board: a line of JSON an operation, in the order in which they were said.
 *
 * Operations are appended to one file and taken off another, which was that one before: so whoever appends never waits
 * for a replay. A line stays until its work is done; work that was cut short is done again, and must bear that.
 * What the file system denies is thrown as a `QueueFault`.
 */
export class QueueFile {
  readonly folder: string
  readonly #waiting: string
  readonly #taken: string
  /** The dead letters: lines that can't be read, or that the board refuses. Nothing here deletes one. */
  readonly damagedFile: string
  readonly #path: (suffix: string) => string
  /** Keeps this user's processes from waiting for the board's server while that hangs. */
  readonly breaker: CircuitBreaker
  /** What is queued and failed. */
  readonly failures: Failures

  /** @param board names the board within the folder: letters, digits, dashes */
  constructor(folder: string, board: string) {
    this.folder = folder
    this.#path = suffix => join(folder, `${board}${suffix}`)
    this.#waiting = this.#path('.jsonl')
    this.#taken = this.#path('.taken.jsonl')
    this.damagedFile = this.#path('.damaged.jsonl')
    this.breaker = new CircuitBreaker(this.#path('.breaker'))
    this.failures = new Failures(this.#path('.failures'))
  }

  /** All that must be the user's to read and write, where they are there. */
  get files(): readonly string[] {
    return [this.#waiting, this.#taken, this.damagedFile, this.#path('.lock'), this.#path('.replay.lock')]
  }

  get isEmpty(): boolean {
    return this.#usable(() => sizeOf(this.#waiting) === 0 && sizeOf(this.#taken) === 0)
  }

  /** How many lines are queued. */
  waiting(): number {
    return this.#usable(() => linesOf(this.#taken).length + linesOf(this.#waiting).length)
  }

  /** Adds an operation; false when the queue is full or can't be had in time. */
  async append(operation: QueuedOperation, deadline: Deadline): Promise<boolean> {
    const appended = await this.#locked('.lock', deadline, () => {
      if (sizeOf(this.#waiting) + sizeOf(this.#taken) > BYTES_MAX) return false
      appendWhole(this.#waiting, toLine(operation))
      return true
    })
    return appended ?? false
  }

  /**
   * Takes operations off the queue in order, one process at a time; undefined when another process holds it until the
   * deadline. `work` gets what is there at once, returns those that it has done, and is called again for what came since.
   */
  async drain(
    deadline: Deadline,
    work: (operations: readonly QueuedOperation[]) => Promise<ReadonlySet<QueuedOperation>>,
  ): Promise<Drained | undefined> {
    // Whoever has nothing queued needs no folder for it.
    if (this.isEmpty) return { damaged: [], left: 0 }
    return this.#locked('.replay.lock', deadline, async () => {
      const damaged: string[] = []
      for (;;) {
        if (sizeOf(this.#taken) === 0 || sizeOf(this.#waiting) > 0) {
          const taken = await this.#locked('.lock', deadline, () => this.#take())
          // Somebody is appending and won't end: what waits there is still to be done.
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
   * Queues the dead letters again, before all that is queued: their sessions said them first, and a release must not end
   * a claim that was made after it.
   */
  async retryDeadLetters(deadline: Deadline): Promise<void> {
    if (this.#usable(() => sizeOf(this.damagedFile)) === 0) return
    const done = await this.#locked('.replay.lock', deadline, () =>
      this.#locked('.lock', deadline, () => {
        this.#write([...linesOf(this.damagedFile), ...linesOf(this.#taken)].map(line => `${line}\n`))
        rmSync(this.damagedFile)
        return true
      }),
    )
    if (!done) throw new PresenceError('busy', 'another process uses the queue', 'try again')
  }

  async #locked<T>(lock: string, deadline: Deadline, work: () => Promise<T> | T): Promise<T | undefined> {
    try {
      makeFolder(this.folder)
      const { withLock } = await ownWork(() => import('./lock.ts'))
      return await withLock(this.#path(lock), deadline, work)
    } catch (error) {
      throw queueFault(error, this.folder)
    }
  }

  #usable<T>(ask: () => T): T {
    try {
      return ask()
    } catch (error) {
      throw queueFault(error, this.folder)
    }
  }

  /** Sets an operation aside that no board takes, for somebody to look at; gives its line. */
  setAside(operation: QueuedOperation): string {
    const line = toLine(operation)
    this.#usable(() => appendFileSync(this.damagedFile, line, { mode: 0o600 }))
    return line.trimEnd()
  }

  /** Behind what was left of the last time; cut short in between, lines are taken twice and done once. */
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

  /** Reads what was taken; a damaged line goes to a file of its own, for somebody to look at. */
  #read(): { operations: readonly QueuedOperation[]; damaged: readonly string[] } {
    if (sizeOf(this.#taken) === 0) return { operations: [], damaged: [] }
    const lines = linesOf(this.#taken)
    const read = lines.map(line => ({ line, operation: fromLine(line) }))
    const operations = read.flatMap(({ operation }) => (operation ? [operation] : []))
    const damaged = read.filter(({ operation }) => !operation).map(({ line }) => line)
    if (damaged.length > 0) {
      appendFileSync(this.damagedFile, `${damaged.join('\n')}\n`, { mode: 0o600 })
      this.#keep(operations)
    }
    return { operations, damaged }
  }

  /** Leaves these taken and no others, in one step. */
  #keep(operations: readonly QueuedOperation[]): void {
    if (operations.length === 0) {
      rmSync(this.#taken, { force: true })
      return
    }
    this.#write(operations.map(toLine))
  }

  #write(lines: readonly string[]): void {
    const beside = `${this.#taken}.new`
    writeFileSync(beside, lines.join(''), { mode: 0o600 })
    renameSync(beside, this.#taken)
  }
}

/** Appends the line or nothing of it: on a disk that fills up, half a line would spoil the next one too. */
function appendWhole(file: string, line: string): void {
  const size = sizeOf(file)
  try {
    // Behind half a line that a power cut left, this one begins a line of its own.
    appendFileSync(file, endsWithin(file, size) ? `\n${line}` : line, { mode: 0o600 })
  } catch (error) {
    if (sizeOf(file) > size) truncateSync(file, size)
    throw error
  }
}

/** Does a file end within a line? */
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
