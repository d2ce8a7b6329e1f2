import { expect, it } from 'vitest'
import { accepted } from '../../../core/test/answers.ts'
import { describeEachDatabase } from '../../../core/test/stores.ts'
import { serveOn } from './support.ts'

const LOCK = {
  project_key: 'shop',
  session_id: 'ana',
  resource: 'deploy',
  description: 'rolling out',
  ttl_hours: 0,
}
const TWO_HOURS = 7_200
const force = { session_id: 'bob', force: 'true', reason: 'ana has gone home' }

describeEachDatabase('a lock', store => {
  it('is idle after 2 h, and can then be taken away with force and a reason, which is recorded and reported to its session', async () => {
    await using board = await store.newBoard()
    await using coord = await serveOn(board.dsn)
    const [ana, bob] = [await board.as('ana'), await board.as('bob')]
    const { body: lock } = await coord.post('locks', LOCK)
    await board.age(TWO_HOURS)
    expect((await coord.get('locks')).body.locks).toMatchObject([{ id: lock.id, stale: true }])

    const told = await coord.delete(`locks/${lock.id}`, { session_id: 'bob' })
    expect(told).toMatchObject({
      status: 409,
      body: { error: { remedy: expect.stringContaining('force=true') } },
    })
    const { reason, ...unreasoned } = force
    expect(await coord.delete(`locks/${lock.id}`, unreasoned)).toMatchObject({ status: 422 })
    expect((await coord.get('locks')).body.locks).toHaveLength(1)

    expect((await coord.delete(`locks/${lock.id}`, force)).status).toBe(204)
    expect((await coord.get('locks')).body.locks).toEqual([])
    expect(accepted(await bob.log()).events.at(-1)).toMatchObject({
      event: 'steal',
      session: { id: 'bob' },
      others: ['ana'],
      note: reason,
    })
    expect((await coord.get('locks', { session_id: 'ana' })).body.stolen).toMatchObject([
      { label: lock.label, ended: 'stolen', ended_by: 'bob', reason },
    ])
    expect(await coord.delete(`locks/${lock.id}`, { session_id: 'ana' })).toMatchObject({
      status: 404,
      body: { detail: expect.stringContaining('bob took it') },
    })
    expect((await ana.heartbeat()).lapsed).toMatchObject([
      { claim: { label: lock.label, ended: { how: 'stolen', by: 'bob', note: reason } }, others: [] },
    ])
    expect(await coord.post('locks', { ...LOCK, session_id: 'bob' })).toMatchObject({ status: 201 })
    expect(await coord.post('locks', LOCK), 'bob holds it now').toMatchObject({ status: 409 })
  })

  it('is not idle a minute earlier, and can’t be taken away even with force', async () => {
    await using board = await store.newBoard()
    await using coord = await serveOn(board.dsn)
    const { body: lock } = await coord.post('locks', LOCK)
    await board.age(TWO_HOURS - 60)
    expect((await coord.get('locks')).body.locks).toMatchObject([{ stale: false }])
    for (const query of [{ session_id: 'bob' }, force])
      expect(await coord.delete(`locks/${lock.id}`, query)).toMatchObject({
        status: 403,
        body: { detail: expect.stringContaining('held by ana') },
      })
    expect((await coord.get('locks')).body.locks).toHaveLength(1)
  })

  it.each(['a heartbeat', 'asking again'])('is no longer idle after %s', async how => {
    await using board = await store.newBoard()
    await using coord = await serveOn(board.dsn)
    const ana = await board.as('ana')
    const { body: lock } = await coord.post('locks', LOCK)
    await board.age(TWO_HOURS + 1)
    if (how === 'a heartbeat') await ana.heartbeat()
    else
      expect(await coord.post('locks', { ...LOCK, ttl_hours: 1 })).toMatchObject({
        status: 200,
        body: { expires_at: null },
      })
    expect((await coord.get('locks')).body.locks).toMatchObject([{ stale: false }])
    expect((await coord.delete(`locks/${lock.id}`, force)).status).toBe(403)
  })

  it('is taken away by only one of several sessions, and never after its own session came back', async () => {
    await using board = await store.newBoard()
    await using coord = await serveOn(board.dsn)
    const ana = await board.as('ana')
    for (let round = 0; round < 4; round++) {
      const { body: lock } = await coord.post('locks', LOCK)
      await board.age(TWO_HOURS)
      const [beat, ...said] = await Promise.all([
        round % 2 ? ana.heartbeat() : undefined,
        ...['bob', 'eve', 'dan'].map(id => coord.delete(`locks/${lock.id}`, { ...force, session_id: id })),
      ])
      const { locks } = (await coord.get('locks')).body
      const freed = said.filter(({ status }) => status === 204).length
      expect(freed + locks.length, JSON.stringify(said)).toBe(1)
      if (beat === undefined) expect(freed).toBe(1)
      await coord.delete(`locks/${lock.id}`, { session_id: 'ana' })
      await ana.release(lock.label)
    }
  })

  it.each(['expired', 'was stolen'])(
    'that %s is reported to a heartbeat of its session, registered or not',
    async how => {
      await using board = await store.newBoard()
      await using coord = await serveOn(board.dsn)
      const { body: lock } = await coord.post('locks', { ...LOCK, ttl_hours: how === 'expired' ? 1 : 0 })
      await board.age(TWO_HOURS)
      if (how === 'was stolen') expect((await coord.delete(`locks/${lock.id}`, force)).status).toBe(204)
      expect(await coord.post('sessions/ana/heartbeat', undefined)).toMatchObject({
        status: 200,
        body: { locks: [], lapsed: [{ label: lock.label, ended: how === 'expired' ? 'expired' : 'stolen' }] },
      })
    },
  )
})
