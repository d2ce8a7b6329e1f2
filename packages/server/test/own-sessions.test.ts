import { appendFileSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { openBoard } from '@presence/core'
import { describe, expect, it, onTestFinished } from 'vitest'
import { scratchFolder } from '../../../e2e/support/scratch.ts'
import { until } from '../../../e2e/support/until.ts'
import { describeEachDatabase } from '../../core/test/stores.ts'
import { addToken, removeToken } from '../src/access/token-file.ts'
import { newBoardInFile, startServer, type TestServer } from './support/server.ts'

const NOW = new Date('2030-01-02T03:04:05Z')
const bearer = (token: string) => ({ Authorization: `Bearer ${token}` })
const AGENT = '0193f6a1-7c5e-7a44-8a0e-000000000001'

/** A token file in which `ana` and `bob` act for their own sessions. */
function newTokens() {
  const tokenFile = join(scratchFolder(), 'tokens')
  const add = (name: string, as?: readonly string[]) => addToken(tokenFile, name, as, NOW)
  return { tokenFile, add, ana: add('ana'), bob: add('bob') }
}

/** What the server answers to a call of the library's API. */
async function call(server: TestServer, token: string, name: string, id: string, input: object = {}) {
  const session = { id, user: 'u', host: 'h', agent: 'claude-code' }
  const answer = await server.post(`/api/v1/${name}`, { session, ...input }, bearer(token))
  const body = (await answer.json()) as { readonly error?: { readonly message: string; remedy: string } }
  return { status: answer.status, message: body.error?.message, remedy: body.error?.remedy }
}

const claim = (server: TestServer, token: string, id: string, label = 'node:a') =>
  call(server, token, 'claim', id, { resource_label: label, purpose: 'p' })

/** The direct way to the board, without a server or a token. */
async function directly(dsn: string, session: string) {
  const board = await openBoard({ dsn, session, env: { HOME: '/nonexistent' }, cwd: '/' })
  onTestFinished(() => board.close())
  return board
}

describe('G9: a token for its own sessions', () => {
  it('acts as every session that uses it first, and as no session of another token, on every call', async () => {
    const { tokenFile, ana, bob } = newTokens()
    const server = await startServer({ tokenFile })
    expect(await claim(server, ana, AGENT)).toMatchObject({ status: 200 })
    expect(await claim(server, ana, 'ana@laptop@pts-1')).toMatchObject({ status: 200 })
    for (const name of ['claim', 'list', 'heartbeat', 'release-all', 'messages/inbox', 'deregister', 'about'])
      expect(await call(server, bob, name, AGENT, { resource_label: 'node:a', purpose: 'p' }), name).toEqual({
        status: 403,
        message: `token "bob" can't act as session "${AGENT}": it belongs to token "ana"`,
        remedy: 'use an id that only your session has, or the token that the session belongs to',
      })
    expect(await call(server, ana, 'release', AGENT, { resource_label: 'node:a' })).toMatchObject({
      status: 200,
    })
  })

  it('is logged and recorded in the history when it is refused, and its requests count against its limit', async () => {
    const { tokenFile, ana, bob } = newTokens()
    const dsn = await newBoardInFile()
    const server = await startServer({ tokenFile, dsn, perMinute: 4 })
    expect(await claim(server, ana, AGENT)).toMatchObject({ status: 200 })
    for (const status of [403, 403, 403, 403, 429])
      expect((await claim(server, bob, AGENT)).status).toBe(status)
    expect(server.lines.filter(line => / forbidden token="bob" session_id=/.test(line))).toHaveLength(4)
    const board = await directly(dsn, 'eve')
    const refusals = async () => {
      const said = await board.log({ session: AGENT })
      return said.ok ? said.events.filter(({ event }) => event === 'refused') : []
    }
    await until('the history', async () => (await refusals()).length > 0)
    expect(await refusals()).toMatchObject([
      { session: { id: 'token:bob' }, others: [AGENT], note: 'POST /api/v1/claim' },
    ])
  })

  it('keeps its sessions when they end, so that a resumed agent finds its own id', async () => {
    const { tokenFile, ana, bob } = newTokens()
    const server = await startServer({ tokenFile })
    expect(await call(server, ana, 'register', AGENT)).toMatchObject({ status: 200 })
    expect(await call(server, ana, 'deregister', AGENT)).toMatchObject({ status: 200 })
    expect(await call(server, bob, 'register', AGENT)).toMatchObject({ status: 403 })
    expect(await call(server, ana, 'register', AGENT)).toMatchObject({ status: 200 })
  })

  it('keeps its sessions across a restart, and if it is replaced under its name', async () => {
    const { tokenFile, add, ana, bob } = newTokens()
    const dsn = await newBoardInFile()
    const first = await startServer({ tokenFile, dsn })
    expect(await claim(first, ana, AGENT)).toMatchObject({ status: 200 })
    await first.close()
    const server = await startServer({ tokenFile, dsn })
    expect(await claim(server, bob, AGENT)).toMatchObject({ status: 403 })
    expect(await claim(server, ana, AGENT)).toMatchObject({ status: 200 })
    removeToken(tokenFile, 'ana')
    const again = add('ana')
    await until('the new token', async () => (await claim(server, again, AGENT)).status === 200)
    expect(await claim(server, bob, AGENT)).toMatchObject({ status: 403 })
    expect(await claim(server, ana, AGENT)).toMatchObject({
      status: 401,
      message: 'token "ana" was removed from the server\'s token file, or replaced there',
    })
  })

  it('gets a session of a removed token once that session has ended', async () => {
    const { tokenFile, ana, bob } = newTokens()
    const dsn = await newBoardInFile()
    const server = await startServer({ tokenFile, dsn })
    expect(await claim(server, ana, AGENT)).toMatchObject({ status: 200 })
    removeToken(tokenFile, 'ana')
    await until('the end of ana', async () => (await claim(server, ana, AGENT)).status === 401)
    expect(await claim(server, bob, AGENT)).toMatchObject({
      status: 403,
      message: expect.stringContaining('it belongs to token "ana", which was removed, and has not ended'),
    })
    await (await directly(dsn, AGENT)).release('node:a')
    expect(await claim(server, bob, AGENT)).toMatchObject({ status: 200 })
  })

  it('can’t act as a session that is there without a token, and can once it has ended', async () => {
    const { tokenFile, ana } = newTokens()
    const dsn = await newBoardInFile()
    const server = await startServer({ tokenFile, dsn })
    const [claims, registers] = [await directly(dsn, 'claims'), await directly(dsn, 'registers')]
    await claims.claim('node:a', { purpose: 'p' })
    await registers.register()
    for (const id of ['claims', 'registers'])
      for (const name of ['list', 'register', 'messages/inbox', 'deregister'])
        expect(await call(server, ana, name, id), `${name} as ${id}`).toMatchObject({
          status: 403,
          message: `token "ana" can't act as session "${id}": it is on the board already, and was not made with this token`,
        })
    await claims.release('node:a')
    await registers.deregister()
    for (const id of ['claims', 'registers'])
      expect(await call(server, ana, 'register', id)).toMatchObject({ status: 200 })
  })

  it('is told what works if its session was made before the server required tokens, and it does work', async () => {
    const { tokenFile, ana } = newTokens()
    const dsn = await newBoardInFile()
    const open = await startServer({ dsn })
    const session = { id: AGENT, user: 'u', host: 'h', agent: 'claude-code' }
    expect((await open.post('/api/v1/register', { session })).status).toBe(200)
    await open.close()
    const server = await startServer({ tokenFile, dsn })
    const refused = await call(server, ana, 'register', AGENT)
    expect(refused.status).toBe(403)
    expect(refused.remedy).toMatch(/start a new session of the agent, .*presence --session <id> session end/)
    expect(await call(server, ana, 'register', `${AGENT}-new`), 'a new session').toMatchObject({
      status: 200,
    })
    // What the command does that the operator is told to run.
    await (await directly(dsn, AGENT)).deregister()
    expect(await call(server, ana, 'register', AGENT)).toMatchObject({ status: 200 })
  })

  it('can’t act as a session that waits without a token, or that lost its claim', async () => {
    const { tokenFile, ana } = newTokens()
    const dsn = await newBoardInFile()
    const server = await startServer({ tokenFile, dsn })
    const [holder, waiter, robbed] = [
      await directly(dsn, 'holder'),
      await directly(dsn, 'waiter'),
      await directly(dsn, 'robbed'),
    ]
    await robbed.claimExclusively('node:b', { purpose: 'p' })
    await holder.steal('node:b', { reason: 'its host is down' })
    await holder.claimExclusively('node:a', { purpose: 'p' })
    const waited = Promise.withResolvers<void>()
    const over = new AbortController()
    const wait = { wait: '60s', signal: over.signal, onWait: () => waited.resolve() }
    const waiting = waiter.claimExclusively('node:a', { purpose: 'p', ...wait })
    await waited.promise
    for (const id of ['waiter', 'robbed'])
      expect((await server.post('/api/coord/sessions', { session_id: id }, bearer(ana))).status, id).toBe(403)
    over.abort()
    await waiting
    await robbed.deregister()
    for (const id of ['waiter', 'robbed'])
      expect((await server.post('/api/coord/sessions', { session_id: id }, bearer(ana))).status, id).toBe(201)
  })

  it('leaves nothing behind by calls that only read, or that extend or end what there is', async () => {
    const { tokenFile, ana, bob } = newTokens()
    const server = await startServer({ tokenFile })
    for (const name of ['about', 'list', 'status', 'who', 'heartbeat', 'heartbeat-and-list'])
      expect(await call(server, ana, name, AGENT), name).toMatchObject({ status: 200 })
    for (const name of ['release-all', 'deregister'])
      expect(await call(server, ana, name, AGENT), name).toMatchObject({ status: 200 })
    expect(await call(server, bob, 'heartbeat-and-list', AGENT, { register: true })).toMatchObject({
      status: 200,
    })
    expect(await call(server, ana, 'list', AGENT)).toMatchObject({ status: 403 })
  })

  it('reads the messages of a session that isn’t on the board yet only as the token that it then belongs to', async () => {
    const { tokenFile, ana, bob } = newTokens()
    const server = await startServer({ tokenFile })
    for (const to_session of ['bob-1', 'bob-2', 'bob-3']) {
      const message = { to_session, subject: 's', body: 'the plan' }
      expect(await call(server, ana, 'messages/send', 'ana-1', message)).toMatchObject({ status: 200 })
    }
    // A sample of the doctor leaves the session without a token, so it shows nothing.
    const prompt = { session_id: 'bob-1', hook_event_name: 'UserPromptSubmit', prompt: 'p' }
    const hook = (headers: Record<string, string>) => server.post('/hooks/claude-code', prompt, headers)
    const sample = await hook({ ...bearer(ana), 'x-presence-probe': '1' })
    expect([sample.status, await sample.json()]).toEqual([200, {}])
    expect(await (await hook(bearer(bob))).text(), 'the first real hook has it').toContain('the plan')
    const coord = (token: string, id: string) =>
      server.get(`/api/coord/messages?to_session=${id}`, bearer(token))
    expect((await coord(ana, 'bob-1')).status).toBe(403)
    // Who reads first has the session from then on, so that its agent finds out.
    expect(await (await coord(bob, 'bob-2')).text()).toContain('the plan')
    expect((await coord(ana, 'bob-2')).status).toBe(403)
    expect(await call(server, bob, 'messages/inbox', 'bob-3')).toMatchObject({ status: 200 })
    expect(await call(server, ana, 'messages/inbox', 'bob-3')).toMatchObject({ status: 403 })
  })

  it('tells ids apart exactly, and refuses an id that no session can have', async () => {
    const { tokenFile, ana, bob } = newTokens()
    const server = await startServer({ tokenFile })
    expect(await claim(server, ana, 'Zoë')).toMatchObject({ status: 200 })
    for (const other of ['zoë', 'ZOË', 'Zoe\u0308', 'Zoe'])
      expect(await claim(server, bob, other), other).toMatchObject({ status: 200 })
    for (const id of ['', ' Zoë', 'Zoë ', 'Zoë\u0000', 'Zoë\n', '\ud800', 'x'.repeat(129)])
      expect((await claim(server, bob, id)).status, JSON.stringify(id)).toBe(422)
    expect(await claim(server, bob, 'Zoë')).toMatchObject({ status: 403 })
    const hostile = '"<b>`'
    expect(await claim(server, ana, hostile)).toMatchObject({ status: 200 })
    expect((await claim(server, bob, hostile)).message).not.toMatch(/[<>`]/)
  })

  it('leaves the ids of a pattern to the token with that pattern, which means what it always did', async () => {
    const { tokenFile, add, ana, bob } = newTokens()
    const [ci, all] = [add('ci', ['ci-*']), add('all', ['*'])]
    const server = await startServer({ tokenFile })
    expect(await claim(server, ana, 'ci-7')).toMatchObject({
      status: 403,
      message: `token "ana" can't act as session "ci-7": it belongs to token "ci"`,
    })
    expect(await claim(server, ci, 'ci-7')).toMatchObject({ status: 200 })
    expect(await claim(server, ana, AGENT)).toMatchObject({ status: 200 })
    expect(await claim(server, all, AGENT), 'a pattern may match any session').toMatchObject({ status: 200 })
    expect(await claim(server, ci, AGENT)).toMatchObject({
      status: 403,
      message: `token "ci" can't act as session "${AGENT}": it may only act as "ci-*"`,
      remedy: expect.stringContaining('presence token add'),
    })
    expect(await claim(server, all, 'other')).toMatchObject({ status: 200 })
    expect(await claim(server, bob, 'other'), 'nobody keeps it for bob').toMatchObject({ status: 403 })
  })

  it('says who it is and which sessions it acts as, and nothing to others', async () => {
    const { tokenFile, add, ana } = newTokens()
    const ci = add('ci', ['ci-*', 'build'])
    const server = await startServer({ tokenFile })
    const about = async (token: string) => (await server.get('/api/v1/token', bearer(token))).json()
    expect(await about(ana)).toEqual({ token: 'ana', acts_as: 'own', patterns: [] })
    expect(await about(ci)).toEqual({ token: 'ci', acts_as: 'patterns', patterns: ['ci-*', 'build'] })
    const stranger = await server.get('/api/v1/token', bearer('presence_unknown'))
    expect([stranger.status, await stranger.text()]).toEqual([401, expect.not.stringMatching(/ana|ci|build/)])
    const open = await startServer()
    expect(await (await open.get('/api/v1/token')).json()).toEqual({
      token: null,
      acts_as: 'any',
      patterns: [],
    })
  })

  it('may be written into the file by hand, and a line with an odd value is refused', async () => {
    const { tokenFile, ana } = newTokens()
    const good = readFileSync(tokenFile, 'utf8')
    const server = await startServer({ tokenFile })
    // Reordered keys, blank lines and Windows line ends.
    const [first = ''] = good.split('\n')
    const { name, sha256 } = JSON.parse(first) as Record<string, string>
    writeFileSync(tokenFile, `\r\n${JSON.stringify({ sha256, name })}\r\n\r\n`, { mode: 0o600 })
    await until('the new file', async () => (await claim(server, ana, AGENT)).status === 200)
    for (const as of [null, [], '*', [''], [1], true]) {
      writeFileSync(tokenFile, good, { mode: 0o600 })
      appendFileSync(tokenFile, JSON.stringify({ name: 'eve', sha256: 'a'.repeat(64), as }))
      const before = server.lines.filter(line => line.includes('line 3 is not a token')).length
      await until(`the trouble with ${JSON.stringify(as)}`, async () => {
        expect((await claim(server, ana, AGENT)).status).toBe(200)
        return server.lines.filter(line => line.includes('line 3 is not a token')).length > before
      })
    }
  })

  it('is refused a request of the coordination API that names no session', async () => {
    const { tokenFile, ana } = newTokens()
    const server = await startServer({ tokenFile })
    const item = { project_key: 'shop', title: 't', status: 'pending', priority: 1 }
    const unnamed = await server.post('/api/coord/work-items', item, bearer(ana))
    expect([unnamed.status, await unnamed.json()]).toMatchObject([
      403,
      { error: { message: 'a request with token "ana" must name its session' } },
    ])
    const named = await server.post('/api/coord/work-items', { ...item, created_by: 'ana' }, bearer(ana))
    expect(named.status).toBe(201)
  })

  it('still finds out by a 404 that a session of the coordination API is not registered', async () => {
    const { tokenFile, ana, bob } = newTokens()
    const server = await startServer({ tokenFile })
    const beat = (token: string) => server.post('/api/coord/sessions/ana/heartbeat', {}, bearer(token))
    expect((await beat(ana)).status).toBe(404)
    const registered = await server.post('/api/coord/sessions', { session_id: 'ana' }, bearer(ana))
    expect(registered.status).toBe(201)
    expect((await beat(ana)).status).toBe(200)
    expect((await beat(bob)).status).toBe(403)
  })
})

describe('G9: a token that is presented in an odd way', () => {
  it('counts only as one Authorization header, and the answer says what is wrong', async () => {
    const { tokenFile, ana } = newTokens()
    const server = await startServer({ tokenFile })
    const said = async (headers: Record<string, string>, query = '') => {
      const answer = await server.get(`/api/v1/token${query}`, headers)
      const { error } = (await answer.json()) as { error?: { message: string } }
      return [answer.status, error?.message]
    }
    const missing = [401, 'the server requires a token']
    const malformed = [401, 'the Authorization header is not: Bearer <token>']
    const unknown = [401, 'the server does not know this token']
    expect(await said({})).toEqual(missing)
    for (const query of [`?token=${ana}`, `?access_token=${ana}`, `?authorization=Bearer%20${ana}`])
      expect(await said({}, query), 'a query is logged by proxies').toEqual(missing)
    expect(await said({ Cookie: `token=${ana}`, 'X-Token': ana })).toEqual(missing)
    for (const odd of [ana, `Basic ${ana}`, `Bearer`, `Bearer ${ana} x`, `Bearer "${ana}"`, `Bearer ${ana}é`])
      expect(await said({ Authorization: odd }), odd).toEqual(malformed)
    for (const wrong of [`${ana}=`, ana.toLowerCase(), 'x', 'x'.repeat(5_000), '__proto__', '...'])
      expect(await said(bearer(wrong)), wrong.slice(0, 50)).toEqual(unknown)
    const line = (token: string) => `Authorization: Bearer ${token}\r\n`
    const two = (lines: string) =>
      server.raw(
        `GET /api/v1/token HTTP/1.1\r\nHost: 127.0.0.1:${server.port}\r\n${lines}Connection: close\r\n\r\n`,
      )
    expect(await two(line('wrong') + line(ana)), 'the second header is ignored').toMatch(/^HTTP\/1.1 401/)
    expect(await two(`Authorization: Bearer ${'x'.repeat(20_000)}\r\n`)).toMatch(/^HTTP\/1.1 431/)
    expect(server.lines.join()).not.toContain(ana)
  })
})

describeEachDatabase('G9: two servers on one board', store => {
  it('let exactly one of two tokens have a session that both ask for at once, and both servers agree', async () => {
    await using board = await store.newBoard()
    const { tokenFile, ana, bob } = newTokens()
    const [one, two] = [
      await startServer({ tokenFile, dsn: board.database }),
      await startServer({ tokenFile, dsn: board.database }),
    ]
    for (let round = 0; round < 6; round++) {
      const id = `s${round}`
      const asked = [ana, bob, ana, bob].map((token, at) =>
        call(at < 2 ? one : two, token, 'register', id).then(({ status }) => ({ token, status })),
      )
      const said = await Promise.all(asked)
      const winners = new Set(said.filter(({ status }) => status === 200).map(({ token }) => token))
      expect(winners.size, JSON.stringify(said.map(({ status }) => status))).toBe(1)
      for (const server of [one, two])
        for (const token of [ana, bob])
          expect((await claim(server, token, id)).status).toBe(winners.has(token) ? 200 : 403)
    }
  })
})
