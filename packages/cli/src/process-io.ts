import { styleText } from 'node:util'
import type { Io } from './io.ts'

/** Narrower than this no text is readable, and a terminal that says so (0 in some CI logs) doesn't mean it. */
const WIDTH_MIN = 20

/** The real world. Colour follows NO_COLOR, FORCE_COLOR and whether standard output is a terminal. */
export function processIo(): Io {
  const { stdout, stderr } = process
  return {
    env: process.env,
    cwd: process.cwd(),
    out: line => stdout.write(`${line}\n`),
    err: line => stderr.write(`${line}\n`),
    width: stdout.isTTY && stdout.columns >= WIDTH_MIN ? stdout.columns : Number.POSITIVE_INFINITY,
    paint: (style, text) => styleText(style, text, { stream: stdout }),
  }
}
