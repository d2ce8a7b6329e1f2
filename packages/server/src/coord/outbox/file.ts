import { closeSync, constants, fstatSync, readSync, writeSync } from 'node:fs'
import { parseLine } from './call.ts'
import { openRegular, usable } from './regular-file.ts'

/**
 * How long a client may still have a file open after the file was renamed or last written, in milliseconds.
 */
const OPEN_MS_MAX = 60_000
const NEWLINE = 0x0a

/** A line that is not blank, and the bytes of the file that it takes, without its newline. */
export interface Line {
  readonly text: string
  readonly start: number
  readonly end: number
}

/** The facts about a file of the outbox that its name tells. */
export interface OutboxName {
  readonly path: string
  /** When it was renamed, in milliseconds since 1970. Undefined for the present file. */
  readonly since?: number
  /** How many bytes an earlier version of presence has replayed without taking the lines off the file. */
  readonly replayed?: number
}

/**
 * An open file of the outbox. Clients append to it at any time and without a lock, so it is never replaced by
 * a shorter one. A line that is settled is overwritten with blanks instead, and all others stay where they
 * are.
 */
export class OutboxFile implements Disposable {
  readonly name: OutboxName
  readonly #file: number

  /** @throws PresenceError `access_denied` if it is not a regular file that can be read and written */
  constructor(name: OutboxName) {
    this.name = name
    this.#file = openRegular(name.path, constants.O_RDWR)
  }

  /** Whether no client can still be writing to it. */
  get isOver(): boolean {
    return Date.now() - Math.max(fstatSync(this.#file).mtimeMs, this.name.since ?? 0) > OPEN_MS_MAX
  }

  /** The lines that are not settled, except a last line that a client may still be writing. */
  lines(): readonly Line[] {
    const { isOver } = this
    const { text, lines } = this.#read()
    const last = lines.at(-1)
    const isWhole = text.at(-1) === NEWLINE || isOver || !last || typeof parseLine(last.text) !== 'string'
    return isWhole ? lines : lines.slice(0, -1)
  }

  /** How many lines are not settled. */
  left(): number {
    return this.#read().lines.length
  }

  /** Takes a line off the file. */
  settle({ start, end }: Line): void {
    usable(this.name.path, () => writeSync(this.#file, Buffer.alloc(end - start, ' '), 0, end - start, start))
  }

  [Symbol.dispose](): void {
    closeSync(this.#file)
  }

  #read(): { readonly text: Buffer; readonly lines: readonly Line[] } {
    const { path, replayed = 0 } = this.name
    return usable(path, () => {
      const whole = Buffer.alloc(fstatSync(this.#file).size)
      const text = whole.subarray(0, readSync(this.#file, whole, 0, whole.length, 0))
      return { text, lines: linesIn(text, replayed) }
    })
  }
}

function linesIn(text: Buffer, from: number): readonly Line[] {
  const lines: Line[] = []
  for (let start = from; start < text.length; ) {
    const newline = text.indexOf(NEWLINE, start)
    const end = newline < 0 ? text.length : newline
    lines.push({ text: text.toString('utf8', start, end), start, end })
    start = end + 1
  }
  return lines.filter(line => line.text.trim() !== '')
}
