import { fstatSync, writeSync } from 'node:fs'

/**
 * Writes to standard output and error without Node's streams, which take a tenth of a whole command's time to
 * load. For a terminal it uses the stream, because only the stream knows the terminal's size.
 *
 * @param orLeave the exit status if standard output can't be written
 */
export function write(descriptor: 1 | 2, text: string, orLeave = 3): void {
  if (isTerminal(descriptor)) {
    const stream = descriptor === 1 ? process.stdout : process.stderr
    stream.write(text)
    return
  }
  let rest = Buffer.from(text)
  while (rest.length > 0) {
    try {
      rest = rest.subarray(writeSync(descriptor, rest))
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException
      // A non-blocking pipe is full: wait for its reader.
      if (code === 'EAGAIN') Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5)
      else if (descriptor === 2) return
      // A reader that closed its end early (`presence list | head`) has what it wanted.
      else if (code === 'EPIPE') process.exit(0)
      else {
        write(2, `presence: the answer could not be written (${code})\n`)
        process.exit(orLeave)
      }
    }
  }
}

export function isTerminal(descriptor: 0 | 1 | 2): boolean {
  try {
    return fstatSync(descriptor).isCharacterDevice() && streamOf(descriptor).isTTY
  } catch {
    return false
  }
}

function streamOf(descriptor: 0 | 1 | 2): { readonly isTTY: boolean } {
  if (descriptor === 0) return process.stdin
  return descriptor === 1 ? process.stdout : process.stderr
}
