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
    // To the line's beginning, and what stood there erased (ECMA-48).
    progress: line => stderr.isTTY && stderr.write(`\r\u001b[K${line}`),
    page: lines => page(lines),
    // Asked for anew each time: a terminal may be resized while a watch goes on.
    get width() {
      return stdout.isTTY && stdout.columns >= WIDTH_MIN ? stdout.columns : Number.POSITIVE_INFINITY
    },
    paint: (style, text) => styleText(style, text, { stream: stdout }),
  }
}

/** An answer taller than the terminal goes through the user's pager, as other tools' do. */
function page(lines: readonly string[]): void {
  const text = lines.map(line => `${line}\n`).join('')
  const { stdout, env } = process
  const pager = env['PRESENCE_PAGER'] ?? env['PAGER'] ?? 'less'
  const fits = !stdout.isTTY || lines.length < stdout.rows
  if (fits || pager === '' || pager === 'cat' || !runPager(pager, text)) stdout.write(text)
}

/** False when there is no such pager. F: no pager for what fits after all; R: colours; X: the text stays. */
function runPager(pager: string, text: string): boolean {
  const { spawnSync } = process.getBuiltinModule('node:child_process')
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
