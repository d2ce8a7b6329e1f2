import { appendFileSync, existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { NAMES, newMachine, OTHERS, treeOf } from './setup.ts'

const COMMENTED = '{\n\t// mine\n\t"model": "opus",\n\t"hooks": { "Stop": [] },\n}\n'
const HOOK = '{"hooks":{"SessionStart":[{"hooks":[{"type":"command","command":"say hello"}]}]}}'

/** What a project had before, for each file that setup may write. */
const CASES: readonly (readonly [string, Readonly<Record<string, string>>])[] = [
  ['nothing', {}],
  [
    'empty objects',
    { '.claude/settings.json': '{}', '.gemini/settings.json': '{ }\n', '.mcp.json': '{\n\n}' },
  ],
  [
    'empty files',
    { 'CLAUDE.md': '', 'AGENTS.md': '\n', '.claude/settings.json': '', '.codex/config.toml': '' },
  ],
  [
    'empty members',
    {
      '.claude/settings.json': '{"hooks": {}}',
      '.codex/hooks.json': '{ "hooks": { "SessionStart": [] } }\n',
      '.gemini/settings.json': '{"mcpServers":{},"hooks":{"SessionEnd":[\n]}}',
      '.cursor/hooks.json': '{"hooks": {}}',
      '.cursor/mcp.json': '{"mcpServers": {}}',
    },
  ],
  [
    'comments, hooks and servers of others',
    {
      '.claude/settings.json': COMMENTED,
      '.codex/hooks.json': HOOK,
      '.codex/config.toml': '# mine\nmodel = "x"\n\n[mcp_servers.other]\ncommand = "y"',
      '.gemini/settings.json': '{"mcpServers": {"other": {"command": "y"}}, "theme": "dark"}',
      '.cursor/hooks.json': '{"version": 1, "hooks": {"stop": [{"command": "say"}]}}',
      '.mcp.json': '{\r\n  "mcpServers": {\r\n    "other": { "command": "y" }\r\n  }\r\n}\r\n',
    },
  ],
  [
    'rules that end in different ways',
    { 'CLAUDE.md': '# Ours', 'AGENTS.md': '# Ours\n\n', 'GEMINI.md': '# Ours\r\n\r\n' },
  ],
  [
    'a byte order mark',
    { '.claude/settings.json': '\ufeff{"model": "opus"}', 'CLAUDE.md': '\ufeff# Ours\n' },
  ],
  ['a config file', { '.presence/config.json': '{"kinds":["queue"]}' }],
]

describe('presence setup --remove', () => {
  it.each(CASES)(
    'restores a project that had %s, byte for byte, with all agents set up',
    async (_, files) => {
      const { home, project, put, setup, run } = newMachine(...NAMES)
      for (const [file, text] of Object.entries(files)) put(join(project, file), text)
      const before = treeOf(home, OTHERS)
      await run(['setup', '--yes', '--dsn', `sqlite:${project}/team.db`])
      expect(existsSync(join(project, '.cursor/mcp.json'))).toBe(true)
      const shown = await setup('--remove', '--dry-run')
      if (!Object.hasOwn(files, '.cursor/hooks.json'))
        expect(shown.stdout).toContain(`would remove ${project}/.cursor/hooks.json\n`)
      expect(shown.stdout).toContain(`would remove the board's address from ${project}/.presence/config.json`)

      const said = await setup('--remove', '--yes')

      expect(said, said.stderr).toMatchObject({ status: 0, stderr: '' })
      const [left, board] = [treeOf(home, OTHERS), join(project, 'team.db')]
      const isBoard = (path: string) => path.startsWith(board)
      expect(Object.fromEntries(Object.entries(left).filter(([path]) => !isBoard(path)))).toEqual(before)
      expect((await setup('--remove')).stdout).toContain('there is nothing to remove')
    },
  )

  it('restores the user’s own files, where setup ran twice and another project is set up too', async () => {
    const { home, put, setup, run } = newMachine(...NAMES)
    put(join(home, '.claude/settings.json'), '{}\n')
    put(join(home, '.codex/config.toml'), 'model = "x"')
    const before = treeOf(home, OTHERS)
    await run(['setup', '--user', '--yes', '--dsn', `sqlite:${home}/.local/team.db`])
    await setup('--yes')
    await setup('--user', '--yes')
    await setup('--remove', '--yes')
    expect(readFileSync(join(home, '.claude/settings.json'), 'utf8')).toContain('presence')
    expect(await setup('--remove', '--yes', '--user')).toMatchObject({ status: 0, stderr: '' })
    expect(treeOf(home, OTHERS)).toEqual(before)
  })

  it('takes its part out of files that have changed since, and keeps the change', async () => {
    const { project, put, setup, run } = newMachine('claude-code')
    put(join(project, '.claude/settings.json'), '{}')
    put(join(project, '.presence/config.json'), '{}')
    await run(['setup', '--yes', '--dsn', 'sqlite:team.db'])
    const settings = join(project, '.claude/settings.json')
    writeFileSync(settings, readFileSync(settings, 'utf8').replace('{', '{\n  "model": "opus",'))
    appendFileSync(join(project, 'CLAUDE.md'), '# Mine\n')
    await run(['init', '--kind', 'queue'])
    const said = await setup('--remove', '--yes')
    expect(said.stdout).toContain(`removed presence's part of ${settings}: hooks`)
    expect(said.stdout).toContain(`removed ${project}/.mcp.json`)
    expect(JSON.parse(readFileSync(settings, 'utf8'))).toEqual({ model: 'opus' })
    expect(readFileSync(join(project, 'CLAUDE.md'), 'utf8')).toBe('# Mine\n')
    expect(JSON.parse(readFileSync(join(project, '.presence/config.json'), 'utf8'))).toEqual({
      kinds: ['queue'],
    })
  })

  it('takes out only one agent if it is named, and keeps rules that another one reads', async () => {
    const { home, project, setup } = newMachine('codex', 'cursor')
    const before = treeOf(home, OTHERS)
    await setup('--yes')
    await setup('--remove', '--yes', '--agent', 'codex')
    expect(existsSync(join(project, '.codex'))).toBe(false)
    expect(readFileSync(join(project, 'AGENTS.md'), 'utf8')).toContain('presence claim')
    await setup('--remove', '--yes')
    expect(treeOf(home, OTHERS)).toEqual(before)
  })

  it('keeps a link a link, and what init wrote before can be taken out too', async () => {
    const { home, project, put, setup, run } = newMachine('claude-code', 'codex')
    put(join(project, 'AGENTS.md'), '# Ours\n')
    symlinkSync('AGENTS.md', join(project, 'CLAUDE.md'))
    mkdirSync(join(project, '.claude'))
    const before = treeOf(home, OTHERS)
    await run(['init', '--hooks', 'claude-code'])
    await setup('--yes')
    expect(await setup('--remove', '--yes')).toMatchObject({ status: 0, stderr: '' })
    const { [join(project, '.claude')]: _claude, ...others } = before
    expect(treeOf(home, OTHERS)).toMatchObject(others)
    expect(existsSync(join(project, '.claude/settings.json'))).toBe(false)
  })

  it('names a file that it can’t edit, takes out the rest, and passes over one that never had presence', async () => {
    const { project, put, setup } = newMachine('claude-code', 'codex')
    await setup('--yes')
    const settings = join(project, '.claude/settings.json')
    const broken = readFileSync(settings, 'utf8').slice(0, -3)
    put(settings, broken)
    put(join(project, '.gemini/settings.json'), '{"hooks": ')
    const said = await setup('--remove', '--yes')
    expect(said.status).toBe(2)
    expect(said.stderr).toMatch(/claude-code stays as it is:\npresence: .*settings\.json is not JSON/)
    expect(said.stderr).not.toContain('gemini')
    expect(readFileSync(settings, 'utf8')).toBe(broken)
    expect(existsSync(join(project, 'CLAUDE.md'))).toBe(true)
    expect(existsSync(join(project, '.codex'))).toBe(false)
  })
})
