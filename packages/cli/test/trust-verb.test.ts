import { chownSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { PRESENCE, presence } from '../../../e2e/support/cli.ts'
import { has, Terminal } from '../../../e2e/support/terminal.ts'
import { hook } from '../../hooks/test/hook-process.ts'
import { newProject, newStranger, written } from './untrusted.ts'

const isRoot = process.geteuid?.() === 0
const STRANGER = 12_345

describe('presence trust', () => {
  const trust = (terminal: Terminal) => terminal.type(`${PRESENCE} trust; echo status=$?`, 'Enter')

  it.skipIf(!has('tmux'))('shows what the file decides, asks, and trusts it if a person agrees', async () => {
    const { port } = await newStranger()
    const { project, home, file, run, put } = newProject({ dsn: `mysql://ana:hunter2@127.0.0.1:${port}/p` })
    using terminal = new Terminal('sh', { PATH: process.env['PATH'] ?? '', HOME: home, PS1: '> ' }, project)
    trust(terminal)
    const asked = await terminal.shows('trust it? [y/N]')
    expect(asked.replaceAll(/\s+/g, ' ')).toContain(file)
    expect(asked).toContain(`127.0.0.1:${port}`)
    expect(asked).toContain('PRESENCE_PASSWORD')
    expect(asked).not.toContain('hunter2')
    terminal.type('n', 'Enter')
    await terminal.shows('status=1')
    expect((await run(['list'])).status).toBe(2)
    terminal.type('clear', 'Enter')
    trust(terminal)
    await terminal.shows('trust it? [y/N]')
    // Meanwhile the file changes: what was shown is trusted, and nothing else.
    put('.presence/config.json', { dsn: 'mysql://ana:hunter2@evil.example/p' })
    terminal.type('y', 'Enter')
    await terminal.shows('status=0')
    expect((await run(['list'])).stderr).toContain('not trusted')
    const before = `dsn was mysql://ana:***@127.0.0.1:${port}/p, is now mysql://ana:***@evil.example/p`
    terminal.type('clear', 'Enter')
    trust(terminal)
    const changed = await terminal.shows('trust it? [y/N]')
    expect(changed.replaceAll(/\s+/g, '')).toContain(
      `changed since you trusted it: ${before}`.replaceAll(' ', ''),
    )
    terminal.type('n', 'Enter')
    await terminal.shows('status=1')
    put('.presence/config.json', { dsn: `mysql://ana:hunter2@127.0.0.1:${port}/p`, kinds: ['queue'] })
    expect((await run(['list'])).stderr).not.toContain('not trusted')

    const listed = await run(['trust', '--list'])
    expect(listed.stdout).toContain(`${project}: dsn mysql://ana:***@127.0.0.1:${port}/p`)
    expect((await run(['trust'])).stdout).toContain('nothing to trust')
    expect(await run(['trust', '--revoke', 'src'])).toMatchObject({ status: 0 })
    expect((await run(['list'])).stderr).toContain('not trusted')
    expect((await run(['trust', '--list'])).stdout).toBe('presence: you trust no project\n')
    expect(await run(['trust', '--revoke'])).toMatchObject({ status: 1 })
  })

  it.skipIf(!has('tmux'))(
    'asks for what the file says about the guard, and ends with a change of it',
    async () => {
      const { project, home, run, put } = newProject({
        guard: { ignore: ['kubectl scale *'], modes: { db: 'off' } },
      })
      expect((await run(['doctor'])).stdout).toMatch(
        /guard: the guard passes over ignore, modes \(off\) of .*\n?.*presence trust/,
      )
      using terminal = new Terminal('sh', { PATH: process.env['PATH'] ?? '', HOME: home, PS1: '> ' }, project)
      trust(terminal)
      const asked = await terminal.shows('trust it? [y/N]')
      expect(asked).toContain('ignore kubectl scale *')
      expect(asked).toContain('modes: db → off')
      terminal.type('y', 'Enter')
      await terminal.shows('status=0')
      expect((await run(['doctor'])).stdout).not.toContain('passes over')
      put('.presence/config.json', { guard: { ignore: ['*'] } })
      expect((await run(['doctor'])).stdout).toContain('passes over ignore')
    },
  )

  it('needs a terminal, and stores nothing without one', async () => {
    const { home, run } = newProject({ dsn: 'mysql://db.example/p' })
    const said = await run(['trust'])
    expect(said.status).toBe(2)
    expect(said.stderr).toMatch(/only a person can give trust.*\n.*PRESENCE_TRUST/)
    expect(existsSync(join(home, '.config'))).toBe(false)
  })

  const SIGNS: readonly (readonly [string, Readonly<Record<string, string>>, string])[] = [
    ['CLAUDECODE', { CLAUDECODE: '1' }, PRESENCE],
    ['CODEX_THREAD_ID', { CODEX_THREAD_ID: 'x' }, PRESENCE],
    ['GEMINI_CLI', { GEMINI_CLI: '1' }, PRESENCE],
    ['CURSOR_AGENT', { CURSOR_AGENT: '1' }, PRESENCE],
    ['a hook’s mark', { PRESENCE_HOOK_SESSION_ID: 'x' }, PRESENCE],
    [
      'a variable that it took away',
      { CLAUDE_CODE_SESSION_ID: 'x' },
      `env -u CLAUDE_CODE_SESSION_ID ${PRESENCE}`,
    ],
    ['variables that it took away', { GEMINI_CLI: '1' }, `env -i PATH="$PATH" HOME="$HOME" ${PRESENCE}`],
  ]
  it.skipIf(!has('tmux')).each(SIGNS)(
    'is refused in an agent’s session, known by %s',
    async (_, sign, command) => {
      const { project, home } = newProject({ dsn: 'mysql://db.example/p' })
      const env = { PATH: process.env['PATH'] ?? '', HOME: home, ...sign }
      // The shell in between is what an agent's tool starts.
      using terminal = new Terminal('sh', env, project)
      terminal.type(`${command} trust; echo status=$?`, 'Enter')
      const said = await terminal.shows(/status=\d/)
      expect(said).toMatch(/an agent's session[\s\S]*ask the user to run presence trust[\s\S]*status=2/)
      expect(said).not.toMatch(/PRESENCE_TRUST|PRESENCE_DSN/)
    },
  )

  it.skipIf(!has('tmux'))('is refused below an agent that a hook has recorded', async () => {
    const { project, home } = newProject({ dsn: 'mysql://db.example/p' })
    using terminal = new Terminal('sh', { PATH: process.env['PATH'] ?? '', HOME: home }, project)
    const started = `echo '{"session_id":"s1","cwd":"/"}' | ${PRESENCE} hook SessionStart --agent codex >/dev/null`
    terminal.type(`${started}; ${PRESENCE} trust; echo status=$?`, 'Enter')
    expect(await terminal.shows(/status=\d/)).toMatch(/an agent's session[\s\S]*status=2/)
  })

  it('has nothing to do in a project that needs no trust, and names a broken file of others', async () => {
    const { run, put, file } = newProject({ dsn: 'sqlite:board.db' })
    expect(await run(['trust'])).toMatchObject({
      status: 0,
      stdout: expect.stringContaining('nothing to trust'),
    })
    put('.presence/config.json', { dns: 1 })
    expect(await run(['trust'])).toMatchObject({
      status: 2,
      stderr: expect.stringContaining('did you mean dsn?'),
    })
    if (!isRoot) return
    chownSync(file, STRANGER, STRANGER)
    expect(await run(['trust'])).toMatchObject({
      status: 2,
      stderr: expect.stringContaining('did you mean dsn?'),
    })
  })
})

describe('presence init', () => {
  it('trusts the DSN on its own command line, never the one in the file', async () => {
    const { run, home } = newProject({ dsn: 'mysql://127.0.0.1:1/p' })
    const kinds = await run(['init', '--kind', 'queue'])
    expect(kinds.status).toBe(0)
    expect(kinds.stderr).toMatch(/note: not used yet: .*not trusted.*presence trust/)
    expect((await run(['list'])).status).toBe(2)
    expect((await run(['init', '--dsn', 'mysql://127.0.0.1:1/p', '--print'])).status).toBe(0)
    expect((await run(['list'])).status).toBe(2)
    expect(await run(['init', '--dsn', 'mysql://127.0.0.1:1/p'])).toMatchObject({ status: 0, stderr: '' })
    expect((await run(['list'])).stderr).toContain('unreachable')
    expect(written(home).filter(path => path.includes('trusted/'))).toHaveLength(1)
  })

  it('writes the file, and says that it is not used yet, if the trust can’t be stored', async () => {
    const { run, home } = newProject({})
    mkdirSync(join(home, '.config/presence'), { recursive: true })
    writeFileSync(join(home, '.config/presence/trusted'), 'in the way')
    const said = await run(['init', '--dsn', 'mysql://127.0.0.1:1/p'])
    expect(said.status).toBe(0)
    expect(said.stderr).toMatch(/note: not used yet: .*trusted.* can't be written/)
  })
})

describe('hooks over HTTP in a project’s settings', () => {
  const startAt = (url: string) =>
    `command -v presence >/dev/null || exit 0; PRESENCE_HOOK_PPID=$PPID presence hook SessionStart --http '${url}' || exit 0`

  it.each([
    ['loopback', (port: number) => `http://127.0.0.1:${port}/hooks/claude-code`],
    [
      'what only looks like loopback',
      (port: number) => `http://localhost:x@127.0.0.1:${port}/hooks/claude-code`,
    ],
  ])('on %s send nothing before they are trusted, and tell the agent', async (_, urlAt) => {
    const { port, heard } = await newStranger()
    const { env, project } = newProject({})
    const payload = { session_id: 's1', hook_event_name: 'SessionStart', cwd: project, source: 'startup' }
    const said = await hook({
      args: ['SessionStart', '--http', urlAt(port)],
      input: JSON.stringify(payload),
      env,
    })
    expect(said.status).toBe(0)
    expect(said.stdout).toMatch(/this user has not trusted the presence server/)
    expect(heard).toEqual([])
  })

  it('are named by doctor --hooks, which asks no server that the user doesn’t trust', async () => {
    const { port, heard } = await newStranger()
    const { env, put, run } = newProject({})
    const url = `http://127.0.0.1:${port}/hooks/claude-code`
    await run(['init', '--http', 'http://127.0.0.1:1'])
    const settings = put('x', {}).replace(/x$/, '.claude/settings.json')
    writeFileSync(
      settings,
      readFileSync(settings, 'utf8').replaceAll('http://127.0.0.1:1/hooks/claude-code', url),
    )
    expect(readFileSync(settings, 'utf8')).toContain(startAt(url))
    const PATH = `${dirname(PRESENCE)}:${process.env['PATH']}`
    const said = await presence(['doctor', '--hooks'], {
      cwd: dirname(dirname(settings)),
      env: { ...env, PATH },
      within: 20_000,
    })
    expect(said.stdout).toMatch(
      /note {4}claude-code SessionStart: asks \S+, which you haven't trusted.*presence trust/,
    )
    expect(said.stdout).not.toMatch(/ok {6}|broken {2}/)
    expect(heard).toEqual([])
  })

  it.skipIf(!has('tmux'))('are trusted by presence trust, which shows the address', async () => {
    const { port } = await newStranger()
    const { home, project, put, run } = newProject({})
    put('.claude/settings.json', {
      hooks: {
        SessionStart: [{ hooks: [{ command: startAt(`http://127.0.0.1:${port}/hooks/claude-code`) }] }],
      },
    })
    using terminal = new Terminal('sh', { PATH: process.env['PATH'] ?? '', HOME: home }, project)
    terminal.type(`${PRESENCE} trust; echo status=$?`, 'Enter')
    expect(await terminal.shows('trust it? [y/N]')).toContain(`http://127.0.0.1:${port}`)
    terminal.type('y', 'Enter')
    await terminal.shows('status=0')
    expect((await run(['trust', '--list'])).stdout).toContain(`hooks http://127.0.0.1:${port}`)
  })
})
