import { chmodSync, existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { beforeEach, describe, expect, it } from 'vitest'
import { presence } from '../../../e2e/support/cli.ts'
import { scratchFolder } from '../../../e2e/support/scratch.ts'

const BIN = join(import.meta.dirname, '../bin')
const PLUGIN = join(import.meta.dirname, '../../../dist/claude-code-plugin')

let home: string
let project: string
beforeEach(() => {
  const top = scratchFolder()
  home = join(top, 'home')
  project = join(top, 'project')
  mkdirSync(home)
  mkdirSync(join(project, '.git'), { recursive: true })
})

const run = (args: readonly string[], env: Readonly<Record<string, string>> = {}) =>
  presence([...args], {
    cwd: project,
    env: {
      HOME: home,
      PATH: `${BIN}:${process.env['PATH']}`,
      PRESENCE_DSN: `sqlite:${home}/board.db`,
      ...env,
    },
    within: 30_000,
  })
const put = (path: string, text: string) => {
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, text)
}

const AGENTS = [
  ['claude-code', 'CLAUDE_CONFIG_DIR', '.claude', { hooks: 'settings.json', rules: 'CLAUDE.md' }],
  ['codex', 'CODEX_HOME', '.codex', { hooks: 'hooks.json', rules: 'AGENTS.md', mcp: 'config.toml' }],
  [
    'gemini-cli',
    'GEMINI_CLI_HOME',
    '',
    { hooks: '.gemini/settings.json', rules: '.gemini/GEMINI.md', mcp: '.gemini/settings.json' },
  ],
] as const

describe.each(AGENTS)('the own files of %s, which %s moves,', (agent, variable, usual, files) => {
  it('are written and removed there, and found there by doctor', async () => {
    const there = join(home, 'moved')
    const env = { [variable]: there }
    expect(await run(['init', '--user', '--hooks', agent], env)).toMatchObject({ status: 0 })
    for (const file of [files.hooks, files.rules]) expect(existsSync(join(there, file))).toBe(true)
    expect(existsSync(join(home, usual, files.hooks)), 'nothing where the agent never reads').toBe(false)
    const found = (await run(['doctor', '--hooks'], env)).stdout
    expect(found).toContain(join(there, files.hooks))
    expect((await run(['doctor', '--hooks'])).stdout).toContain('no agent has presence hooks')
    await run(['init', '--user', '--hooks', agent, '--remove'], env)
    for (const file of [files.hooks, files.rules]) expect(existsSync(join(there, file))).toBe(false)
  })

  it('are in the home folder if the variable is empty', async () => {
    await run(['init', '--user', '--hooks', agent], { [variable]: '' })
    expect(existsSync(join(home, usual, files.hooks))).toBe(true)
  })

  it('are below the current folder if it is relative, and init says what that means', async () => {
    const { stderr } = await run(['init', '--user', '--hooks', agent], { [variable]: 'moved' })
    expect(existsSync(join(project, 'moved', files.hooks))).toBe(true)
    expect(stderr).toContain(`${variable} is a relative path (moved)`)
    expect(stderr).toContain('below the folder that it is started in')
  })
})

describe.each(
  AGENTS.flatMap(([agent, variable, , files]) =>
    'mcp' in files ? [[agent, variable, files.mcp] as const] : [],
  ),
)('the MCP server of %s', (agent, variable, name) => {
  it(`is written into the folder that ${variable} names, found there by doctor, and removed there`, async () => {
    const there = join(home, 'moved')
    const env = { [variable]: there }
    const file = join(there, name)
    expect(await run(['init', '--user', '--mcp', agent], env)).toMatchObject({ status: 0 })
    expect(readFileSync(file, 'utf8')).toContain('presence')
    expect((await run(['doctor', '--mcp'], env)).stdout).toContain(file)
    await run(['init', '--user', '--mcp', agent, '--remove'], env)
    expect(existsSync(file)).toBe(false)
  })
})

describe('Claude Code’s own folder', () => {
  const enabled = { enabledPlugins: { 'presence@presence': true } }
  const installed = { plugins: { 'presence@presence': [{ installPath: PLUGIN }] } }

  it('has the plugin, whose hooks doctor runs', async () => {
    const there = join(home, 'moved')
    put(join(there, 'settings.json'), JSON.stringify(enabled))
    put(join(there, 'plugins/installed_plugins.json'), JSON.stringify(installed))
    // Claude Code makes it when it installs a plugin.
    mkdirSync(join(there, 'plugins/data/presence-presence'), { recursive: true })
    const node = join(import.meta.dirname, '../../../node_modules/node/bin')
    const PATH = `${BIN}:${node}:/usr/bin:/bin`
    const { stdout } = await run(['doctor', '--hooks'], { CLAUDE_CONFIG_DIR: there, PATH })
    expect(stdout).toMatch(/ok .*claude-code SessionStart: .*claude-code-plugin/)
    expect((await run(['doctor', '--hooks'])).stdout).not.toContain('claude-code-plugin')
  })

  it('has the plugin, and doctor names an older Node that its hooks find', async () => {
    put(join(home, '.claude/settings.json'), JSON.stringify(enabled))
    put(join(home, '.claude/plugins/installed_plugins.json'), JSON.stringify(installed))
    const old = join(home, 'bin')
    put(join(old, 'node'), '#!/bin/sh\n[ "$1" = --version ] && echo v20.20.2 && exit\nexit 9\n')
    chmodSync(join(old, 'node'), 0o755)
    const said = await run(['doctor', '--hooks'], { PATH: `${old}:${BIN}:/usr/bin:/bin` })
    expect(said.stdout).toMatch(
      /broken .*SessionStart: can't work: Node 20\.20 is too old .* to fix it: install Node 22\.16 or newer/,
    )
    expect(said.status).toBe(3)
  })

  it('has the servers that its own command added, and doctor starts them', async () => {
    const there = join(home, 'moved')
    const presenceServer = { type: 'stdio', command: 'presence', args: ['mcp'], env: {} }
    put(join(there, '.claude.json'), JSON.stringify({ mcpServers: { presence: presenceServer } }))
    const { stdout } = await run(['doctor', '--mcp'], { CLAUDE_CONFIG_DIR: there })
    expect(stdout).toMatch(/ok .*claude-code mcp: answers in .*moved\/\.claude\.json/)
  })

  it('names an older Node that the MCP server finds', async () => {
    const old = join(home, 'bin')
    put(join(old, 'node'), '#!/bin/sh\n[ "$1" = --version ] && echo v20.20.2 && exit\nexit 9\n')
    chmodSync(join(old, 'node'), 0o755)
    symlinkSync(join(import.meta.dirname, '../../../dist/presence'), join(old, 'presence'))
    await run(['init', '--mcp', 'claude-code'])
    const { stdout } = await run(['doctor', '--mcp'], { PATH: `${old}:/usr/bin:/bin` })
    expect(stdout).toMatch(
      /broken .*can't work: Node 20\.20 is too old .* to fix it: install Node 22\.16 or newer/,
    )
  })
})

describe('an agent that runs only hooks that it trusts', () => {
  const trusted = (rules: object) => put(join(home, '.gemini/trustedFolders.json'), JSON.stringify(rules))
  const RULES: readonly (readonly [string, () => object, boolean])[] = [
    ['the folder', () => ({ [project]: 'TRUST_FOLDER' }), true],
    ['a folder above', () => ({ [dirname(project)]: 'TRUST_FOLDER' }), true],
    ['the parent of a folder beside', () => ({ [join(dirname(project), 'x')]: 'TRUST_PARENT' }), true],
    ['nothing', () => ({}), false],
    ['another folder', () => ({ [`${project}-2`]: 'TRUST_FOLDER' }), false],
    ['a folder below', () => ({ [join(project, 'sub')]: 'TRUST_FOLDER' }), false],
    [
      'a folder above, but not this one',
      () => ({ [dirname(project)]: 'TRUST_FOLDER', [project]: 'DO_NOT_TRUST' }),
      false,
    ],
  ]

  it.each(RULES)(
    'Gemini CLI: init and doctor say whether it trusts the folder, if it trusts %s',
    async (_, rules, isTrusted) => {
      trusted(rules())
      const init = await run(['init', '--hooks', 'gemini-cli'])
      const doctor = await run(['doctor', '--hooks'])
      const words = 'only in a folder that you trust, and'
      if (isTrusted) {
        expect(init.stderr).not.toContain(words)
        expect(doctor.stdout).toMatch(/ok .*gemini-cli trust: Gemini CLI trusts/)
      } else {
        expect(init.stderr).toContain(words)
        expect(doctor.stdout).toMatch(
          /note .*gemini-cli trust: .*only in a folder that you trust.* to fix it: start gemini/,
        )
        expect(init.stderr).toContain(project)
      }
    },
  )

  it('Gemini CLI: nothing is said if its user switched trust off, or if there is no file at all', async () => {
    put(join(home, '.gemini/settings.json'), '{ "security": { "folderTrust": { "enabled": false } } }')
    expect((await run(['init', '--hooks', 'gemini-cli'])).stderr).not.toContain('trust')
    put(join(home, 'elsewhere.json'), `// mine\n{ "${project}": "TRUST_FOLDER" }`)
    put(join(home, '.gemini/settings.json'), '{}')
    const allowed = { GEMINI_CLI_TRUST_WORKSPACE: 'true' }
    expect((await run(['init', '--hooks', 'gemini-cli'], allowed)).stderr).not.toContain('trust')
    const inside = { ...allowed, GEMINI_CLI: '1' }
    expect((await run(['init', '--hooks', 'gemini-cli'], inside)).stderr).toContain('is not listed in')
    const moved = { GEMINI_CLI_TRUSTED_FOLDERS_PATH: join(home, 'elsewhere.json') }
    expect((await run(['init', '--hooks', 'gemini-cli'], moved)).stderr).not.toContain('trust')
    expect((await run(['init', '--hooks', 'gemini-cli'])).stderr).toContain('is not listed in')
  })

  it('Codex: init and doctor say what is missing, the trust in the project and in the hooks', async () => {
    const init = await run(['init', '--hooks', 'codex'])
    expect(init.stderr).toContain('Codex runs hooks once you have reviewed and trusted them: /hooks')
    expect(init.stderr).toContain(`does not say that you trust ${project}`)
    const before = (await run(['doctor', '--hooks'])).stdout
    expect(before).toMatch(/note .*codex trust: .*only if you trust the project/)
    expect(before).toMatch(/note .*codex trust: Codex runs hooks only after you have trusted them.* \/hooks/)
    put(
      join(home, '.codex/config.toml'),
      `[projects."${project}"]\ntrust_level = "trusted"\n\n[hooks.state."${project}/.codex/hooks.json:session_start:0:0"]\ntrusted_hash = "sha256:00"\n`,
    )
    const after = (await run(['doctor', '--hooks'])).stdout
    expect(after).toMatch(/ok .*codex trust: Codex trusts the project/)
    expect(after).toMatch(/ok .*codex trust: you have trusted hooks in/)
    expect((await run(['init', '--hooks', 'codex'])).stderr).not.toContain('does not say')
  })
})
