import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { beforeEach, describe, expect, it } from 'vitest'
import { presence } from '../../../e2e/support/cli.ts'
import { scratchFolder } from '../../../e2e/support/scratch.ts'

const BIN = join(import.meta.dirname, '../bin')

let project: string
let env: Record<string, string>
beforeEach(() => {
  project = scratchFolder()
  mkdirSync(join(project, '.git'))
  env = { HOME: join(project, 'home'), PATH: `${BIN}:${process.env['PATH']}` }
  mkdirSync(join(project, 'home'))
})

const run = (...args: string[]) => presence(args, { cwd: project, env })
const init = (...args: string[]) => run('init', '--mcp', ...args)
const read = (path: string) => readFileSync(join(project, path), 'utf8')
function put(path: string, text: string) {
  mkdirSync(dirname(join(project, path)), { recursive: true })
  writeFileSync(join(project, path), text)
}

describe('presence init --mcp', () => {
  it.each([
    ['claude-code', '.mcp.json', '{ "mcpServers": { "docs": { "command": "docs" } } }\n'],
    ['gemini-cli', '.gemini/settings.json', '{\n  // mine\n  "theme": "dark"\n}\n'],
    ['cursor', '.cursor/mcp.json', '{\r\n\t"mcpServers": { "docs": {} }\r\n}\r\n'],
    ['codex', '.codex/config.toml', 'model = "o5"\n'],
    ['codex', '.codex/config.toml', 'mcp_servers = { docs = { command = "docs" } } # mine\n'],
  ])('for %s writes %s once, keeps its content, and removes its part again', async (agent, file, before) => {
    put(file, before)
    const wrote = await init(agent)
    expect(wrote).toMatchObject({ status: 0, stdout: `presence: wrote ${project}/${file}\n` })
    const text = read(file)
    expect(text).toMatch(/presence[\s\S]*mcp/)
    for (const kept of ['docs', 'mine', 'theme', 'model'])
      if (before.includes(kept)) expect(text).toContain(kept)
    expect((await init(agent)).stdout).toBe(`presence: nothing to do in ${project}/${file}\n`)
    expect((await init(agent, '--remove')).status).toBe(0)
    expect(read(file)).toBe(before)
  })

  it.each([
    ['claude-code', '.mcp.json'],
    ['gemini-cli', '.gemini/settings.json'],
    ['cursor', '.cursor/mcp.json'],
    ['codex', '.codex/config.toml'],
  ])('for %s creates %s, which doctor checks, and leaves no file behind', async (agent, file) => {
    await init(agent)
    const doctor = await run('doctor', '--mcp')
    expect(doctor.stdout).toMatch(
      new RegExp(`ok {6}${agent} mcp: answers in \\d+ ms, and the board answers it`),
    )
    expect(doctor.status).toBe(0)
    await init(agent, '--remove')
    expect(existsSync(join(project, file))).toBe(false)
    expect((await run('doctor', '--mcp')).stdout).toMatch(/note {4}mcp: no agent starts presence mcp/)
  })

  it('hands the board’s secrets on where the agent would keep them back, by their names only', async () => {
    env = { ...env, PRESENCE_SERVER_TOKEN: 's3cret', PRESENCE_PASSWORD: 's3cret' }
    await init('codex')
    await init('gemini-cli')
    const [codex, gemini] = [read('.codex/config.toml'), read('.gemini/settings.json')]
    for (const name of [
      'PRESENCE_PASSWORD',
      'PRESENCE_PASSWORD_FILE',
      'PRESENCE_SERVER_TOKEN',
      'PRESENCE_TRUST',
    ])
      expect(codex).toContain(`"${name}"`)
    for (const name of ['PRESENCE_PASSWORD_FILE', 'PRESENCE_SERVER_TOKEN', 'PRESENCE_SERVER_TOKEN_FILE'])
      expect(JSON.parse(gemini).mcpServers.presence.env[name]).toBe(`\${${name}:-}`)
    expect(codex + gemini).not.toContain('s3cret')
  })

  it.each([
    ['claude-code', '.mcp.json', '', '"A": "1"'],
    ['cursor', '.cursor/mcp.json', '', '"A": "1"'],
    [
      'gemini-cli',
      '.gemini/settings.json',
      '"PRESENCE_SERVER_TOKEN": "$\\u007bPRESENCE_SERVER_TOKEN:-}"',
      '"A": "1", "PRESENCE_PASSWORD_FILE": "/run/pw"',
    ],
  ])(
    'for %s keeps what its user added to the variables in %s, and removes it with the rest',
    async (agent, file, more, added) => {
      const before = '{ "theme": "dark" }\n'
      put(file, before)
      await init(agent)
      const settings = JSON.parse(read(file))
      const theirs = JSON.parse(`{${added}}`)
      settings.mcpServers.presence.env = theirs
      put(file, JSON.stringify(settings, undefined, 2))
      const again = await init(agent)
      expect(again).toMatchObject({ status: 0 })
      expect(again.stderr).not.toContain('another server')
      const { env: all } = JSON.parse(read(file)).mcpServers.presence
      expect(all).toMatchObject({ ...theirs, ...JSON.parse(`{${more}}`) })
      expect((await init(agent)).stdout).toContain('nothing to do')
      await init(agent, '--remove')
      expect(JSON.parse(read(file))).toEqual({ theme: 'dark' })
    },
  )

  it('for gemini-cli gives the server of an older version the variables that it lacks', async () => {
    const older = '{"mcpServers": {"presence": {"command": "presence", "args": ["mcp"]}}}\n'
    put('.gemini/settings.json', older)
    expect((await init('gemini-cli')).stdout).toContain('wrote')
    expect(read('.gemini/settings.json')).toContain('PRESENCE_SERVER_TOKEN_FILE')
  })

  it('is not run by doctor with variables that its entry sets, such as a PATH with another presence', async () => {
    const program = join(project, 'bin/presence')
    put('bin/presence', `#!/bin/sh\ntouch ${project}/ran\n`)
    chmodSync(program, 0o755)
    const server = { command: 'presence', args: ['mcp'], env: { PATH: `${project}/bin` } }
    put('.mcp.json', JSON.stringify({ mcpServers: { presence: server } }))
    expect((await run('doctor', '--mcp')).stdout).toMatch(
      /note .*sets variables for it, so doctor does not run/,
    )
    expect(existsSync(join(project, 'ran'))).toBe(false)
  })

  it('leaves another server of that name alone, and says so', async () => {
    const text = '{"mcpServers": {"presence": {"type": "http", "url": "http://board.example/mcp"}}}'
    put('.mcp.json', text)
    const said = await init('claude-code')
    expect(said.stderr).toMatch(/has another server called presence, which stays/)
    await init('claude-code', '--remove')
    expect(read('.mcp.json')).toBe(text)
    expect((await run('doctor', '--mcp')).stdout).toMatch(/starts a command that presence did not write/)
  })

  it('writes a user’s own file if the agent allows it, and otherwise says how to add the server', async () => {
    expect((await init('gemini-cli', '--user')).stdout).toBe(
      `presence: wrote ${project}/home/.gemini/settings.json\n`,
    )
    const claude = await init('claude-code', '--user')
    expect(claude.status).toBe(2)
    expect(claude.stderr).toMatch(/run: claude mcp add --scope user presence -- presence mcp/)
  })

  it.each([
    ['.mcp.json', '[]', 'claude-code', /is not a JSON object/],
    ['.mcp.json', '{"mcpServers": []}', 'claude-code', /mcpServers that are not an object/],
    [
      '.codex/config.toml',
      '[mcp_servers.presence]\ncommand = "x"\n',
      'codex',
      /has mcp_servers.presence already/,
    ],
    [
      '.codex/config.toml',
      '[mcp_servers]\npresence = { command = "x" }\n',
      'codex',
      /has mcp_servers.presence already/,
    ],
    [
      '.codex/config.toml',
      '[[mcp_servers]]\n',
      'codex',
      /yourself: mcp_servers.presence = \{ command = "presence"/,
    ],
    ['.codex/config.toml', 'token = s3cret\n', 'codex', /config.toml is not TOML, from line 1 on\n.*fix it/],
  ])('refuses %s that is %s, and leaves it unchanged', async (file, text, agent, said) => {
    put(file, text)
    const answer = await init(agent)
    expect(answer.status).toBe(2)
    expect(answer.stderr).toMatch(said)
    expect(read(file)).toBe(text)
  })

  it('refuses options for hooks and for the config file', async () => {
    for (const more of [
      ['--hooks', 'codex'],
      ['--deny-task-tools'],
      ['--kind', 'queue'],
      ['--dsn', 'sqlite:x'],
    ])
      expect((await init('codex', ...more)).status).toBe(2)
  })

  it('is reported by doctor as broken in a file that mentions presence and is no TOML', async () => {
    put('.codex/config.toml', '[mcp_servers.presence\n')
    const doctor = await run('doctor', '--mcp')
    expect(doctor.status).toBe(2)
    expect(doctor.stdout).toMatch(/broken {2}codex mcp: .*config.toml is not TOML, from line 1 on/)
  })

  it('is reported by doctor as broken if the board does not answer, or presence is not on PATH', async () => {
    await init('claude-code')
    const away = await presence(['doctor', '--mcp'], {
      cwd: project,
      env: { ...env, PRESENCE_DSN: 'mysql://ana@127.0.0.1:1/board' },
    })
    expect(away.status).toBe(3)
    expect(away.stdout).toMatch(/broken {2}claude-code mcp: the board did not answer it/)
    const unusable = await presence(['doctor', '--mcp'], {
      cwd: project,
      env: { ...env, PRESENCE_DSN: 'mysql://ana@127.0.0.1' },
    })
    expect(unusable.status).toBe(2)
    expect(unusable.stdout).toMatch(/broken {2}claude-code mcp: the board can't be used: .*DSN/)
    expect(unusable.stdout).not.toContain('run: presence doctor')
    const nowhere = await presence(['doctor', '--mcp'], {
      cwd: project,
      env: { ...env, PATH: '/usr/bin:/bin' },
    })
    expect(nowhere.status).toBe(3)
    expect(nowhere.stdout).toMatch(/can't be started.*put presence on PATH/)
  })
})
