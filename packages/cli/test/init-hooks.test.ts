import { execFileSync } from 'node:child_process'
import {
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { beforeEach, describe, expect, it } from 'vitest'
import { presence } from '../../../e2e/support/cli.ts'
import { scratchFolder } from '../../../e2e/support/scratch.ts'

const BIN = join(import.meta.dirname, '../bin')
/** A PATH without presence; npm adds presence to a test's PATH. */
const BARE = '/usr/bin:/bin'

let project: string
beforeEach(() => {
  project = scratchFolder()
  mkdirSync(join(project, '.git'))
  mkdirSync(join(project, 'deep/below'), { recursive: true })
})

const init = (...args: string[]) =>
  presence(['init', '--hooks', ...args], { cwd: join(project, 'deep/below') })
const read = (path: string) => readFileSync(join(project, path), 'utf8')

describe('presence init --hooks', () => {
  it('wires an agent at the project’s top, says what it wrote, and has nothing to do the second time', async () => {
    const first = await presence(['init', '--hooks', 'claude-code'], {
      cwd: join(project, 'deep/below'),
      env: { PATH: `${BIN}:${process.env['PATH']}` },
    })
    expect(first).toMatchObject({ status: 0, stderr: '' })
    expect(first.stdout).toBe(
      `presence: wrote ${project}/.claude/settings.json\npresence: wrote ${project}/CLAUDE.md\n`,
    )
    expect((await init('claude-code')).stdout).toMatch(/nothing to do in .*\n.*nothing to do in/)
  })

  it.each([
    ['claude-code', '.claude/settings.json', 'CLAUDE.md'],
    ['codex', '.codex/hooks.json', 'AGENTS.md'],
    ['gemini-cli', '.gemini/settings.json', 'GEMINI.md'],
    ['cursor', '.cursor/hooks.json', 'AGENTS.md'],
  ])(
    'for %s writes %s, whose commands run and answer, and removes all of it again',
    async (agent, settings, rules) => {
      expect((await init(agent, '--deny-task-tools')).status).toBe(0)
      const { hooks } = JSON.parse(read(settings))
      const commands = JSON.stringify(hooks).match(/command -v[^"]*/g) ?? []
      expect(commands.length).toBeGreaterThanOrEqual(5)
      for (const command of commands) {
        const env = { PATH: `${BIN}:${process.env['PATH']}`, HOME: project }
        const said = execFileSync('sh', ['-c', command], {
          input: '{"session_id":"s1"}',
          env,
          encoding: 'utf8',
        })
        if (said !== '') expect(JSON.parse(said)).toBeTypeOf('object')
        // Without presence a shared file does no harm.
        execFileSync('/bin/sh', ['-c', command], { stdio: 'ignore', env: { PATH: '/nowhere' } })
      }
      expect(read(rules)).toContain('presence claim <label> --purpose')
      expect((await init(agent, '--remove')).status).toBe(0)
      expect(existsSync(join(project, settings))).toBe(agent === 'cursor')
      expect(existsSync(join(project, rules))).toBe(false)
    },
  )

  it('keeps everything else in the file, its mode, and a link as a link', async () => {
    mkdirSync(join(project, '.claude'))
    writeFileSync(join(project, 'shared.json'), '{\n  // ours\n  "model": "opus"\n}\n', { mode: 0o640 })
    symlinkSync('../shared.json', join(project, '.claude/settings.json'))
    writeFileSync(join(project, 'CLAUDE.md'), '# Rules\n')
    await init('claude-code')
    expect(read('shared.json')).toContain('// ours\n  "model": "opus",')
    expect(statSync(join(project, 'shared.json')).mode & 0o777).toBe(0o640)
    expect(lstatSync(join(project, '.claude/settings.json')).isSymbolicLink()).toBe(true)
    expect(read('CLAUDE.md')).toMatch(/^# Rules\n\n<!-- presence/)
  })

  it('with --user writes into the home, rules too if the agent reads any there', async () => {
    const home = scratchFolder()
    const user = (agent: string, ...more: string[]) =>
      presence(['init', '--hooks', agent, '--user', ...more], { cwd: project, env: { HOME: home } })
    expect((await user('claude-code')).stdout).toBe(
      `presence: wrote ${home}/.claude/settings.json\npresence: wrote ${home}/.claude/CLAUDE.md\n`,
    )
    expect(readFileSync(join(home, '.claude/CLAUDE.md'), 'utf8')).toContain('presence claim <label>')
    expect(existsSync(join(project, 'CLAUDE.md'))).toBe(false)
    expect((await user('cursor')).stderr).toContain('cursor has no file for your own rules')
    await user('claude-code', '--remove')
    expect(existsSync(join(home, '.claude/CLAUDE.md'))).toBe(false)
  })

  it('says what the hooks still need: presence on PATH, the trust that Codex asks for', async () => {
    const bare = await presence(['init', '--hooks', 'claude-code'], { cwd: project, env: { PATH: BARE } })
    expect(bare.stderr).toContain('presence is not on your PATH')
    const env = { PATH: `${BIN}:${process.env['PATH']}` }
    const said = await presence(['init', '--hooks', 'codex'], { cwd: project, env })
    const [hooks, ofProject, ...rest] = said.stderr.trim().split('\n')
    expect(hooks).toBe('presence: note: Codex runs hooks once you have reviewed and trusted them: /hooks')
    expect(ofProject).toContain(`config.toml does not say that you trust ${project}: start codex`)
    expect(rest).toEqual([])
  })

  it('with --remove says what it removed, and what is only a part of a file', async () => {
    writeFileSync(join(project, 'CLAUDE.md'), '# Ours\n')
    await init('claude-code')
    expect((await init('claude-code', '--remove')).stdout).toBe(
      `presence: removed ${project}/.claude/settings.json\npresence: removed presence's part of ${project}/CLAUDE.md\n`,
    )
    expect((await init('claude-code', '--remove')).stdout).not.toContain('removed')
  })

  it('keeps rules that another agent reads too, until none of them is wired', async () => {
    await init('codex')
    await init('cursor')
    await init('cursor', '--remove')
    expect(read('AGENTS.md')).toContain('presence claim <label>')
    await init('codex', '--remove')
    expect(existsSync(join(project, 'AGENTS.md'))).toBe(false)
  })

  it('removes its rules from the file that a link points to, and keeps the link', async () => {
    writeFileSync(join(project, 'AGENTS.md'), '')
    symlinkSync('AGENTS.md', join(project, 'CLAUDE.md'))
    await init('claude-code')
    expect(read('AGENTS.md')).toContain('presence claim <label>')
    await init('claude-code', '--remove')
    expect(read('AGENTS.md')).toBe('')
    expect(lstatSync(join(project, 'CLAUDE.md')).isSymbolicLink()).toBe(true)
  })

  it('with --remove leaves settings without our hooks unchanged', async () => {
    mkdirSync(join(project, '.claude'))
    writeFileSync(join(project, '.claude/settings.json'), '{"hooks":{}}')
    expect((await init('claude-code', '--remove')).stdout).toContain('nothing to do in')
    expect(read('.claude/settings.json')).toBe('{"hooks":{}}')
  })

  it.each([
    ['--remove', ', --mcp <agent> or --rules'],
    ['--deny-task-tools', ''],
    ['--release-on-stop', ''],
    ['--statusline', ''],
    ['--guard=note', ''],
    ['--via=mcp', ''],
  ])('is required by %s%s', async (option, alternatives) => {
    const said = await presence(['init', option], { cwd: project })
    expect(said).toMatchObject({ status: 2, stdout: '' })
    expect(said.stderr).toContain(`${option.split('=')[0]} requires --hooks <agent>${alternatives}\n`)
  })

  it.each([
    ['claude-code', '.claude/settings.json', 'PreToolUse', ['PostToolUse', 'PostToolUseFailure']],
    ['codex', '.codex/hooks.json', 'PreToolUse', ['PostToolUse']],
    ['gemini-cli', '.gemini/settings.json', 'BeforeTool', ['AfterTool']],
    ['cursor', '.cursor/hooks.json', 'beforeShellExecution', ['postToolUse', 'postToolUseFailure']],
  ])(
    'wires the guard of %s in %s at %s, and keeps the mode until another is asked for',
    async (agent, file, before, after) => {
      const modes = () => {
        const { hooks } = JSON.parse(read(file))
        const modeOf = (event: string) => / --guard ([a-z]+)/.exec(JSON.stringify(hooks[event] ?? ''))?.[1]
        return [before, ...after].map(modeOf)
      }
      await init(agent)
      expect(modes()).toEqual([before, ...after].map(() => 'pause'))
      await init(agent, '--guard', 'deny')
      expect(modes()).toEqual([before, ...after].map(() => 'deny'))
      await init(agent, '--release-on-stop')
      expect(modes()).toEqual([before, ...after].map(() => 'deny'))
      await init(agent, '--guard', 'off')
      expect(modes()).toEqual([undefined, 'off', ...after.slice(1).map(() => undefined)])
      await init(agent)
      expect(modes()[0]).toBeUndefined()
      expect(await init(agent, '--guard', 'ask')).toMatchObject({ status: 2 })
    },
  )

  it('with --via mcp adds a hook that the agent’s MCP server answers, keeps it, and takes it out again', async () => {
    const before = () => JSON.parse(read('.claude/settings.json')).hooks.PreToolUse
    await init('claude-code', '--via', 'mcp')
    expect(before()).toMatchObject([
      {
        matcher: 'Bash',
        hooks: [
          { type: 'mcp_tool', server: 'presence', tool: 'hook', input: { mode: 'pause' } },
          { type: 'command', command: expect.stringContaining('--guard pause --via mcp') },
        ],
      },
      { matcher: 'mcp__.*', hooks: [{ type: 'command' }] },
    ])
    await init('claude-code', '--guard', 'deny')
    expect(before()[0].hooks[0]).toMatchObject({ type: 'mcp_tool', input: { mode: 'deny' } })
    await init('claude-code', '--via', 'command')
    expect(before()).toMatchObject([{ matcher: 'Bash|mcp__.*', hooks: [{ type: 'command' }] }])
    await init('claude-code', '--via', 'mcp')
    await init('claude-code', '--remove')
    expect(existsSync(join(project, '.claude/settings.json'))).toBe(false)
    expect(await init('codex', '--via', 'mcp')).toMatchObject({ status: 2 })
  })

  it('refuses options for the config file', async () => {
    for (const args of [
      ['--dsn', 'sqlite:/tmp/x.db'],
      ['--kind', 'queue'],
    ])
      expect(await init('codex', ...args)).toMatchObject({ status: 2 })
    expect(existsSync(join(project, '.codex'))).toBe(false)
  })

  it('adds a status line, and removes it with the rest', async () => {
    await init('claude-code', '--statusline')
    expect(JSON.parse(read('.claude/settings.json')).statusLine.command).toContain('presence statusline')
    expect(await init('codex', '--statusline')).toMatchObject({ status: 2 })
    await init('claude-code', '--remove')
    expect(existsSync(join(project, '.claude/settings.json'))).toBe(false)
  })

  it('with --print shows both files and writes neither', async () => {
    const said = await init('claude-code', '--print')
    expect(said.stdout).toContain('"PostToolUse"')
    expect(said.stdout).toContain('## Presence')
    expect(existsSync(join(project, '.claude'))).toBe(false)
  })

  it('never overwrites settings that it can not read', async () => {
    mkdirSync(join(project, '.claude'))
    writeFileSync(join(project, '.claude/settings.json'), '{"hooks": ')
    const said = await init('claude-code')
    expect(said.status).not.toBe(0)
    expect(said.stderr).toContain('settings.json is not JSON')
    expect(read('.claude/settings.json')).toBe('{"hooks": ')
  })

  it('is checked by doctor --hooks, which names what fires twice and what does not fire', async () => {
    const home = scratchFolder()
    const env = {
      HOME: home,
      PATH: `${BIN}:${process.env['PATH']}`,
      PRESENCE_DSN: `sqlite:${home}/b.db`,
    }
    const doctor = () => presence(['doctor', '--hooks'], { cwd: project, env, within: 20_000 })
    expect((await doctor()).stdout).toContain('note    hooks: no agent has presence hooks')
    await init('claude-code', '--deny-task-tools')
    await init('cursor')
    const proven = await doctor()
    expect(proven).toMatchObject({ status: 0, stderr: '' })
    expect(proven.stdout).toMatch(
      /ok {6}claude-code SessionStart: takes \d+ ms; the board answers; the hook's output is .*"SessionStart".*Prese/,
    )
    expect(proven.stdout).toMatch(/ok {6}cursor postToolUse: takes/)
    const who = await presence(['who'], { env })
    expect(who.stdout, 'doctor leaves nothing on the board').toBe('presence: no sessions\n')
    expect(readdirSync(join(home, '.local/state/presence/hooks'))).toEqual([])

    mkdirSync(join(home, '.claude'))
    const other = { type: 'command', command: '/opt/presence-hook SessionStart' }
    writeFileSync(
      join(home, '.claude/settings.json'),
      JSON.stringify({ hooks: { SessionStart: [{ hooks: [other] }] } }),
    )
    const nowhere = { ...env, PATH: BARE }
    const silent = await presence(['doctor', '--hooks'], { cwd: project, env: nowhere, within: 20_000 })
    expect(silent.status).toBe(3)
    expect(silent.stdout).toContain('claude-code SessionStart: exited with status 0, but presence never ran')
    const away = { ...env, PRESENCE_DSN: 'mysql://nobody@127.0.0.1:1/presence' }
    const unknown = await presence(['doctor', '--hooks'], { cwd: project, env: away, within: 20_000 })
    expect(unknown.status).toBe(3)
    expect(unknown.stdout).toMatch(/broken {2}claude-code UserPromptSubmit: the board did not answer it/)
    const queue = join(home, '.local/state/presence/queue')
    const queued = existsSync(queue)
      ? readdirSync(queue).filter(name => statSync(join(queue, name)).size > 0)
      : []
    expect(queued, 'doctor sends nothing later').toEqual([])
    const malformed = { ...env, PRESENCE_DSN: 'mysql://nobody@127.0.0.1' }
    const unusable = await presence(['doctor', '--hooks'], { cwd: project, env: malformed, within: 20_000 })
    expect(unusable.status).toBe(2)
    expect(unusable.stdout).toMatch(/broken {2}claude-code UserPromptSubmit: the board can't be used: .*DSN/)
    expect(unusable.stdout).not.toContain('run: presence doctor')

    const broken = await doctor()
    expect(broken.status).toBe(0)
    expect(broken.stdout).toMatch(/note {4}hooks: claude-code SessionStart fires 2 times/)
    expect(broken.stdout).toMatch(
      /note {4}claude-code SessionStart: presence did not write .*, so doctor does not run it/,
    )
  })

  it('lists the agents that it knows', async () => {
    const said = await init('copilot')
    expect(said.status).toBe(2)
    expect(said.stderr).toContain('claude-code, codex, gemini-cli, cursor')
  })
})

describe('presence init --rules', () => {
  const rules = (...args: string[]) =>
    presence(['init', '--rules', ...args], { cwd: join(project, 'deep/below') })

  it('writes the rules into each existing file for agents, and removes them again', async () => {
    writeFileSync(join(project, 'CLAUDE.md'), '# Ours\n')
    writeFileSync(join(project, 'GEMINI.md'), '')
    const said = await rules()
    expect(said).toMatchObject({ status: 0, stderr: '' })
    expect(said.stdout).toBe(`presence: wrote ${project}/CLAUDE.md\npresence: wrote ${project}/GEMINI.md\n`)
    for (const file of ['CLAUDE.md', 'GEMINI.md']) expect(read(file)).toContain('presence claim <label>')
    expect((await rules()).stdout).toMatch(/nothing to do in .*\n.*nothing to do in/)
    expect((await rules('--remove')).status).toBe(0)
    expect(read('CLAUDE.md')).toBe('# Ours\n')
    expect((await rules('--remove')).stdout).toContain('nothing to do')
  })

  it('creates AGENTS.md if there is no such file, and writes nothing with --print', async () => {
    expect((await rules('--print')).stdout).toContain('presence claim <label>')
    expect(existsSync(join(project, 'AGENTS.md'))).toBe(false)
    expect((await rules()).stdout).toBe(`presence: wrote ${project}/AGENTS.md\n`)
    await rules('--remove')
    expect(existsSync(join(project, 'AGENTS.md'))).toBe(false)
    expect((await rules('--remove')).stdout).toContain('the project has no AGENTS.md, CLAUDE.md or GEMINI.md')
  })

  it.each([
    ['--rules', () => rules()],
    ['--hooks claude-code', () => init('claude-code')],
  ])(
    'with %s writes at most 1.5 KB, and what sessions of roles need only if roles are configured',
    async (_, write) => {
      writeFileSync(join(project, 'CLAUDE.md'), '')
      await write()
      expect(Buffer.byteLength(read('CLAUDE.md'))).toBeLessThanOrEqual(1_500)
      expect(read('CLAUDE.md')).not.toMatch(/role|worktree|session end/i)
      mkdirSync(join(project, '.presence'))
      const configure = (config: object) =>
        writeFileSync(join(project, '.presence/config.json'), JSON.stringify(config))
      configure({ roles: { backend: {} } })
      await write()
      for (const part of ['presence message inbox', 'STATUS_UPDATE', 'presence who', '.worktrees/<role>'])
        expect(read('CLAUDE.md')).toContain(part)
      expect(read('CLAUDE.md')).toContain("Without presence's hooks, end with `presence session end`")
      configure({ roles: {} })
      await write()
      expect(Buffer.byteLength(read('CLAUDE.md'))).toBeLessThanOrEqual(1_500)
    },
  )

  it.each([['--user'], ['--kind', 'queue'], ['--statusline'], ['--dsn', 'sqlite:x']])(
    'refuses %s',
    async (...more) => {
      expect((await rules(...more)).status).toBe(2)
    },
  )
})
