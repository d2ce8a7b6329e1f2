import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { PRESENCE } from '../../../e2e/support/cli.ts'
import { has, Terminal } from '../../../e2e/support/terminal.ts'
import { isLate, newMachine, OTHERS, treeOf } from './setup.ts'

const PASSWORD = 'hunter2'
const DSN_QUESTION = 'presence: DSN:'

describe.skipIf(!has('tmux'))('presence setup at a terminal', () => {
  const start = (env: Readonly<Record<string, string>>, project: string, ...args: readonly string[]) => {
    const terminal = new Terminal('sh', { ...env, PS1: '> ' }, project)
    // tmux gives its own PATH to what it starts.
    terminal.type(`clear; PATH='${env['PATH']}' ${PRESENCE} setup ${args.join(' ')}; echo status=$?`, 'Enter')
    return terminal
  }

  it('shows what it would write, asks about each agent, writes those that are allowed, and proves them', async () => {
    const { project, env } = newMachine('claude-code', 'gemini-cli')
    using terminal = start(env, project)
    const shown = await terminal.shows('set up claude-code? [y/N]')
    expect(shown).toContain('would write')
    expect(existsSync(join(project, '.claude'))).toBe(false)
    terminal.type('y', 'Enter')
    await terminal.shows('set up gemini-cli? [y/N]')
    terminal.type('n', 'Enter')
    await terminal.shows(DSN_QUESTION)
    expect(existsSync(join(project, '.claude')), 'nothing before the last answer').toBe(false)
    terminal.type('', 'Enter')
    const done = await terminal.shows(/status=\d/)
    if (!isLate(done)) expect(done).toMatch(/ok +claude-code: SessionStart[\s\S]*status=0/)
    expect(existsSync(join(project, '.mcp.json'))).toBe(true)
    expect(existsSync(join(project, '.gemini'))).toBe(false)
    expect(existsSync(join(project, '.presence'))).toBe(false)
  })

  it('never shows a typed password, and asks again for an address that can’t be written', async () => {
    const { home, project, env } = newMachine('claude-code')
    using terminal = start(env, project)
    await terminal.shows('set up claude-code? [y/N]')
    terminal.type('y', 'Enter')
    await terminal.shows(DSN_QUESTION)
    const dsn = `mysql://ana:${PASSWORD}@127.0.0.1:1/presence`
    for (const part of [dsn.slice(0, 14), dsn.slice(14, 17), dsn.slice(17)]) {
      terminal.type(part)
      expect(await terminal.shows(/mysql:\/\/an?a?:?\**/)).not.toMatch(/hun|unt|ter2/)
    }
    await terminal.shows('mysql://ana:***@127.0.0.1:1/presence')
    terminal.type('', 'Enter')
    await terminal.shows(/contains a password/)
    terminal.type('mysql://ana@127.0.0.1:1/presencX', 'BSpace', 'e', 'Enter')
    const done = await terminal.shows(/status=\d/)
    expect(done).not.toContain(PASSWORD)
    expect(done).toMatch(/broken {2}board/)
    expect(JSON.parse(readFileSync(join(project, '.presence/config.json'), 'utf8'))).toEqual({
      dsn: 'mysql://ana@127.0.0.1:1/presence',
    })
    expect(JSON.stringify(treeOf(home, OTHERS))).not.toContain(PASSWORD)
  })

  it.each([
    ['no', [['n', 'Enter']], 1],
    ['Ctrl-C at the first question', [['', 'C-c']], 1],
    [
      'Ctrl-C at the DSN',
      [
        ['y', 'Enter'],
        ['', 'C-c'],
      ],
      1,
    ],
    [
      'Ctrl-D at the DSN',
      [
        ['y', 'Enter'],
        ['', 'C-d'],
      ],
      1,
    ],
  ] as const)('writes nothing after %s', async (_, answers, status) => {
    const { home, project, env } = newMachine('claude-code')
    const before = treeOf(home, OTHERS)
    using terminal = start(env, project)
    const questions = ['set up claude-code? [y/N]', DSN_QUESTION]
    for (const [at, [text, key]] of answers.entries()) {
      await terminal.shows(questions[at] ?? '')
      terminal.type(text, key)
    }
    const said = await terminal.shows(/status=\d/)
    expect(said).toContain('nothing was written')
    expect(said).toContain(`status=${status}`)
    expect(treeOf(home, OTHERS)).toEqual(before)
  })

  it('asks for no board where one is named already, and about each part that it removes', async () => {
    const { home, project, env, run } = newMachine('claude-code', 'codex')
    const before = treeOf(home, OTHERS)
    const named = { ...env, PRESENCE_DSN: `sqlite:${home}/.local/board.db` }
    {
      using terminal = start(named, project, '--agent', 'claude-code')
      await terminal.shows('set up claude-code? [y/N]')
      terminal.type('y', 'Enter')
      expect(await terminal.shows(/status=\d/)).not.toContain(DSN_QUESTION)
    }
    await run(['setup', '--yes', '--dsn', 'sqlite:team.db'])
    using terminal = start(env, project, '--remove')
    await terminal.shows('remove presence from claude-code? [y/N]')
    terminal.type('y', 'Enter')
    await terminal.shows('remove presence from codex? [y/N]')
    terminal.type('n', 'Enter')
    await terminal.shows("remove the board's address? [y/N]")
    terminal.type('y', 'Enter')
    expect(await terminal.shows(/status=\d/)).toContain('status=0')
    expect(existsSync(join(project, '.claude'))).toBe(false)
    expect(existsSync(join(project, '.codex/hooks.json'))).toBe(true)
    expect(existsSync(join(project, '.presence'))).toBe(false)
    await run(['setup', '--remove', '--yes'])
    const left = Object.entries(treeOf(home, OTHERS)).filter(([path]) => !path.includes('team.db'))
    expect(Object.fromEntries(left)).toEqual(before)
  })
})
