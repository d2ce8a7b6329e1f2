import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openBoard } from '@presence/core'
import { ADAPTERS } from '@presence/hooks'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { ACCEPTED } from '../../hooks/test/accepted.ts'
import { BOARDS } from '../../hooks/test/boards.ts'
import { CASES, partsOf, timeless } from '../../hooks/test/cases.ts'
import { HOSTILE_IDS, HOSTILE_PAYLOADS, payload as plain } from '../../hooks/test/hostile.ts'
import { addToken } from '../src/access/token-file.ts'
import { type Running, serve } from '../src/index.ts'

let folder: string
let running: Running | undefined
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'presence-server-'))
})
afterEach(async () => {
  await running?.close()
  running = undefined
  rmSync(folder, { recursive: true })
})

async function start(dsn = `sqlite:${folder}/board.db`): Promise<string> {
  const env = { XDG_STATE_HOME: folder, XDG_CONFIG_HOME: folder, HOME: folder }
  running = await serve({ host: '127.0.0.1', port: 0, version: 'test', dsn, env, cwd: folder })
  return dsn
}

interface Sent {
  readonly agent?: string
  readonly query?: string
  readonly headers?: Readonly<Record<string, string>>
}

async function send(
  body: string | Buffer<ArrayBuffer> | object,
  { agent = 'claude-code', query = '', headers = {} }: Sent = {},
) {
  const response = await fetch(`${running?.url}/hooks/${agent}${query}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: typeof body === 'string' || Buffer.isBuffer(body) ? body : JSON.stringify(body),
  })
  return {
    status: response.status,
    said: (await response.json()) as Record<string, unknown>,
    headers: response.headers,
  }
}

/** The text that the agent reads from an answer in Claude Code's format. */
async function told(event: string, more: object = {}, sent: Sent = {}): Promise<string> {
  const { status, said } = await send({ session_id: 's1', hook_event_name: event, ...more }, sent)
  expect(status).toBe(200)
  const output = said['hookSpecificOutput'] as { additionalContext: string } | undefined
  return output?.additionalContext ?? ''
}

async function claim(dsn: string, session: string, label = 'node:a') {
  await using board = await openBoard({ dsn, session, env: {}, cwd: '/' })
  const claimed = await board.claim(label, { purpose: `by ${session}` })
  if (!claimed.ok) throw new Error(claimed.refusal.message)
}

describe('a documented payload gets the same answer over HTTP as from the command', () => {
  // The guard answers on the agent's machine, whatever the board is.
  it.each(CASES.filter(({ name }) => !name.startsWith('guard-')))(
    '$agent $event: $name',
    async ({ agent, event, name }) => {
      const { board, arguments: more, payload, me, answer } = partsOf({ agent, event, name })
      const dsn = await start(await BOARDS[board](folder, me))
      const query = `?event=${event}${more.includes('--deny-task-tools') ? '&deny_task_tools=true' : ''}`
      const { status, said } = await send(payload, { agent, query })
      expect(status).toBe(200)
      const isSaid = Object.keys(said).length > 0
      const shown = JSON.stringify(timeless(isSaid ? said : null), null, 2)
      await expect(
        // The server doesn't reveal the database's address, which the command's snapshot contains.
        `${shown.replace('the database does not answer', 'dolt unreachable at 127.0.0.1:1/presence: connection refused')}\n`,
      ).toMatchFileSnapshot(answer)
      if (isSaid) ACCEPTED[agent as keyof typeof ACCEPTED](said)
      if (ADAPTERS.get(agent)?.eventOf(event) === 'SessionEnd' && board === 'co-claim') {
        await using asked = await openBoard({ dsn, env: {}, session: me })
        const list = await asked.list({ mine: true })
        expect(list.ok && list.claims.length, 'released, except at a clear').toBe(name === 'clear' ? 1 : 0)
      }
    },
  )
})

describe('an agent gets no error', () => {
  const EVENTS = [
    'SessionStart',
    'SubagentStart',
    'UserPromptSubmit',
    'PreToolUse',
    'PermissionRequest',
    'PostToolUse',
    'Stop',
    'SessionEnd',
  ]

  it.each(HOSTILE_PAYLOADS)('for a payload with %s', async (_, input) => {
    await start()
    for (const event of EVENTS) expect((await send(input, { query: `?event=${event}` })).status).toBe(200)
  })

  it.each(HOSTILE_IDS)('for a session whose id has %s', async (_, id) => {
    await start()
    for (const event of ['SessionStart', 'PostToolUse', 'UserPromptSubmit', 'SessionEnd'])
      expect(await told(event, { session_id: id })).toMatch(/^$|no other session has a claim\./)
  })

  it.each(['NoSuchEvent', '', '__proto__', 'constructor'])('for the unknown event %j', async event => {
    await start()
    expect(await send(plain({ hook_event_name: event }))).toMatchObject({ status: 200, said: {} })
    expect(await send(plain(), { query: `?event=${event}` })).toMatchObject({ status: 200, said: {} })
  })

  it('unless the agent is unknown, because then the hook is set up wrongly', async () => {
    await start()
    for (const agent of ['copilot', 'constructor', '__proto__'])
      expect((await send(plain(), { agent })).status).toBe(404)
  })
})

describe('for a session, a server', () => {
  it('remembers what its start hook said: its id after /clear, and where it works', async () => {
    const dsn = await start()
    await claim(dsn, 'before')
    await claim(dsn, 'ana', 'node:b')
    const headers = {
      'x-presence-session': 'before',
      'x-presence-repo': 'acme/infra',
      'x-presence-user': 'ána',
    }
    const started = await told('SessionStart', { session_id: 'after', source: 'clear' }, { headers })
    const said = started + (await told('UserPromptSubmit', { session_id: 'after', prompt: 'x' }))
    expect(said).toContain('node:b')
    expect(said, 'does not list the session’s own claim').not.toContain('node:a')
    await using board = await openBoard({ dsn, session: 'eve', env: {}, cwd: '/' })
    const { sessions } = await board.who()
    const mine = sessions.find(({ session }) => session.id === 'before')?.session
    expect(mine).toMatchObject({ place: { repo: 'acme/infra' } })
    await told('SessionEnd', { session_id: 'after', reason: 'other' })
    const left = await board.list()
    expect(left.ok && left.claims.map(({ session }) => session.id)).toEqual(['ana'])
  })

  it('remembers its role as its machine judged it, and blocks a prompt if the project demands that', async () => {
    await start()
    const problem = { about: 'identity', message: 'no role', remedy: 'take one', blocks: true }
    const headers = { 'x-presence-role': JSON.stringify({ problem }) }
    expect(await told('SessionStart', { source: 'startup' }, { headers })).toContain('no role')
    const { said } = await send({ session_id: 's1', hook_event_name: 'UserPromptSubmit', prompt: 'x' })
    expect(said).toMatchObject({ decision: 'block', reason: expect.stringContaining('no role') })
    for (const role of ['{', '[]', '{"problem":{"blocks":true}}'])
      await told(
        'SessionStart',
        { session_id: role, source: 'startup' },
        { headers: { 'x-presence-role': role } },
      )
  })

  it('sends at most one heartbeat in two minutes, however many tools it uses', async () => {
    const dsn = await start()
    await claim(dsn, 's1')
    const expiry = async () => {
      await using board = await openBoard({ dsn, session: 'eve', env: {}, cwd: '/' })
      const list = await board.list()
      return list.ok && list.claims[0]?.expiresAt.getTime()
    }
    await told('PostToolUse', { tool_name: 'Bash' })
    const once = await expiry()
    await Promise.all(Array.from({ length: 20 }, () => told('PostToolUse', { tool_name: 'Bash' })))
    expect(await expiry()).toBe(once)
  })

  it('reports a co-claim once, at its start or after a tool', async () => {
    const dsn = await start()
    await claim(dsn, 's1')
    await claim(dsn, 'ana')
    expect(await told('PostToolUse', { tool_name: 'Bash' })).toContain('ana')
    await claim(dsn, 's2')
    expect(await told('SessionStart', { session_id: 's2', source: 'startup' })).toContain('ana')
    expect(await told('PostToolUse', { session_id: 's2', tool_name: 'Bash' })).toBe('')
  })

  it('answers only one of several copies of a hook', async () => {
    const dsn = await start()
    await claim(dsn, 'ana')
    const all = await Promise.all(Array.from({ length: 8 }, () => told('UserPromptSubmit', { prompt: 'go' })))
    expect(all.filter(Boolean)).toHaveLength(1)
    expect(await told('UserPromptSubmit', { prompt: 'go on' })).toContain('unchanged since')
  })

  it('ignores an id that the agent inherited from the shell of another agent', async () => {
    const dsn = await start()
    await claim(dsn, 'outer')
    const inherited = { 'x-presence-session': 'outer', 'x-presence-hook-session': 'outer' }
    expect(await told('UserPromptSubmit', { prompt: 'x' }, { headers: inherited })).toContain('by outer')
    const given = { 'x-presence-session': 'outer', 'x-presence-hook-session': '' }
    expect(await told('UserPromptSubmit', { prompt: 'y' }, { headers: given })).toContain('no other session')
  })
})

describe('a sample from the doctor', () => {
  it('is answered with a report, and leaves nothing behind', async () => {
    const dsn = await start()
    const { headers } = await send(
      { session_id: 'sample', hook_event_name: 'SessionStart' },
      { headers: { 'x-presence-probe': '1' } },
    )
    expect(JSON.parse(headers.get('x-presence-probe') ?? '')).toEqual({
      event: 'SessionStart',
      unknown: null,
    })
    await using board = await openBoard({ dsn, session: 'eve', env: {}, cwd: '/' })
    expect((await board.who()).sessions).toEqual([])
  })

  it('gets the reason if the board does not answer', async () => {
    await start('mysql://nobody@127.0.0.1:1/presence')
    const { headers } = await send(
      { session_id: 'sample', hook_event_name: 'PostToolUse' },
      { headers: { 'x-presence-probe': '1' } },
    )
    expect(JSON.parse(headers.get('x-presence-probe') ?? '').unknown).toBe('the database does not answer')
  })
})

it('the folder in a payload is on another machine, and is never read', async () => {
  const dsn = await start()
  await told('SessionStart', { cwd: import.meta.dirname, source: 'startup' })
  await using board = await openBoard({ dsn, session: 'eve', env: {}, cwd: '/' })
  const [mine] = (await board.who()).sessions
  expect(mine?.session).toMatchObject({ id: 's1', user: 'unknown', host: 'unknown' })
  expect(mine?.session.place?.repo).toBeUndefined()
})

describe('G9: a token', () => {
  it('speaks in hooks only as its own sessions, whichever field names them', async () => {
    const file = join(folder, 'tokens')
    const authorization = `Bearer ${addToken(file, 'ana', ['ana@*'], new Date('2030-01-02T03:04:05Z'))}`
    const dsn = `sqlite:${folder}/board.db`
    const env = { HOME: folder }
    running = await serve({ host: '127.0.0.1', port: 0, version: 'test', dsn, env, tokenFile: file })
    const prompt = (session_id: string, headers: Record<string, string> = { authorization }) =>
      send({ session_id, hook_event_name: 'UserPromptSubmit' }, { headers }).then(({ status }) => status)
    expect(await prompt('ana@laptop', {})).toBe(401)
    expect(await prompt('ana@laptop')).toBe(200)
    expect(await prompt('bob')).toBe(403)
    expect(await prompt('ana@laptop', { authorization, 'x-presence-session': 'bob' })).toBe(403)
    expect(await prompt('bob', { authorization, 'x-presence-session': 'ana@laptop' })).toBe(200)
  })

  /** A server whose tokens act for their own sessions, with one hook of a session. */
  async function startOwn(dsn: string) {
    const file = join(folder, 'tokens')
    const add = (name: string) =>
      `Bearer ${addToken(file, name, undefined, new Date('2030-01-02T03:04:05Z'))}`
    const [ana, bob] = [add('ana'), add('bob')]
    const env = { HOME: folder }
    running = await serve({ host: '127.0.0.1', port: 0, version: 'test', dsn, env, tokenFile: file })
    const hook = (authorization: string, hook_event_name: string, probe = {}) =>
      send({ session_id: 's1', hook_event_name }, { headers: { authorization, ...probe } })
    return { ana, bob, hook }
  }

  it('gets the agent’s session by its first hook, but not by a sample', async () => {
    const { ana, bob, hook } = await startOwn(`sqlite:${folder}/board.db`)
    const sample = await hook(bob, 'SessionStart', { 'x-presence-probe': '1' })
    expect(JSON.parse(sample.headers.get('x-presence-probe') ?? '')).toMatchObject({ unknown: null })
    expect((await hook(ana, 'SessionStart')).status).toBe(200)
    expect((await hook(ana, 'SessionEnd')).status).toBe(200)
    for (const event of ['SessionStart', 'UserPromptSubmit', 'PostToolUse', 'SessionEnd']) {
      const { status, said } = await hook(bob, event)
      expect([status, said]).toMatchObject([
        403,
        { error: { message: 'token "bob" can\'t act as session "s1": it belongs to token "ana"' } },
      ])
    }
  })

  it('gets an answer in time, which says that the board is unknown, if the board does not say whose session it is', async () => {
    const { ana, hook } = await startOwn('mysql://nobody@127.0.0.1:1/presence')
    const { status, said } = await hook(ana, 'SessionStart')
    expect(status).toBe(200)
    expect(JSON.stringify(said)).toContain('the database does not answer')
    const sample = await hook(ana, 'PostToolUse', { 'x-presence-probe': '1' })
    expect(JSON.parse(sample.headers.get('x-presence-probe') ?? '')).toEqual({
      event: 'PostToolUse',
      unknown: 'the database does not answer',
    })
  })
})

it('G9: a form that a web page posts is refused, even by a server without tokens', async () => {
  await start()
  const said = await send('session_id=s1', {
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
  })
  expect(said.status).toBe(415)
})
