import { expect, it } from 'vitest'
import { accepted } from '../../../core/test/answers.ts'
import { describeEachDatabase } from '../../../core/test/stores.ts'
import { serveOn } from './support.ts'

/** The example of seed 003. */
const LOCK = {
  project_key: 'gururmm',
  session_id: 'DESKTOP-0O8A1RL/claude-main',
  resource: 'server/src/api/credentials.rs',
  description: 'Adding credential endpoints',
  ttl_hours: 2,
}
const LABEL = 'infra:gururmm/server/src/api/credentials.rs'
const other = { ...LOCK, session_id: 'HOWARD-HOME/claude-main' }

describeEachDatabase('a lock over HTTP', store => {
  it('is an exclusive claim that the board lists, and that only its session can release', async () => {
    await using board = await store.newBoard()
    await using coord = await serveOn(board.dsn)
    const ana = await board.as('ana')
    const made = await coord.post('locks', LOCK)
    expect(made).toMatchObject({
      status: 201,
      body: { ...LOCK, label: LABEL, stale: false, token: 1, lapsed: [], ended: [] },
    })
    expect(Date.parse(made.body.expires_at) - Date.parse(made.body.acquired_at)).toBe(7_200_000)
    expect(accepted(await ana.list()).claims).toMatchObject([
      {
        label: LABEL,
        session: { id: LOCK.session_id, host: 'DESKTOP-0O8A1RL', agent: 'claude-main' },
        token: 1,
      },
    ])
    expect(await ana.claim(LABEL, { purpose: 'p' })).toMatchObject({ ok: false, refusal: { code: 'held' } })

    const { id } = made.body
    const refused = await coord.delete(`locks/${id}`, { session_id: 'ana' })
    expect(refused).toMatchObject({ status: 403, body: { detail: expect.stringContaining(LOCK.session_id) } })
    expect((await coord.delete(`locks/${id}`, { session_id: LOCK.session_id })).status).toBe(204)
    expect((await coord.delete(`locks/${id}`, { session_id: LOCK.session_id })).status).toBe(404)
    expect(accepted(await ana.list()).claims).toEqual([])
    await expect
      .poll(async () => accepted(await ana.log()).events, { timeout: 30_000 })
      .toMatchObject([
        { event: 'claim', token: 1 },
        { event: 'release', token: 1 },
      ])
  })

  it('stays the same lock when its session asks again, with the new lifetime and purpose', async () => {
    await using board = await store.newBoard()
    await using coord = await serveOn(board.dsn)
    const { body: first } = await coord.post('locks', LOCK)
    const again = await coord.post('locks', { ...LOCK, description: 'and tests', ttl_hours: 3 })
    expect(again).toMatchObject({
      status: 200,
      body: { id: first.id, acquired_at: first.acquired_at, description: 'and tests', ttl_hours: 3 },
    })
    expect(Date.parse(again.body.expires_at)).toBeGreaterThan(Date.parse(first.expires_at))
  })

  it('is refused to other sessions with the holder, its purpose, and since and until when', async () => {
    await using board = await store.newBoard()
    await using coord = await serveOn(board.dsn)
    const { body: lock } = await coord.post('locks', LOCK)
    const refused = await coord.post('locks', other)
    expect(refused).toMatchObject({
      status: 409,
      body: {
        detail: expect.stringContaining(LOCK.session_id),
        error: { code: 'held' },
        holders: [
          {
            session_id: LOCK.session_id,
            description: LOCK.description,
            acquired_at: lock.acquired_at,
            expires_at: lock.expires_at,
            mode: 'exclusive',
            stale: false,
            lock_id: lock.id,
          },
        ],
      },
    })
  })

  it('is refused while sessions of the board hold its label, and their exclusive claims are listed as locks', async () => {
    await using board = await store.newBoard()
    await using coord = await serveOn(board.dsn)
    const ana = await board.as('ana')
    await ana.claim(LABEL, { purpose: 'reading' })
    expect(await coord.post('locks', LOCK)).toMatchObject({
      status: 409,
      body: { holders: [{ session_id: 'ana', mode: 'shared', lock_id: null }] },
    })
    expect((await coord.get('locks')).body.locks).toEqual([])
    accepted(await ana.claimExclusively(LABEL, { purpose: 'migrating' }))
    const query = { project_key: 'gururmm', resource: LOCK.resource }
    const { body } = await coord.get('locks', query)
    expect(body.locks).toMatchObject([
      { session_id: 'ana', ...query, label: LABEL, description: 'migrating' },
    ])
    expect(await coord.post('locks', LOCK)).toMatchObject({ status: 409 })
    await ana.release(LABEL)
    expect(await coord.post('locks', LOCK)).toMatchObject({ status: 201 })
  })

  it('goes to one of 16 sessions that ask at once, and the other 15 are told which one', async () => {
    await using board = await store.newBoard()
    await using coord = await serveOn(board.dsn)
    const said = await Promise.all(
      Array.from({ length: 16 }, (_, at) => coord.post('locks', { ...LOCK, session_id: `host/agent-${at}` })),
    )
    expect(said.map(({ status }) => status).sort()).toEqual([201, ...Array(15).fill(409)])
    const winner = said.find(({ status }) => status === 201)?.body.session_id
    for (const { status, body } of said)
      if (status === 409)
        expect(body.holders.map((each: { session_id: string }) => each.session_id)).toEqual([winner])
    expect((await coord.get('locks')).body.locks).toMatchObject([{ session_id: winner }])
  })

  it('can be on a label: then it conflicts across projects, and belongs to the project that took it', async () => {
    await using board = await store.newBoard()
    await using coord = await serveOn(board.dsn)
    const on = { ...LOCK, resource: 'node:k8s-1' }
    expect(await coord.post('locks', on)).toMatchObject({ status: 201, body: { label: 'node:k8s-1', ...on } })
    expect(
      await coord.post('locks', { ...other, project_key: 'shop', resource: 'node:k8s-1' }),
    ).toMatchObject({
      status: 409,
    })
    const labels = async (query: Record<string, string>) =>
      (await coord.get('locks', query)).body.locks.map(({ label }: { label: string }) => label)
    expect(await labels({ project_key: 'gururmm' })).toEqual(['node:k8s-1'])
    expect(await labels({ project_key: 'shop' })).toEqual([])
    expect(await labels({ resource: 'node:k8s-1' })).toEqual(['node:k8s-1'])
    expect(await labels({ project_key: 'shop', resource: 'node:k8s-1' })).toEqual(['node:k8s-1'])
    expect(await labels({ session_id: 'nobody' })).toEqual([])
    expect(await labels({ session_id: LOCK.session_id })).toEqual(['node:k8s-1'])
  })

  it('returns its resource exactly as posted, and different resources are different locks', async () => {
    await using board = await store.newBoard()
    await using coord = await serveOn(board.dsn)
    const resources = [
      '100%',
      '100%25',
      'a b ',
      'a b',
      'e\u0301',
      'é',
      'two\nlines',
      '数据库',
      'dir//x',
      ' x',
    ]
    for (const resource of resources)
      expect(await coord.post('locks', { ...LOCK, resource }), resource).toMatchObject({
        status: 201,
        body: { resource },
      })
    for (const resource of resources)
      expect((await coord.get('locks', { project_key: 'gururmm', resource })).body.locks).toMatchObject([
        { resource },
      ])
    const { body } = await coord.get('locks', { session_id: LOCK.session_id })
    expect(body.locks.map((lock: { resource: string }) => lock.resource).sort()).toEqual(resources.toSorted())
  })

  it('is listed exactly once across pages', async () => {
    await using board = await store.newBoard()
    await using coord = await serveOn(board.dsn)
    for (let at = 0; at < 7; at++) await coord.post('locks', { ...LOCK, resource: `file-${at}` })
    const seen: string[] = []
    let after: string | null = null
    let pages = 0
    do {
      const { body } = await coord.get('locks', { limit: '3', ...(after === null ? {} : { after }) })
      seen.push(...body.locks.map((lock: { resource: string }) => lock.resource))
      after = body.next
    } while (after !== null && ++pages < 5)
    expect(seen).toEqual(Array.from({ length: 7 }, (_, at) => `file-${at}`))
    expect(await coord.get('locks', { after: '..' })).toMatchObject({ status: 422 })
  })

  it('is released together with all other locks of its session, but not with those of others', async () => {
    await using board = await store.newBoard()
    await using coord = await serveOn(board.dsn)
    await coord.post('locks', LOCK)
    await coord.post('locks', { ...LOCK, resource: 'b' })
    await coord.post('locks', { ...other, resource: 'c' })
    const all = { session_id: LOCK.session_id, release_all: 'true' }
    expect(await coord.delete('locks', all)).toMatchObject({ status: 200, body: { released: 2 } })
    expect(await coord.delete('locks', all)).toMatchObject({ status: 200, body: { released: 0, locks: [] } })
    expect((await coord.get('locks')).body.locks).toMatchObject([{ resource: 'c' }])
    expect((await coord.delete('locks', { session_id: LOCK.session_id })).status).toBe(422)
  })

  it('lasts for its hours, which may be fractions, or forever with 0 h, and every interface shows that', async () => {
    await using board = await store.newBoard()
    await using coord = await serveOn(board.dsn)
    const ana = await board.as('ana')
    const half = await coord.post('locks', { ...LOCK, resource: 'half', ttl_hours: 0.5 })
    expect(Date.parse(half.body.expires_at) - Date.parse(half.body.acquired_at)).toBe(1_800_000)
    const never = await coord.post('locks', { ...LOCK, resource: 'never', ttl_hours: 0 })
    expect(never).toMatchObject({ status: 201, body: { expires_at: null, ttl_hours: 0 } })
    await board.age(3 * 86_400)
    expect((await coord.get('locks')).body.locks).toMatchObject([
      { resource: 'never', expires_at: null, stale: true },
    ])
    expect(accepted(await ana.list()).claims).toMatchObject([{ ttlSeconds: 0, token: 1 }])
    for (const hours of [-1, 24.1, '2', null])
      expect((await coord.post('locks', { ...LOCK, ttl_hours: hours })).status).toBe(422)
  })

  it('gets a new id when it is taken again after its end, and the old id releases nothing', async () => {
    await using board = await store.newBoard()
    await using coord = await serveOn(board.dsn)
    const { body: first } = await coord.post('locks', LOCK)
    await coord.delete(`locks/${first.id}`, { session_id: LOCK.session_id })
    const { body: second } = await coord.post('locks', LOCK)
    expect(second.id).not.toBe(first.id)
    expect(await coord.delete(`locks/${first.id}`, { session_id: LOCK.session_id })).toMatchObject({
      status: 404,
    })
    expect((await coord.get('locks')).body.locks).toMatchObject([{ id: second.id }])
  })

  it('is refused with a reason if the input is invalid', async () => {
    await using board = await store.newBoard()
    await using coord = await serveOn(board.dsn)
    for (const bad of [
      { ...LOCK, resource: 'x'.repeat(260) },
      { ...LOCK, resource: '' },
      { ...LOCK, resource: '\ud800' },
      { ...LOCK, project_key: 'No Slug' },
      { ...LOCK, session_id: ' ' },
      { ...LOCK, session_id: 'a\u202eb' },
      { ...LOCK, tll_hours: 0 },
      { ...LOCK, description: 'x'.repeat(4_001) },
      [],
      null,
    ])
      expect(await coord.post('locks', bad), JSON.stringify(bad)).toMatchObject({
        status: 422,
        body: { detail: expect.any(String) },
      })
    for (const id of ['nothing', 'MTpub2RlOmE', '%00', '..%2f', 'é'])
      expect([404, 422]).toContain((await coord.delete(`locks/${id}`, { session_id: 'ana' })).status)
  })
})

describeEachDatabase('a session that locks over HTTP', store => {
  it('keeps its registered description and its last purpose until it sends new ones', async () => {
    await using board = await store.newBoard()
    await using coord = await serveOn(board.dsn)
    const place = { branch: 'main', worktree: '/w', role: 'backend' }
    await coord.post('sessions', { session_id: 'ana', agent: 'claude-code', project_key: 'shop', ...place })
    const lock = { project_key: 'other', session_id: 'ana', resource: 'deploy' }
    expect((await coord.post('locks', { ...lock, description: 'rolling out' })).status).toBe(201)
    expect(await coord.post('locks', lock)).toMatchObject({
      status: 200,
      body: { description: 'rolling out' },
    })
    expect((await coord.get('locks', { project_key: 'other' })).body.locks).toMatchObject([
      { description: 'rolling out' },
    ])
    expect((await coord.get('sessions/ana')).body).toMatchObject({ agent: 'claude-code', ...place })
    expect(await coord.post('locks', { ...lock, description: 'rolling back' })).toMatchObject({
      body: { description: 'rolling back' },
    })
  })
})
