import { openBoards } from '@presence/core/internal'
import { expect, it, vi } from 'vitest'
import { SqliteStore } from '../../../core/src/store/sqlite/store.ts'
import { accepted } from '../../../core/test/answers.ts'
import { describeEachDatabase } from '../../../core/test/stores.ts'
import { serveOn } from './support.ts'

const MESSAGE = { from_session: 'ana', to_session: 'bob', subject: 'built', body: 'take it from here' }
const { to_session: _, ...BROADCAST } = MESSAGE

describeEachDatabase('messages over HTTP', store => {
  it('are marked as read by their recipient, and a broadcast by each session for itself', async () => {
    await using board = await store.newBoard()
    await using coord = await serveOn(board.dsn)
    const bob = await board.as('bob')
    const { body: one } = await coord.post('messages', MESSAGE)
    const { body: all } = await coord.post('messages', BROADCAST)
    expect(accepted(await bob.messages.inbox({ unreadOnly: true })).rows).toHaveLength(2)
    const unread = async (session: string) =>
      (await coord.get('messages', { to_session: session, unread_only: 'true' })).body.messages.map(
        ({ id }: { id: string }) => id,
      )
    expect(await coord.put(`messages/${one.id}/read`)).toMatchObject({
      status: 200,
      body: { session_id: 'bob' },
    })
    expect(await unread('bob')).toEqual([all.id])
    expect(await coord.put(`messages/${all.id}/read`)).toMatchObject({ status: 409 })
    expect((await coord.put(`messages/${all.id}/read`, { session_id: 'bob' })).status).toBe(200)
    expect((await coord.put(`messages/${all.id}/read?session_id=eve`)).status).toBe(200)
    expect([await unread('bob'), await unread('eve'), await unread('dan')]).toEqual([[], [], [all.id]])
    expect((await coord.put(`messages/${one.id}/read`, { session_id: 'eve' })).status, 'not eve’s').toBe(404)
    expect((await coord.put('messages/nothing/read')).status).toBe(404)
    expect((await coord.get('messages', { to_session: 'bob' })).body.messages).toHaveLength(2)
    expect((await coord.get('messages')).body.messages, 'without a session: only broadcasts').toMatchObject([
      { id: all.id },
    ])
  })

  it('keep any text exactly as sent, and are refused if they are too long or invalid', async () => {
    await using board = await store.newBoard()
    await using coord = await serveOn(board.dsn)
    const body = `</presence> \u001b[2J\u202e ${'🦊'.repeat(100)}\r\n'; DROP TABLE presence_messages; --`
    const sent = await coord.post('messages', {
      ...MESSAGE,
      body,
      kind: 'STATUS_UPDATE',
      project_key: 'shop',
    })
    expect(sent).toMatchObject({ status: 201, body: { body } })
    expect(
      (await coord.get('messages', { to_session: 'bob', kind: 'STATUS_UPDATE' })).body.messages,
    ).toMatchObject([{ body, kind: 'STATUS_UPDATE', project_key: 'shop', read_at: null, unread: true }])
    for (const bad of [
      { body: 'x'.repeat(8_001) },
      { subject: 'x'.repeat(256) },
      { body: ' ' },
      { body: 'a\0b' },
      { kind: 'SHOUT' },
      { from_session: '' },
      { to_session: 'x'.repeat(129) },
      { project_key: 'A' },
      { extra: 1 },
    ])
      expect(
        (await coord.post('messages', { ...MESSAGE, ...bad })).status,
        JSON.stringify(bad).slice(0, 60),
      ).toBe(422)
    expect((await coord.post('messages', { ...MESSAGE, body: '🦊'.repeat(8_000) })).status).toBe(201)
  })

  it('that are delivered late keep their original time, and arrive once', async () => {
    await using board = await store.newBoard()
    await using coord = await serveOn(board.dsn)
    const late = () =>
      fetch(`${coord.url}/api/coord/messages?said_ms_ago=3600000`, {
        method: 'POST',
        body: JSON.stringify(MESSAGE),
        headers: { 'content-type': 'application/json', 'idempotency-key': 'm-1' },
      })
    const first = (await (await late()).json()) as { sent_at: string }
    await late()
    const { body } = await coord.get('messages', { to_session: 'bob' })
    expect(body.messages).toMatchObject([{ id: 'm-1', sent_at: first.sent_at }])
    const age = Date.parse(body.as_of) - Date.parse(first.sent_at)
    expect(Math.round(age / 60_000)).toBe(60)
  })
})

describeEachDatabase('sessions over HTTP', store => {
  it('come in pages, and reading a page doesn’t read the others', async () => {
    await using board = await store.newBoard()
    await using coord = await serveOn(board.dsn)
    const ids = ['a/1', 'b', 'c', 'd', 'e']
    for (const session_id of ids) await coord.post('sessions', { session_id })
    await coord.delete('sessions/d')
    const pages = async (query: Record<string, string>) => {
      const found: string[][] = []
      let after: string | null = null
      do {
        const { body } = await coord.get('sessions', { limit: '2', ...query, ...(after ? { after } : {}) })
        found.push(body.sessions.map(({ session_id: id }: { session_id: string }) => id))
        after = body.next
      } while (after)
      return found
    }
    const read = vi.spyOn(SqliteStore.prototype, 'sessions')
    expect(await pages({})).toEqual([
      ['a/1', 'b'],
      ['c', 'e'],
    ])
    for (const result of read.mock.results) expect((await result.value).length).toBeLessThanOrEqual(3)
    read.mockRestore()
    expect(await pages({ state: 'live' })).toHaveLength(2)
    expect(await pages({ state: 'inactive' })).toEqual([['d']])
    expect((await coord.get('sessions', { after: 'nowhere' })).status).toBe(200)
  })

  it('are found by id without reading the list of all sessions', async () => {
    await using board = await store.newBoard()
    await using boards = await openBoards({ dsn: board.dsn })
    const nobody = Object.getPrototypeOf(boards.as({ id: '', user: '', host: '', agent: '' }))
    const who = vi.spyOn(nobody, 'who')
    await using coord = await serveOn(board.dsn)
    expect((await coord.post('sessions', { session_id: 'ana' })).status).toBe(201)
    expect((await coord.get('sessions/ana')).body).toMatchObject({ session_id: 'ana', state: 'live' })
    expect((await coord.get('sessions/bob')).status).toBe(404)
    expect((await coord.post('sessions/ana/heartbeat', undefined)).status).toBe(200)
    expect((await coord.delete('sessions/ana')).body).toMatchObject({ state: 'inactive' })
    expect(who).not.toHaveBeenCalled()
    who.mockRestore()
  })

  it('are live with heartbeats, stale without them, and inactive but still known after their end', async () => {
    await using board = await store.newBoard()
    await using coord = await serveOn(board.dsn)
    const id = 'DESKTOP-0O8A1RL/claude-main'
    const path = `sessions/${encodeURIComponent(id)}`
    expect((await coord.get(path)).status).toBe(404)
    expect((await coord.post(`${path}/heartbeat`, undefined)).status, 'the session is unknown').toBe(404)
    expect((await coord.delete(path)).status).toBe(404)
    const made = await coord.post('sessions', { session_id: id, role: 'backend', project_key: 'gururmm' })
    expect(made).toMatchObject({
      status: 201,
      body: {
        session_id: id,
        host: 'DESKTOP-0O8A1RL',
        agent: 'claude-main',
        role: 'backend',
        repo: 'gururmm',
        state: 'live',
      },
    })
    await board.age(270)
    const { body: quiet } = await coord.get(path)
    expect(quiet).toMatchObject({ state: 'live' })
    expect(quiet.seconds_since_heartbeat).toBeGreaterThanOrEqual(270)
    expect(quiet.seconds_since_heartbeat).toBeLessThanOrEqual(300)
    await board.age(31)
    expect(await coord.get('sessions', { state: 'stale' })).toMatchObject({
      body: { sessions: [{ stale: true }] },
    })
    await coord.post('locks', { project_key: 'gururmm', session_id: id, resource: 'a' })
    expect(await coord.post(`${path}/heartbeat`, undefined)).toMatchObject({
      status: 200,
      body: { session_id: id, locks: [{ resource: 'a' }], claims: [], others: [], lapsed: [] },
    })
    expect(await coord.get(path)).toMatchObject({
      body: { state: 'live', holds: ['infra:gururmm/a'], role: 'backend' },
    })
    expect(await coord.delete(path)).toMatchObject({ status: 200, body: { state: 'inactive', holds: [] } })
    expect((await coord.get('sessions')).body.sessions).toEqual([])
    expect((await coord.get('sessions', { state: 'inactive' })).body.sessions).toMatchObject([
      { session_id: id },
    ])
    expect((await coord.get('locks')).body.locks).toEqual([])
    expect(await coord.get('status')).toMatchObject({
      body: { sessions: { live: 0, stale: 0, inactive: 1 } },
    })
  })
})
