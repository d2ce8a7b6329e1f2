import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { describe, expect, it } from 'vitest'
import { presence } from '../../../e2e/support/cli.ts'
import { scratchFolder } from '../../../e2e/support/scratch.ts'
import { addToken } from '../../server/src/access/token-file.ts'
import { newBoardInFile, startServer } from '../../server/test/support/server.ts'

const BIN = join(import.meta.dirname, '../bin')

/** A project whose agents reach the board through a server, with a token that acts as these sessions. */
async function newProject(as: readonly string[] | undefined) {
  const home = scratchFolder()
  const cwd = join(home, 'project')
  mkdirSync(join(cwd, '.git'), { recursive: true })
  const tokenFile = join(home, 'tokens')
  const token = addToken(tokenFile, 'ana', as, new Date('2030-01-02T03:04:05Z'))
  const dsn = await newBoardInFile()
  const server = await startServer({ dsn, tokenFile })
  const env = {
    HOME: home,
    PATH: `${BIN}:${process.env['PATH']}`,
    PRESENCE_DSN: server.url,
    PRESENCE_SERVER_TOKEN: token,
  }
  const run = (args: readonly string[], more: Record<string, string> = {}) =>
    presence([...args], { cwd, env: { ...env, ...more }, within: 20_000 })
  const rows = () => {
    using board = new DatabaseSync(dsn.replace('sqlite:', ''), { readOnly: true })
    const count = (table: string) => Number(board.prepare(`SELECT COUNT(*) AS n FROM ${table}`).get()?.['n'])
    return ['presence_sessions', 'presence_session_tokens', 'presence_claims', 'presence_events'].map(count)
  }
  const files = () => readdirSync(join(home, '.local/state/presence/hooks'))
  return { run, rows, files, server, token, cwd }
}

it.each([
  ['for its own sessions', undefined],
  ['with a pattern that matches agents’ ids', ['ci-*', '*-*-*-*-*']],
  ['for any session', ['*']],
])('doctor speaks as a session of a token %s, and leaves nothing behind', async (_, as) => {
  const { run, rows, files, server } = await newProject(as)
  const checked = async (...args: readonly string[]) => {
    const said = await run(['doctor', ...args])
    expect(said.stdout).not.toMatch(/broken {2}|answered 40/)
    expect(said).toMatchObject({ status: 0, stderr: '' })
    return said.stdout
  }
  await run(['init', '--http', server.url])
  expect(await checked('--hooks')).toMatch(/ok {6}claude-code PostToolUse: .*the board answers/)
  await run(['init', '--hooks', 'claude-code'])
  await run(['init', '--hooks', 'cursor'])
  const hooks = await checked('--hooks')
  expect(hooks).toMatch(/ok {6}claude-code SessionStart: .*the board answers/)
  expect(hooks).toMatch(/ok {6}cursor postToolUse: .*/)
  await run(['init', '--mcp', 'claude-code'])
  expect(await checked('--mcp')).toMatch(/ok {6}claude-code mcp: answers/)
  expect(rows()).toEqual([0, 0, 0, 0])
  expect(files()).toEqual([])
})

it('doctor says that a token with patterns is refused for agents, whose ids match none, and samples still run', async () => {
  const { run, server } = await newProject(['ci-*'])
  await run(['init', '--http', server.url])
  await run(['init', '--mcp', 'claude-code'])
  const why = /the server refuses agents' sessions: the token "ana" acts only as .*presence token add <name>/
  const hooks = await run(['doctor', '--hooks'])
  expect(hooks.status).toBe(3)
  expect(hooks.stdout).toMatch(/ok {6}claude-code PostToolUse: .*the board answers/)
  expect(
    hooks.stdout.split('\n').filter(line => why.test(line)),
    hooks.stdout,
  ).toHaveLength(1)
  const mcp = await run(['doctor', '--mcp'])
  expect(mcp.status).toBe(3)
  expect(mcp.stdout).toMatch(why)
  // Somebody may start the agent with an id of its own.
  const chosen = await run(['doctor', '--hooks'], { PRESENCE_SESSION_ID: 'ci-7' })
  expect(chosen.stdout).not.toMatch(why)
})

it('doctor runs no hooks as a session that may be a real one, and says what to use instead', async () => {
  const { run, rows, server } = await newProject(['build-7'])
  const real = { PRESENCE_SESSION_ID: 'build-7' }
  expect((await run(['claim', 'node:a', '--purpose', 'p'], real)).status).toBe(0)
  const before = rows()
  await run(['init', '--http', server.url])
  const said = await run(['doctor', '--hooks'])
  expect(said.stdout).toMatch(
    /note {4}claude-code SessionEnd: not run, because the token "ana" acts only as certain sessions.*use a token for your own/,
  )
  expect(rows()).toEqual(before)
  await run(['init', '--mcp', 'claude-code'])
  expect((await run(['doctor', '--mcp'], real)).stdout).toMatch(/ok {6}claude-code mcp: answers/)
})

describe('doctor starts presence mcp with what its agent passes on, and nothing else:', () => {
  it('the token, if presence wrote the settings', async () => {
    const { run } = await newProject(undefined)
    for (const agent of ['claude-code', 'codex', 'gemini-cli']) {
      await run(['init', '--mcp', agent])
      expect((await run(['doctor', '--mcp'])).stdout).toMatch(new RegExp(`ok {6}${agent} mcp: answers`))
    }
  })

  it.each([
    ['codex', '.codex/config.toml', /"PRESENCE_SERVER_TOKEN",/, '', {}],
    ['gemini-cli', '.gemini/settings.json', /"PRESENCE_SERVER_TOKEN": .*/, '"A": "$A",', {}],
    ['gemini-cli', '.gemini/settings.json', /"PRESENCE_SERVER_TOKEN": .*/, '"A": "$A",', { GITHUB_SHA: '1' }],
  ])('no token, if the settings of %s in %s don’t name it', async (agent, file, name, instead, more) => {
    const { run, cwd, token } = await newProject(undefined)
    await run(['init', '--mcp', 'claude-code'])
    await run(['init', '--mcp', agent])
    const text = readFileSync(join(cwd, file), 'utf8')
    expect(text).toMatch(name)
    writeFileSync(join(cwd, file), text.replace(name, instead))
    const said = await run(['doctor', '--mcp'], more)
    expect(said.stdout).toMatch(/ok {6}claude-code mcp: answers/)
    expect(said.stdout).toMatch(
      new RegExp(`broken {2}${agent} mcp: .*does not pass .*PRESENCE_SERVER_TOKEN on to it .*presence setup`),
    )
    expect(said.status).not.toBe(0)
    expect(said.stdout + said.stderr).not.toContain(token)
    // It writes what is missing, and then all is well.
    await run(['init', '--mcp', agent])
    if (!('GITHUB_SHA' in more)) expect(await run(['doctor', '--mcp'], more)).toMatchObject({ status: 0 })
  })
})

it('doctor and commands name the token and the session that were refused, and never the secret', async () => {
  const { run, server, token } = await newProject(['ci-*'])
  const as = (session: string) => ({ PRESENCE_SESSION_ID: session })
  const refused = /token "ana" can't act as session "bob": it may only act as "ci-\*"/
  const claimed = await run(['claim', 'node:a', '--purpose', 'p'], as('bob'))
  expect(claimed.stderr).toMatch(refused)
  expect((await run(['doctor'], as('bob'))).stdout).toMatch(refused)
  expect((await run(['doctor'], as('ci-1'))).stdout).toContain('token: accepted')
  const wrong = { PRESENCE_SERVER_TOKEN: `${token}x` }
  const unknown = await run(['claim', 'node:a', '--purpose', 'p'], wrong)
  expect(unknown.stderr).toContain(
    'the server does not know this token (the token is from PRESENCE_SERVER_TOKEN)',
  )
  await run(['init', '--http', server.url])
  const hooks = await run(['doctor', '--hooks'], wrong)
  expect(hooks.stdout).toMatch(
    /broken {2}claude-code UserPromptSubmit: \S+ answered 401: it says "the server does not know this token" .*fix it: set PRESENCE_SERVER_TOKEN/,
  )
  expect(hooks.stdout).toMatch(
    /broken {2}claude-code SessionStart: .*the presence server answered 401: it says "the server does not know this token/,
  )
  for (const { stdout, stderr } of [claimed, unknown, hooks]) expect(stdout + stderr).not.toContain(token)
})
