import { once } from 'node:events'
import { connect } from 'node:net'
import { migrate, openBoard } from '@presence/core'
import { describe, expect, it } from 'vitest'
import { PresenceServer } from './support/presence-server.ts'
import { scratchFolder } from './support/scratch.ts'

const GIVE_UP_MS = 1_000

async function frozenBoard() {
  const dsn = `sqlite:${scratchFolder()}/board.db`
  await migrate({ dsn, env: {} })
  return await PresenceServer.start(dsn)
}

/** Makes a request, and gives up on it after a second. */
const askBriefly = (url: string, method: string, body?: unknown, headers: Record<string, string> = {}) =>
  fetch(url, {
    method,
    signal: AbortSignal.timeout(GIVE_UP_MS),
    ...(body === undefined
      ? {}
      : { body: JSON.stringify(body), headers: { 'content-type': 'application/json', ...headers } }),
  })

/** The labels that are held, and the history, read by a later client. */
async function boardNow(server: PresenceServer) {
  // The server reads its connections in the order in which they came, so it has dealt with the earlier ones.
  await using bob = await openBoard({ dsn: server.url, session: 'bob', outbox: false, deadlineMs: 20_000 })
  const [said, log, inbox, who] = [
    await bob.list(),
    await bob.log(),
    await bob.messages.inbox(),
    await bob.who(),
  ]
  return {
    held: said.ok ? said.claims.map(({ label }) => label) : said,
    log: log.ok ? log.events.map(({ event, label }) => `${event} ${label}`) : log,
    subjects: inbox.ok ? inbox.rows.map(({ subject }) => subject) : inbox,
    sessions: who.sessions.map(({ session }) => session.id),
  }
}

describe('a server that was frozen', () => {
  it('makes no call of a client that gave up meanwhile', async () => {
    await using server = await frozenBoard()
    await using ana = await openBoard({
      dsn: server.url,
      session: 'ana',
      outbox: false,
      deadlineMs: GIVE_UP_MS,
    })
    await ana.claim('node:held', { purpose: 'p' })

    server.freeze()
    const given = await Promise.allSettled([
      ana.claim('node:shared', { purpose: 'p' }),
      ana.claimExclusively('node:exclusive', { purpose: 'p' }),
      ana.release('node:held'),
    ])
    server.thaw()
    expect(given.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected'])

    expect(await boardNow(server)).toMatchObject({ held: ['node:held'], log: ['claim node:held'] })
  })

  it('changes nothing for a client of the coordination API that gave up, except to release a lock', async () => {
    await using server = await frozenBoard()
    const coord = `${server.url}/api/coord`
    const lock = (resource: string) => ({
      project_key: 'shop',
      session_id: 'HOST/agent',
      resource,
      description: 'd',
    })
    const ids: string[] = []
    for (const label of ['node:kept', 'node:released']) {
      const answer = await fetch(`${coord}/locks`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(lock(label)),
      })
      ids.push(((await answer.json()) as { id: string }).id)
    }

    server.freeze()
    const given = [
      askBriefly(`${coord}/locks`, 'POST', lock('node:new')),
      askBriefly(`${coord}/messages`, 'POST', { from_session: 'HOST/agent', subject: 's', body: 'b' }),
      askBriefly(`${coord}/sessions`, 'POST', { session_id: 'HOST/other' }),
      askBriefly(`${coord}/locks?session_id=HOST/agent&release_all=true`, 'DELETE'),
      askBriefly(`${coord}/sessions/HOST%2Fagent`, 'DELETE'),
      askBriefly(`${coord}/locks/${ids[1]}?session_id=HOST/agent`, 'DELETE'),
    ]
    const settled = await Promise.allSettled(given)
    server.thaw()
    expect(new Set(settled.map(({ status }) => status))).toEqual(new Set(['rejected']))

    expect(await boardNow(server)).toEqual({
      held: ['node:kept'],
      log: ['claim node:kept', 'claim node:released', 'release node:released'],
      subjects: [],
      sessions: ['HOST/agent'],
    })
  })

  it('runs no MCP tool of a client that gave up meanwhile', async () => {
    await using server = await frozenBoard()
    const call = {
      jsonrpc: '2.0',
      id: 1,
      method: 'tools/call',
      params: { name: 'claim', arguments: { label: 'node:a', purpose: 'p', session_id: 'ana' } },
    }
    const accept = { accept: 'application/json, text/event-stream' }
    const asked = () => askBriefly(`${server.url}/mcp`, 'POST', call, accept)
    // The same call is valid, and loads the code of MCP.
    expect(await (await asked()).text()).toContain('node:a')

    server.freeze()
    call.params.arguments.label = 'node:b'
    await expect(asked()).rejects.toThrow()
    server.thaw()
    expect(await boardNow(server)).toMatchObject({ held: ['node:a'] })
  })
  it('makes no call of a client that has closed its sending side', async () => {
    await using server = await frozenBoard()
    const session = { id: 'ana', user: 'u', host: 'h', agent: 'a' }
    const body = JSON.stringify({ session, resource_label: 'node:a', purpose: 'p' })
    const { port } = new URL(server.url)
    const socket = connect({ port: Number(port), host: '127.0.0.1', allowHalfOpen: true })
    await once(socket, 'connect')
    let answer = ''
    socket.setEncoding('utf8').on('data', text => {
      answer += text
    })

    server.freeze()
    const head = `POST /api/v1/claim HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nContent-Type: application/json`
    socket.end(`${head}\r\nContent-Length: ${body.length}\r\n\r\n${body}`)
    await once(socket, 'finish')
    server.thaw()
    await once(socket, 'end')
    socket.destroy()
    expect(answer).toBe('')
    expect(await boardNow(server)).toMatchObject({ held: [], log: [] })
  })
})
