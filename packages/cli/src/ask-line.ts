import { isTerminal } from '@presence/process'

/** A shorter answer than this is not cut. */
const ROOM_MIN = 12

/**
 * Asks for a line on the terminal, which shows only what `shown` makes of it. Undefined if there is no terminal; null
 * if the person ended the question: Ctrl-C, Ctrl-D.
 */
export async function askLine(
  question: string,
  shown: (typed: string) => string,
): Promise<string | null | undefined> {
  if (!isTerminal(0) || !isTerminal(2)) return undefined
  const { createInterface } = process.getBuiltinModule('node:readline')
  const { Writable } = process.getBuiltinModule('node:stream')
  const { stdin, stderr } = process
  // Edits the line, and shows nothing: what is typed may be secret.
  const output = new Writable({ write: (_chunk, _encoding, done) => done() })
  const line = createInterface({ input: stdin, output, terminal: true })
  const roomAfter = (prompt: string) => (stderr.columns || 80) - prompt.length - 1
  // Only one row can be drawn again.
  const prompt = roomAfter(question) < ROOM_MIN ? '> ' : question
  if (prompt !== question) stderr.write(`${question.trimEnd()}\n`)
  const draw = () => {
    const [text, room] = [[...shown(line.line)], Math.max(ROOM_MIN, roomAfter(prompt))]
    const end = text.length > room ? `…${text.slice(1 - room).join('')}` : text.join('')
    // Moves to the start of the row and erases it (ECMA-48).
    stderr.write(`\r\u001b[K${prompt}${end}`)
  }
  try {
    return await new Promise<string | null>(resolve => {
      line.on('line', resolve)
      line.on('close', () => resolve(null))
      stdin.on('keypress', draw)
      draw()
    })
  } finally {
    stdin.off('keypress', draw)
    line.close()
    stderr.write('\n')
  }
}
