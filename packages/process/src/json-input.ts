import { read } from 'node:fs'

/** A longer input is not read, in bytes. It may contain the whole output of a tool. */
const BYTES_MAX = 32 * 1024 * 1024
/** A pipe holds this much. */
const CHUNK_BYTES = 65_536

const [QUOTE, BACKSLASH, OPEN, CLOSE] = [0x22, 0x5c, 0x7b, 0x7d]
const BYTE_ORDER_MARK = [0xef, 0xbb, 0xbf]
const BLANKS: ReadonlySet<number> = new Set([0x20, 0x09, 0x0a, 0x0d])

/** How long to wait for input, in milliseconds. */
export interface InputTime {
  /** While nothing comes. */
  readonly idleMs: number
  /** In all, however much still comes. */
  readonly totalMs: number
}

/**
 * Reads the JSON object on standard input, and returns its text as soon as it is complete, because its writer may
 * keep the pipe open. What follows the object is not read. Asynchronous, because a synchronous read of a pipe that
 * stays empty would block every timer of the process.
 *
 * @returns an empty text if the input ends, or the time is over, before an object is complete
 */
export function readJsonInput({ idleMs, totalMs }: InputTime): Promise<string> {
  const end = new ObjectEnd()
  const chunks: Buffer[] = []
  return new Promise(resolve => {
    let isDone = false
    const done = (text: string) => {
      isDone = true
      clearTimeout(idle)
      clearTimeout(total)
      resolve(text)
    }
    // After the next read: on a busy machine a timer may be due before the input that came first is looked at.
    const idle = setTimeout(() => {
      const before = end.length
      setImmediate(() => end.length > before || isDone || done(''))
    }, idleMs)
    const total = setTimeout(() => setImmediate(() => isDone || done('')), totalMs)
    const next = () =>
      read(0, Buffer.allocUnsafe(CHUNK_BYTES), 0, CHUNK_BYTES, null, (error, bytes, buffer) => {
        if (isDone) return undefined
        if (error?.code === 'EAGAIN') return setTimeout(next, 5).unref()
        if (error || bytes === 0) return done('')
        idle.refresh()
        const chunk = buffer.subarray(0, bytes)
        const found = end.find(chunk)
        chunks.push(chunk)
        if (typeof found === 'number') return done(Buffer.concat(chunks).toString('utf8', end.start, found))
        return found === 'none' || end.length > BYTES_MAX ? done('') : next()
      })
    next()
  })
}

/**
 * Finds the end of the first JSON object in a text that comes in chunks, in one pass over its bytes. Only counts
 * brackets outside of strings: whether it is valid JSON is for the parser to say.
 */
export class ObjectEnd {
  /** How many bytes came so far. */
  length = 0
  /** Where the object starts, after blanks and a byte order mark. */
  start = 0
  #depth = 0
  #isInString = false
  /** The first byte of the next chunk is escaped by a backslash. */
  #isEscaped = false

  /**
   * @returns where the object ends, in bytes from the start of the text; undefined if it isn't complete; `none` if
   *   the text doesn't start with an object
   */
  find(chunk: Uint8Array): number | 'none' | undefined {
    const before = this.length
    this.length += chunk.length
    let at = 0
    if (this.#depth === 0) {
      while (at < chunk.length && this.#isBefore(chunk[at], before + at)) at++
      if (at === chunk.length) return undefined
      if (chunk[at] !== OPEN) return 'none'
      this.start = before + at
    }
    while (at < chunk.length) {
      if (this.#isInString) at = this.#afterString(chunk, at)
      else {
        const byte = chunk[at++]
        if (byte === QUOTE) this.#isInString = true
        else if (byte === OPEN) this.#depth++
        else if (byte === CLOSE && --this.#depth === 0) return before + at
      }
    }
    return undefined
  }

  #isBefore(byte: number | undefined, position: number): boolean {
    return byte === BYTE_ORDER_MARK[position] || (byte !== undefined && BLANKS.has(byte))
  }

  /** Where the chunk continues after the string that it is in. */
  #afterString(chunk: Uint8Array, from: number): number {
    let at = from
    if (this.#isEscaped) {
      this.#isEscaped = false
      at++
    }
    for (;;) {
      // Most of a large input is one string, and `indexOf` is many times faster than looking at each byte.
      const quote = chunk.indexOf(QUOTE, at)
      const until = quote < 0 ? chunk.length : quote
      let slashes = 0
      while (until - slashes > at && chunk[until - slashes - 1] === BACKSLASH) slashes++
      const isEscaped = slashes % 2 === 1
      if (quote < 0) {
        this.#isEscaped = isEscaped
        return chunk.length
      }
      if (!isEscaped) {
        this.#isInString = false
        return quote + 1
      }
      at = quote + 1
    }
  }
}
