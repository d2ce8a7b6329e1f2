import { execFileSync } from 'node:child_process'
import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { Running } from '../../../e2e/support/running.ts'
import { until } from '../../../e2e/support/until.ts'
import { type AgentName, BIN, isLate, NAMES, newMachine, OTHERS, treeOf } from './setup.ts'

const SETTINGS = {
  'claude-code': ['.claude/settings.json', 'CLAUDE.md', '.mcp.json'],
  codex: ['.codex/hooks.json', 'AGENTS.md', '.codex/config.toml'],
  'gemini-cli': ['.gemini/settings.json', 'GEMINI.md'],
  cursor: ['.cursor/hooks.json', 'AGENTS.md', '.cursor/mcp.json'],
} as const

describe('presence setup finds an agent', () => {
  const MOVED = [
    ['claude-code', { CLAUDE_CONFIG_DIR: 'moved' }, 'moved'],
    ['codex', { CODEX_HOME: 'moved' }, 'moved'],
    ['gemini-cli', { GEMINI_CLI_HOME: 'moved' }, 'moved/.gemini'],
    ['claude-code', {}, '.claude'],
    ['codex', {}, '.codex'],
    ['gemini-cli', {}, '.gemini'],
    ['cursor', {}, '.cursor'],
  ] as const
  it.each(MOVED)('by its settings folder: %s with %j', async (agent, variables, folder) => {
    const { home, run } = newMachine()
    mkdirSync(join(home, folder), { recursive: true })
    const env = Object.fromEntries(Object.entries(variables).map(([name, path]) => [name, join(home, path)]))
    const { agents } = JSON.parse((await run(['setup', '--dry-run', '--json'], env)).stdout)
    expect(agents).toEqual([
      expect.objectContaining({ agent, found: [join(home, folder)], state: 'planned' }),
    ])
  })

  it('by its program on PATH, and says what it looked for if there is none', async () => {
    for (const agent of NAMES) {
      const said = await newMachine(agent).setup('--dry-run')
      expect(said).toMatchObject({ status: 0, stderr: '' })
      expect(said.stdout).toMatch(new RegExp(`^presence: ${agent}: found .*/bin/`))
    }
    const { home, put, setup } = newMachine()
    // Neither a program nor a folder.
    put(join(home, '.claude'), '')
    put(join(home, 'bin/codex'), '')
    const none = await setup('--yes')
    expect(none).toMatchObject({ status: 2, stdout: '' })
    expect(none.stderr).toMatch(/found no agent.*gemini-cli \(gemini\).*\n.*--agent claude-code/)
  })
})

describe('presence setup --yes', () => {
  it.each(NAMES)(
    'writes the files of %s, proves them, and finds everything in place the second time',
    async agent => {
      const { home, project, setup } = newMachine(agent)
      const files = SETTINGS[agent].map(file => join(project, file))
      const shown = await setup('--dry-run')
      for (const file of files) expect(shown.stdout).toContain(`presence: would write ${file}: `)
      expect(Object.keys(treeOf(project))).toEqual([join(project, '.git')])

      const first = await setup('--yes')
      expect(first, first.stderr).toMatchObject({ status: 0, stderr: '' })
      for (const file of files) expect(first.stdout).toContain(`presence: wrote ${file}: `)
      expect(first.stdout).toMatch(/wrote .*: hooks \(sessionStart|wrote .*: hooks \(SessionStart/)
      expect(first.stdout).toMatch(/presence: ok {6}board: /)
      expect(first.stdout).toMatch(
        new RegExp(`presence: ok {6}${agent}: .*[sS]essionStart.*, presence mcp\n`),
      )
      if (agent === 'codex') expect(first.stdout).toMatch(/left to you: .*start codex/)
      if (agent === 'cursor') expect(first.stdout).not.toMatch(/left to you: .*Cursor/)
      if (agent === 'gemini-cli') expect(first.stdout).toMatch(/left to you: .*start gemini/)
      if (agent === 'claude-code') expect(first.stdout).toMatch(/left to you: Claude Code asks once/)

      const before = treeOf(home, OTHERS)
      const second = await setup('--yes')
      expect(second).toMatchObject({ status: 0, stderr: '' })
      expect(second.stdout).toContain('everything is in place')
      expect(second.stdout).toMatch(new RegExp(`presence: ok {6}${agent}: `))
      expect(treeOf(home, OTHERS)).toEqual(before)
    },
  )

  it('with --user writes the user’s own files, and says how to add the server that only Claude Code may add', async () => {
    const { home, project, put, setup, run } = newMachine('claude-code', 'cursor')
    const said = await setup('--yes', '--user')
    expect(said).toMatchObject({ status: 0 })
    for (const file of [
      '.claude/settings.json',
      '.claude/CLAUDE.md',
      '.cursor/hooks.json',
      '.cursor/mcp.json',
    ])
      expect(existsSync(join(home, file)), file).toBe(true)
    expect(Object.keys(treeOf(project))).toEqual([join(project, '.git')])
    expect(said.stdout).toContain('run: claude mcp add --scope user presence -- presence mcp')
    expect(said.stdout).toContain('cursor has no file for your own rules')
    put(join(home, '.claude.json'), '{"mcpServers": {"presence": {"command": "presence", "args": ["mcp"]}}}')
    expect((await setup('--yes', '--user')).stdout).not.toContain('claude mcp add')
    expect((await run(['setup', '--remove', '--user', '--yes'])).stdout).toContain(
      'run: claude mcp remove --scope user presence',
    )
  })

  it('sets up only the agents that are named, also one that is not here yet', async () => {
    const { project, setup } = newMachine('claude-code', 'codex')
    const said = await setup('--yes', '--agent', 'codex', '--agent', 'gemini-cli')
    expect(said.status).toBe(0)
    expect(said.stdout).toContain('gemini-cli: not found here')
    expect(existsSync(join(project, '.claude'))).toBe(false)
    for (const folder of ['.codex', '.gemini']) expect(existsSync(join(project, folder))).toBe(true)
    const wrong = await setup('--yes', '--agent', 'copilot')
    expect(wrong).toMatchObject({ status: 2, stdout: '' })
    expect(wrong.stderr).toContain('claude-code, codex, gemini-cli, cursor')
  })

  it('keeps the options that the hooks were written with', async () => {
    const { project, run, setup } = newMachine('claude-code')
    const options = ['--deny-task-tools', '--release-on-stop', '--statusline']
    await run(['init', '--hooks', 'claude-code', ...options])
    const settings = () => readFileSync(join(project, '.claude/settings.json'), 'utf8')
    const before = settings()
    expect((await setup('--yes')).status).toBe(0)
    expect(settings()).toBe(before)
    await run(['init', '--http', '--deny-task-tools'])
    const http = settings()
    expect((await setup('--dry-run')).stdout).not.toContain('settings.json')
    expect(http).toContain('127.0.0.1:8787')
    expect((await setup('--yes')).stdout).toContain(
      'left to you: the hooks send requests to http://127.0.0.1:8787,',
    )
    expect(settings()).toBe(http)
  })

  it('leaves another server called presence alone, and says so', async () => {
    const { project, put, setup } = newMachine('claude-code')
    const text = '{"mcpServers": {"presence": {"type": "http", "url": "http://board.example/mcp"}}}'
    put(join(project, '.mcp.json'), text)
    const said = await setup('--yes')
    expect(said.stdout).toMatch(/left to you: .*has another server called presence, which stays/)
    expect(readFileSync(join(project, '.mcp.json'), 'utf8')).toBe(text)
  })

  it('says with --json what it did, what doctor found, and what is left', async () => {
    const tried = async () => {
      const machine = newMachine('gemini-cli')
      return { machine, said: await machine.run(['setup', '--yes', '--json']) }
    }
    let { machine, said } = await tried()
    while (isLate(said.stdout)) ({ machine, said } = await tried())
    const { project } = machine
    expect(said).toMatchObject({ status: 0, stderr: '' })
    const { agents, doctor, left } = JSON.parse(said.stdout)
    expect(agents).toMatchObject([{ agent: 'gemini-cli', state: 'done' }])
    expect(agents[0].files).toContainEqual({
      path: join(project, '.gemini/settings.json'),
      parts: ['hooks (SessionStart, BeforeAgent, BeforeTool, AfterTool, SessionEnd)', 'MCP server'],
      deleted: false,
      written: true,
    })
    expect(doctor.broken).toBe(0)
    expect(doctor.findings).toContainEqual(expect.objectContaining({ check: 'gemini-cli mcp', status: 'ok' }))
    expect(left.join()).toContain('start gemini')
  })

  it('says that presence is not on PATH if only npx put it there', async () => {
    const { home, run, env } = newMachine('claude-code')
    const folder = join(home, '_npx/node_modules/.bin')
    mkdirSync(folder, { recursive: true })
    symlinkSync(join(BIN, 'presence'), join(folder, 'presence'))
    const PATH = `${folder}:${env.PATH.replace(`${BIN}:`, '')}`
    const said = await run(['setup', '--yes'], { PATH, npm_config_user_agent: 'npm' })
    expect(said.status).toBe(3)
    expect(said.stdout).toMatch(/left to you: presence is not on your PATH/)
    expect(said.stdout).toMatch(/broken {2}claude-code SessionStart: .*presence never ran/)
  })
})

describe('a file that presence setup can’t use', () => {
  const BAD: readonly (readonly [AgentName, string, string | Buffer | undefined, RegExp])[] = [
    ['gemini-cli', '.gemini/settings.json', '{"hooks": ', /settings\.json is not JSON/],
    ['gemini-cli', '.gemini/settings.json', '[]', /is not a JSON object/],
    ['claude-code', '.claude/settings.json', '{"hooks": []}', /hooks that are not an object/],
    ['claude-code', '.mcp.json', '{"mcpServers": 1}', /mcpServers that are not an object/],
    ['codex', '.codex/config.toml', '[mcp_servers\n', /config\.toml is not TOML/],
    ['cursor', '.cursor/mcp.json', Buffer.from([0x7b, 0xff, 0x7d]), /is not in UTF-8/],
    ['cursor', '.cursor/hooks.json', undefined, /hooks\.json is not a regular file/],
  ]
  it.each(BAD)(
    'is named with the remedy, %s stays as it is (%s: %s), and another agent is set up',
    async (agent, file, content, message) => {
      const other = agent === 'claude-code' ? 'gemini-cli' : 'claude-code'
      const { project, put, setup } = newMachine(agent, other)
      if (content === undefined) mkdirSync(join(project, file), { recursive: true })
      else put(join(project, file), content)
      const isOthers = (path: string) => !SETTINGS[other].some(each => join(project, each).startsWith(path))
      const before = Object.entries(treeOf(project))

      const said = await setup('--yes')

      expect(said.status).toBe(2)
      expect(said.stderr).toMatch(
        new RegExp(`presence: ${agent} stays as it is:\npresence: .*${message.source}`),
      )
      expect(said.stderr).toContain('presence: hint: ')
      expect(said.stdout).toMatch(new RegExp(`presence: ok {6}${other}: `))
      expect(Object.entries(treeOf(project)).filter(([path]) => isOthers(path))).toEqual(before)
      const { agents } = JSON.parse((await setup('--dry-run', '--json')).stdout)
      expect(agents).toContainEqual(
        expect.objectContaining({ agent, state: 'failed', error: expect.anything() }),
      )
    },
  )

  it.each<[string, string, (file: string) => void]>([
    ['a pipe', 'is not a regular file', file => void execFileSync('mkfifo', [file])],
    ['a link to a device', 'is not a regular file', file => symlinkSync('/dev/zero', file)],
    ['a folder', 'is not a regular file', file => mkdirSync(file)],
    ['too large', 'is larger than 4 MB', file => writeFileSync(file, 'x'.repeat(4 * 1024 * 1024 + 1))],
  ])('because it is %s is named at once', async (_, told, make) => {
    const { project, setup } = newMachine('claude-code', 'gemini-cli')
    for (const file of ['CLAUDE.md', '.mcp.json', '.claude/settings.json']) {
      mkdirSync(dirname(join(project, file)), { recursive: true })
      make(join(project, file))
      const said = await setup('--dry-run')
      expect(said.status).toBe(2)
      expect(said.stderr).toContain(`${join(project, file)} ${told}`)
      const whole = await setup('--yes')
      expect(whole.status).toBe(2)
      expect(whole.stdout).toMatch(/presence: ok {6}gemini-cli: /)
      expect((await setup('--remove', '--yes')).status).toBe(0)
      rmSync(join(project, file), { recursive: true })
    }
  })

  it.each([
    ['CLAUDE.md', 'outside.md', 'outside.md'],
    ['.claude', 'outside', 'outside/settings.json'],
  ])(
    'because %s leads out of the project is not written, and another agent is set up',
    async (link, to, target) => {
      const { home, project, put, run, setup } = newMachine('claude-code', 'gemini-cli')
      if (to.endsWith('.md')) put(join(home, to), '# Mine\n')
      else mkdirSync(join(home, to))
      symlinkSync(join('..', to), join(project, link))
      const before = treeOf(home, ['project', ...OTHERS])
      const told = new RegExp(`${link}\\S* leads to ${join(home, target)}, outside of the project`)

      for (const how of [['--hooks', 'claude-code'], ...(link === 'CLAUDE.md' ? [['--rules']] : [])])
        expect(await run(['init', ...how])).toMatchObject({ status: 2, stderr: expect.stringMatching(told) })
      expect(treeOf(home, ['project', ...OTHERS])).toEqual(before)

      const said = await setup('--yes')
      expect(said.status).toBe(2)
      expect(said.stderr).toContain('presence: claude-code stays as it is:')
      expect(said.stderr).toMatch(told)
      expect(said.stderr).toMatch(
        /hint: .*replace the link by a file of the project, or choose your own files instead/,
      )
      expect(said.stdout).toMatch(/presence: ok {6}gemini-cli: /)
      expect(treeOf(home, ['project', '.config', ...OTHERS])).toEqual(before)
      expect(existsSync(join(project, '.mcp.json'))).toBe(false)
    },
  )

  it('because it is a link to a missing file stays one', async () => {
    const { project, setup } = newMachine('claude-code')
    symlinkSync('nowhere.md', join(project, 'CLAUDE.md'))
    const said = await setup('--yes')
    expect(said.status).toBe(2)
    expect(said.stderr).toContain('CLAUDE.md is a link to a file that is missing')
    expect(Object.keys(treeOf(project))).toEqual([join(project, '.git'), join(project, 'CLAUDE.md')])
  })

  it('because no folder can be made there fails at once, and leaves nothing half-written', async () => {
    const { home, run } = newMachine('claude-code', 'gemini-cli')
    mkdirSync(join(home, '.gemini'))
    const before = Object.keys(treeOf(join(home, 'project')))
    const said = await run(['setup', '--yes', '--user'], { CLAUDE_CONFIG_DIR: '/proc/nowhere' })
    expect(said.status).toBe(3)
    expect(said.stderr).toMatch(
      /claude-code stays as it is:\n.*\/proc\/nowhere\/settings\.json can't be written/,
    )
    expect(existsSync(join(home, '.gemini/settings.json'))).toBe(true)
    expect(Object.keys(treeOf(join(home, 'project')))).toEqual(before)
    const board = await run(['setup', '--yes', '--user', '--dsn', 'sqlite:/x.db'], {
      XDG_CONFIG_HOME: '/proc',
    })
    expect(board.status).toBe(3)
    expect(board.stderr).toContain("/proc/presence/config.json can't be written")
  })
})

it('presence setup that is interrupted while it proves has written everything, and exits 130', async () => {
  const { project, bin, env, put, setup } = newMachine('claude-code')
  put(join(bin, 'presence'), `#!/bin/sh\n[ "$1" = hook ] && exec sleep 20\nexec ${BIN}/presence "$@"\n`)
  chmodSync(join(bin, 'presence'), 0o755)
  await using running = new Running(['setup', '--yes'], env, { cwd: project })
  await until('the files', () => existsSync(join(project, '.mcp.json')))
  const said = await running.end('SIGINT')
  expect(said.status).toBe(130)
  expect(said.stderr).toContain('presence: interrupted')
  writeFileSync(join(bin, 'presence'), `#!/bin/sh\nexec ${BIN}/presence "$@"\n`)
  expect((await setup()).stdout).toContain('everything is in place')
})
