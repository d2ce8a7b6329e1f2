import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client'
import { describe, expect, it } from 'vitest'
import { presence } from '../../../e2e/support/cli.ts'
import { answerOf } from '../../../e2e/support/mcp-agent.ts'
import { Running } from '../../../e2e/support/running.ts'
import { scratchFolder } from '../../../e2e/support/scratch.ts'

/** Starts a server on a new board, or on the board in `folder`. */
async function newServer(folder = scratchFolder(), ...more: readonly string[]) {
  const dsn = `sqlite:${folder}/board.db`
  const running = new Running(['serve', '--port', '0', '--dsn', dsn, ...more], { HOME: folder })
  const url = /http:\S+/.exec(await running.line(/serving on/))?.[0] ?? ''
  return { dsn, folder, url: `${url}/mcp`, [Symbol.asyncDispose]: () => running[Symbol.asyncDispose]() }
}

async function connect(url: string, headers: Record<string, string> = {}, settings = {}) {
  const client = new Client({ name: 'remote-agent', version: '1' }, settings)
  await client.connect(new StreamableHTTPClientTransport(new URL(url), { requestInit: { headers } }))
  return {
    client,
    call: async (name: string, args: Record<string, unknown> = {}) =>
      answerOf(await client.callTool({ name, arguments: args })),
    [Symbol.asyncDispose]: () => client.close(),
  }
}

const NEWEST = { versionNegotiation: { mode: { pin: '2026-07-28' } } }
const OLD = { supportedProtocolVersions: ['2025-06-18'] }

describe.each([
  ['2025-06-18', OLD],
  ['2026-07-28', NEWEST],
])('MCP over HTTP, as of %s', (_, settings) => {
  it('identifies each session by its header, and tells co-claiming sessions about each other', async () => {
    await using server = await newServer()
    await using ana = await connect(
      server.url,
      { 'X-Presence-Session': 'ana', 'X-Presence-User': 'ana' },
      settings,
    )
    await using bob = await connect(server.url, { 'X-Presence-Session': 'bob' }, settings)
    expect((await ana.call('claim', { label: 'node:a', purpose: 'drain' })).data).toMatchObject({
      claim: { session_id: 'ana', user: 'ana', host: 'unknown' },
    })
    expect((await bob.call('claim', { label: 'node:a', purpose: 'restart' })).data).toMatchObject({
      claimed: true,
      others: [{ session_id: 'ana' }],
    })
    expect((await bob.call('release', { all: true })).data.released).toEqual(['node:a'])
    expect((await presence(['list', '--dsn', server.dsn])).stdout).toMatch(/ana/)
  })

  it('identifies a session by the session_id argument of each call', async () => {
    await using server = await newServer()
    await using ana = await connect(server.url, {}, settings)
    expect(
      (await ana.call('coord_register_presence', { session_id: 'ana', role: 'backend', worktree_path: '/w' }))
        .data,
    ).toEqual({ session_id: 'ana' })
    expect((await ana.call('coord_get_presence', { session_id: 'ana' })).data.sessions).toMatchObject([
      { session_id: 'ana', stale: false, place: { worktree: '/w' }, holds: [] },
    ])
    expect(
      (await ana.call('claim', { label: 'node:a', purpose: 'p', session_id: 'ana' })).data,
    ).toMatchObject({
      claim: { session_id: 'ana' },
    })
  })

  it('says what to send when a call names no session, or another session than its client', async () => {
    await using server = await newServer()
    await using nobody = await connect(server.url, {}, settings)
    expect(await nobody.call('claim', { label: 'node:a', purpose: 'p' })).toMatchObject({
      isError: true,
      text: expect.stringMatching(/send session_id .*or have the client send the header X-Presence-Session$/),
    })
    const drawn = await Promise.all(
      [1, 2].map(async () => /(remote-)?agent@\w{8}/.exec((await nobody.call('list')).text)?.[0]),
    )
    expect(new Set(drawn).size).toBe(2)
    expect((await nobody.call('list', { session_id: drawn[0] })).isError).toBe(false)
    await using ana = await connect(server.url, { 'X-Presence-Session': 'ana' }, settings)
    expect(await ana.call('release', { all: true, session_id: 'bob' })).toMatchObject({
      isError: true,
      text: expect.stringMatching(/this client is session ana, not bob; leave session_id out/),
    })
    await using odd = await connect(server.url, { 'X-Presence-Session': 'x'.repeat(200) }, settings)
    expect((await odd.call('list')).text).toMatch(/an id has at most 128/)
  })

  it('warns a caller that registers a live id, and says who uses it, since when, and what it holds', async () => {
    await using server = await newServer()
    await using ana = await connect(
      server.url,
      { 'X-Presence-Session': 'ana', 'X-Presence-User': 'ana' },
      settings,
    )
    await using bob = await connect(server.url, { 'X-Presence-User': 'bob' }, settings)
    expect((await ana.call('coord_register_presence')).data).toEqual({ session_id: 'ana' })
    await ana.call('claim', { label: 'node:a', purpose: 'drain' })
    const said = await bob.call('coord_register_presence', { session_id: 'ana' })
    expect(said.text).toMatch(
      /note: ana \((remote-agent|mcp), ana@unknown\) has been in use since 2.* holding node:a/,
    )
  })

  it('answers through any server of a board, because it keeps nothing between calls', async () => {
    await using one = await newServer()
    await using other = await newServer(one.folder)
    const headers = { 'X-Presence-Session': 'ana' }
    await using here = await connect(one.url, headers, settings)
    await using there = await connect(other.url, headers, settings)
    await here.call('claim', { label: 'node:a', purpose: 'p' })
    expect((await there.call('release', { label: 'node:a' })).data.released).toEqual(['node:a'])
  })

  it('reports progress to a client that waits', async () => {
    await using server = await newServer()
    await using ana = await connect(server.url, { 'X-Presence-Session': 'ana' }, settings)
    await using bob = await connect(server.url, { 'X-Presence-Session': 'bob' }, settings)
    await ana.call('claim', { label: 'node:a', purpose: 'drain' })
    const heard: (string | undefined)[] = []
    const waiting = bob.client.callTool(
      { name: 'wait', arguments: { label: 'node:a', seconds: 50 } },
      {
        onprogress: ({ message }) => {
          if (heard.push(message) === 1) void ana.call('release', { all: true })
        },
      },
    )
    expect((await waiting).structuredContent).toMatchObject({ free: true })
    expect(heard[0]).toMatch(/^held: "drain" by ana/)
  })
})

describe('a token', () => {
  it.each([
    [
      'with a pattern',
      ['--as', 'mallory@*'],
      /it may only act as "mallory@\*"; use a session id that matches/,
    ],
    ['for its own sessions', [], /it is on the board already, .*; use an id that only your session has/],
  ])('%s speaks through tools only as its own sessions, named by header or argument', async (_, as, why) => {
    const folder = scratchFolder()
    const file = `${folder}/tokens`
    const added = await presence(['token', 'add', 'mallory', ...as, '--file', file], {
      cwd: folder,
    })
    const token = /\S{40,}/.exec(added.stdout)?.[0] ?? ''
    await using server = await newServer(folder, '--token-file', file)
    const claimed = ['claim', 'node:z', '--purpose', 'p', '--session', 'ana@1', '--dsn', server.dsn]
    expect((await presence(claimed)).status).toBe(0)
    const Authorization = `Bearer ${token}`
    await using own = await connect(server.url, { Authorization, 'X-Presence-Session': 'mallory@1' })
    expect((await own.call('claim', { label: 'node:a', purpose: 'p' })).data).toMatchObject({ claimed: true })
    await using other = await connect(server.url, { Authorization, 'X-Presence-Session': 'ana@1' })
    await using named = await connect(server.url, { Authorization })
    for (const said of [
      await other.call('release', { all: true }),
      await other.call('coord_check_messages'),
      await named.call('coord_deregister_presence', { session_id: 'ana@1' }),
      await named.call('coord_register_presence', { session_id: 'ana@1' }),
    ])
      expect(said).toMatchObject({
        isError: true,
        text: expect.stringMatching(
          new RegExp(`token "mallory" can.t act as session "ana@1": ${why.source}`),
        ),
      })
    await expect(connect(server.url)).rejects.toThrow()
  })
})

describe('the address /mcp', () => {
  it.each([
    ['GET', undefined, 405],
    ['DELETE', undefined, 405],
    ['POST', 'hello', 400],
    ['POST', 'x'.repeat(70_000), 413],
  ])('answers a %s request that carries no valid message', async (method, body, status) => {
    await using server = await newServer()
    const response = await fetch(server.url, {
      method,
      headers: { 'Content-Type': 'application/json', Accept: 'application/json, text/event-stream' },
      ...(body === undefined ? {} : { body }),
    })
    expect(response.status).toBe(status)
  })
})
