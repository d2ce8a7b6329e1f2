import { dirname, join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { PRESENCE, presenceOn } from './support/cli.ts'
import { scratchFolder } from './support/scratch.ts'
import { has, Terminal } from './support/terminal.ts'

const NODE = join(import.meta.dirname, '../node_modules/node/bin/node')
const PROGRAM = `${NODE} --disable-warning=ExperimentalWarning ${join(import.meta.dirname, 'fixtures/interactive.ts')}`
const RUN = 'presence run --claim node:a --purpose apply --'

describe.skipIf(!has('tmux') || !has('bash'))('presence run in a terminal', () => {
  /** A shell with job control, and its board. */
  function shell() {
    const folder = scratchFolder()
    const dsn = `sqlite:${folder}/board.db`
    const env = {
      PRESENCE_DSN: dsn,
      PRESENCE_SESSION_ID: 'ana',
      PATH: `${dirname(PRESENCE)}:${process.env['PATH']}`,
      HOME: process.env['HOME'] ?? folder,
      PS1: '$ ',
    }
    const terminal = new Terminal('bash --norc --noprofile', env, folder)
    onTestFinished(() => terminal[Symbol.dispose]())
    return { terminal, listed: async () => (await presenceOn(dsn, 'eve')('list', '--json')).stdout }
  }

  it.each([
    ['the terminal for its input', `${RUN} ${PROGRAM}`, []],
    ['a pipe for its input', `(trap '' INT; cat) | ${RUN} ${PROGRAM}`, ['C-d']],
  ])('passes Ctrl-C on once, and keeps the claim until the command ends, with %s', async (_, line, last) => {
    const { terminal, listed } = shell()
    terminal.type(`${line}; echo "status $?"`, 'Enter')
    terminal.type('one', 'Enter')
    await terminal.shows('read one after 0')
    terminal.type('', 'C-c')
    await terminal.shows('interrupt 1')
    expect(await listed()).toContain('"node:a"')
    terminal.type('two', 'Enter')
    await terminal.shows('read two after 1')
    terminal.type('end', 'Enter')
    await terminal.shows('read end')
    terminal.type('', ...last)
    await terminal.shows('status 9')
    expect(await listed()).toBe('[]\n')
  })

  it('is stopped by Ctrl-Z and continued by fg, with the keyboard', async () => {
    const { terminal } = shell()
    terminal.type(`${RUN} ${PROGRAM}`, 'Enter')
    terminal.type('one', 'Enter')
    await terminal.shows('read one after 0')
    terminal.type('', 'C-z')
    await terminal.shows(/Stopped/)
    terminal.type('fg', 'Enter')
    terminal.type('two', 'Enter')
    await terminal.shows('read two after 0')
    terminal.type('end', 'Enter')
    terminal.type('echo "status $?"', 'Enter')
    await terminal.shows('status 9')
  })
})
