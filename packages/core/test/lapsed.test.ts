import { expect, it } from 'vitest'
import { until } from '../../../e2e/support/until.ts'
import { accepted, holders } from './answers.ts'
import { describeEachStore } from './stores.ts'

const p = { purpose: 'drain' }

describeEachStore('a lapsed claim', store => {
  it('is listed separately by list and peek for a day, even if another session now holds its label exclusively', async () => {
    await using board = await store.newBoard()
    const [ana, bob] = [await board.as('ana'), await board.as('bob')]
    await ana.claim('node:a', { ...p, ttl: 60 })
    await ana.claimExclusively('node:b', { ...p, ttl: 60 })
    await board.age(120)
    await bob.claimExclusively('node:b', p)
    const listed = accepted(await bob.list())
    expect(listed.claims).toMatchObject([{ label: 'node:b', session: { id: 'bob' } }])
    expect(listed.lapsed.map(({ label }) => label).sort()).toEqual(['node:a', 'node:b'])
    expect(holders(listed.lapsed)).toEqual(['ana', 'ana'])
    expect(accepted(await bob.peek('node:b')).lapsed).toMatchObject([{ label: 'node:b', purpose: 'drain' }])
    expect(accepted(await bob.list({ kind: 'db' })).lapsed).toEqual([])
    await bob.release('node:b')
    await board.age(86_400)
    expect(accepted(await bob.list()).lapsed).toEqual([])
  })

  it('is reported to every session that claims the label, shared or exclusive', async () => {
    await using board = await store.newBoard()
    const [ana, bob, eve] = [await board.as('ana'), await board.as('bob'), await board.as('eve')]
    await ana.claim('node:a', { ...p, ttl: 60 })
    await board.age(120)
    expect(accepted(await bob.claim('node:a', p)).lapsed).toMatchObject([{ session: { id: 'ana' } }])
    await bob.release('node:a')
    expect(accepted(await eve.claimExclusively('node:a', p)).lapsed).toMatchObject([
      { session: { id: 'ana' }, purpose: 'drain' },
    ])
    expect(accepted(await ana.list()).lapsed, 'and to its own session').toMatchObject([{ label: 'node:a' }])
  })

  it('that was exclusive is reported to its own session, with who came in the meantime (G3)', async () => {
    await using board = await store.newBoard()
    const [ana, bob] = [await board.as('ana'), await board.as('bob')]
    await ana.claimExclusively('node:a', { ...p, ttl: 60 })
    await board.age(120)
    await bob.claimExclusively('node:a', p)
    expect((await ana.heartbeat()).lapsed).toMatchObject([
      { claim: { label: 'node:a', ended: { how: 'expired' } }, others: [{ session: { id: 'bob' } }] },
    ])
    await bob.release('node:a')
    const again = accepted(await ana.claimExclusively('node:a', p))
    expect(again.ended, 'reported once more by the claim that replaces it').toMatchObject([
      { session: { id: 'ana' } },
    ])
    expect((await ana.heartbeat()).lapsed).toEqual([])
  })

  it('is not forgotten if its session claims again and is refused, or now holds the label exclusively', async () => {
    await using board = await store.newBoard()
    const [ana, bob] = [await board.as('ana'), await board.as('bob')]
    await ana.claim('node:a', { ...p, ttl: 60 })
    await ana.claim('node:b', { ...p, ttl: 60 })
    await ana.close()
    // A server writes them after its answers.
    await until('the events of both claims', async () => (await board.count('presence_events')) === 2)
    await board.age(120)
    await bob.claimExclusively('node:a', p)
    expect(await ana.claim('node:a', p)).toMatchObject({ ok: false, refusal: { code: 'held' } })
    expect(
      accepted(await bob.list())
        .lapsed.map(({ label }) => label)
        .sort(),
    ).toEqual(['node:a', 'node:b'])
    expect((await ana.heartbeat()).lapsed).toHaveLength(2)
    expect(accepted(await ana.claimExclusively('node:b', p)).ended).toMatchObject([{ label: 'node:b' }])
    for (const each of [ana, bob]) await each.close()
    const { events } = accepted(await (await board.as('reader')).log({ label: 'node:b' }))
    expect(events.map(({ event }) => event)).toEqual(['claim', 'expiry', 'claim'])
  })

  it('is cleared by a resolution, which its session is told, and live claims stay', async () => {
    await using board = await store.newBoard()
    const [ana, bob, eve] = [await board.as('ana'), await board.as('bob'), await board.as('eve')]
    await ana.claim('node:a', { ...p, ttl: 60 })
    await eve.claimExclusively('node:b', { ...p, ttl: 60 })
    await board.age(120)
    await eve.claim('node:a', p)
    const { resolved } = accepted(await bob.resolve('node:a', 'it was drained'))
    expect(holders(resolved)).toEqual(['ana'])
    expect(accepted(await bob.peek('node:a'))).toMatchObject({
      claims: [{ session: { id: 'eve' } }],
      lapsed: [],
    })
    expect((await ana.heartbeat()).lapsed).toMatchObject([
      { claim: { ended: { how: 'resolved', by: 'bob', note: 'it was drained' } } },
    ])
    expect(holders(accepted(await bob.resolve('node:b', 'applied by hand')).resolved)).toEqual(['eve'])
    expect(accepted(await bob.claimExclusively('node:b', p)).claim.token, 'tokens continue').toBe(2)
    expect(accepted(await bob.resolve('node:b', 'nothing to do')).resolved).toEqual([])
    expect(accepted(await bob.list()).claims).toHaveLength(2)
    expect(await bob.resolve('node:b', '')).toMatchObject({ ok: false, refusal: { code: 'invalid_note' } })
  })

  it('is among the latest 20 of many, with a note that there are more', async () => {
    await using board = await store.newBoard()
    const ana = await board.as('ana')
    for (let at = 0; at < 23; at++) await ana.claim(`node:n${at}`, { ...p, ttl: 60 + at })
    await board.age(200)
    const bob = await board.as('bob')
    const listed = accepted(await bob.list())
    expect(listed.lapsed).toHaveLength(20)
    expect(listed.lapsed[0]?.label).toBe('node:n22')
    expect(listed.moreLapsed).toBe(true)
    expect((await ana.heartbeat()).lapsed, 'all of the session’s own are reported').toHaveLength(23)
  })
})
