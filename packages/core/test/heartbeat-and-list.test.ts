import { expect, it } from 'vitest'
import { accepted, holders } from './answers.ts'
import { describeEachStore } from './stores.ts'

const p = { purpose: 'drain' }

describeEachStore('a heartbeat with a list', store => {
  it('is a heartbeat and a list in one: it extends the session’s claims and reports what lapsed and who came', async () => {
    await using board = await store.newBoard()
    const [ana, bob] = [await board.as('ana'), await board.as('bob')]
    await ana.claim('node:a', { ...p, ttl: 100 })
    await ana.claimExclusively('stack:a', { ...p, ttl: 100 })
    await ana.claim('node:gone', { ...p, ttl: 10 })
    await ana.claimExclusively('stack:gone', { ...p, ttl: 10 })
    await board.age(60)
    await bob.claim('node:a', p)
    await bob.claimExclusively('stack:gone', p)
    const { view, listed } = await ana.heartbeatAndList()
    const left = view.mine.map(({ expiresAt }) => expiresAt.getTime() - view.asOf.getTime())
    for (const ms of left) expect(ms).toBeGreaterThan(90_000)
    expect(view.mine.map(({ label }) => label).sort()).toEqual(['node:a', 'stack:a'])
    expect(view.coClaims).toMatchObject([{ label: 'node:a', others: [{ session: { id: 'bob' } }] }])
    expect(view.lapsed.map(({ claim, others }) => [claim.label, ...holders(others)]).sort()).toEqual([
      ['node:gone'],
      ['stack:gone', 'bob'],
    ])
    expect(listed).toEqual({ ...accepted(await ana.list()), ok: undefined, asOf: expect.any(Date) })
  })

  it('reports a lapsed claim only once if its label is held again', async () => {
    await using board = await store.newBoard()
    const ana = await board.as('ana')
    await ana.claim('node:a', { ...p, ttl: 10 })
    await board.age(60)
    await ana.claim('node:a', p)
    const lapsedAt = async () => (await ana.heartbeatAndList()).view.mine.map(claim => claim.lapsedAt)
    expect(await lapsedAt()).toEqual([expect.any(Date)])
    expect(await lapsedAt()).toEqual([undefined])
  })

  it('registers the session if it is asked to', async () => {
    await using board = await store.newBoard()
    const [ana, bob] = [await board.as('ana'), await board.as('bob')]
    await ana.heartbeatAndList()
    expect((await bob.who()).sessions).toEqual([])
    await ana.heartbeatAndList({ register: true })
    expect((await bob.who()).sessions).toMatchObject([{ session: { id: 'ana' } }])
  })
})
