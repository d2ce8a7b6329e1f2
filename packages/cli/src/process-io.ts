import { styleText } from 'node:util'
import { currentFolder, isTerminal, write } from '@presence/process'
import type { Io } from './io.ts'
import { fold } from './ui/fold.ts'

/**
 * Text is unreadable in fewer columns than this. A terminal that reports fewer (some CI logs report 0)
 * doesn't know its real width.
 */
const WIDTH_MIN = 20

/** The real process. Colour follows NO_COLOR, FORCE_COLOR and whether standard output is a terminal. */
export function processIo(): Io {
  const plain = !isTerminal(1) && !process.env['FORCE_COLOR']
  return {
    env: process.env,
    cwd: currentFolder(),
    out: line => write(1, `${line}\n`),
    err: line => write(2, `${fold(line, columnsOf(2))}\n`),
    watched: isTerminal(2),
    // Moves to the start of the line and erases it (ECMA-48).
    progress: line => isTerminal(2) && write(2, `\r\u001b[K${line}`),
    ask: question => ask(question),
    askLine: async (question, shown) => (await import('./ask-line.ts')).askLine(question, shown),
    page: lines => page(lines),
    // Read at each use, because a terminal may be resized during a watch.
    get width() {
      return columnsOf(1)
    },
    paint: (style, text) => (plain ? text : styleText(style, text, { stream: process.stdout })),
  }
}

/** The columns of a terminal. Infinity if it is none, so that nothing is cut. */
function columnsOf(descriptor: 1 | 2): number {
  if (!isTerminal(descriptor)) return Number.POSITIVE_INFINITY
  const { columns } = descriptor === 1 ? process.stdout : process.stderr
  return columns >= WIDTH_MIN ? columns : Number.POSITIVE_INFINITY
}

/** Asks on the terminal, if there is one. Any answer but yes counts as no. */
async function ask(question: string): Promise<boolean | undefined> {
  if (!isTerminal(0) || !isTerminal(2)) return undefined
  const { createInterface } = process.getBuiltinModule('node:readline')
  const line = createInterface({ input: process.stdin, output: process.stderr })
  try {
    const said = await new Promise<string>(resolve => {
      line.on('close', () => resolve(''))
      line.question(question, resolve)
    })
    return /^\s*y(es)?\s*$/i.test(said)
  } finally {
    line.close()
  }
}

/** An answer taller than the terminal goes through the user's pager, as in other tools. */
function page(lines: readonly string[]): void {
  const text = lines.map(line => `${line}\n`).join('')
  const { env } = process
  const pager = env['PRESENCE_PAGER'] ?? env['PAGER'] ?? 'less'
  // Read only on a terminal, because making the stream takes 4 ms. 0 rows means that the terminal was never
  // given a size, as in some CI runners, and nobody is there to operate a pager.
  const fits = !isTerminal(1) || lines.length < (process.stdout.rows || Number.POSITIVE_INFINITY)
  if (fits || pager === '' || pager === 'cat' || !runPager(pager, text)) write(1, text)
}

/**
 * Returns false if there is no such pager. The options for less mean: F, no paging if the text fits after
 * all; R, colours; X, the text stays.
 */
function runPager(pager: string, text: string): boolean {
  const { spawnSync } = process.getBuiltinModule('node:child_process')
  // Ctrl-C belongs to the pager while it runs: if we ended here, it would fight the shell for the terminal.
  const leaveToPager = () => {}
  for (const signal of ['SIGINT', 'SIGQUIT'] as const) process.on(signal, leaveToPager)
  const env = { LESS: 'FRX', ...process.env }
  const { status, error } = spawnSync(pager, {
    input: text,
    shell: true,
    env,
    stdio: ['pipe', 'inherit', 'inherit'],
  })
  // 127: the shell found no such command.
  return !error && status !== 127
}
