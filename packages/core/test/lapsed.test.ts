import { expect, it } from 'vitest'
import { accepted, holders } from './answers.ts'
import { describeEachStore } from './stores.ts'

const p = { purpose: 'drain' }

describeEachStore('what lapsed without a release', store => {
  it('is shown apart by list and peek, also of an exclusive claim whose label another has since, until a day has passed', async () => {
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

  it('is told to whoever claims the label, shared or exclusive', async () => {
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

  it('of an exclusive claim is told to its own session, with who came meanwhile (G3)', async () => {
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
    expect(again.ended, 'told once more by the claim that takes its place').toMatchObject([
      { session: { id: 'ana' } },
    ])
    expect((await ana.heartbeat()).lapsed).toEqual([])
  })

  it('is not forgotten where its session claims again, and is refused or alone now', async () => {
    await using board = await store.newBoard()
    const [ana, bob] = [await board.as('ana'), await board.as('bob')]
    await ana.claim('node:a', { ...p, ttl: 60 })
    await ana.claim('node:b', { ...p, ttl: 60 })
    await ana.close()
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

  it('is cleared by a resolution, of which its session is told; what lives is left alone', async () => {
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
    expect(accepted(await bob.claimExclusively('node:b', p)).claim.token, 'tokens go on').toBe(2)
    expect(accepted(await bob.resolve('node:b', 'nothing to do')).resolved).toEqual([])
    expect(accepted(await bob.list()).claims).toHaveLength(2)
    expect(await bob.resolve('node:b', '')).toMatchObject({ ok: false, refusal: { code: 'invalid_note' } })
  })

  it('of many is the latest of them, and says that there are more', async () => {
    await using board = await store.newBoard()
    const ana = await board.as('ana')
    for (let at = 0; at < 23; at++) await ana.claim(`node:n${at}`, { ...p, ttl: 60 + at })
    await board.age(200)
    const bob = await board.as('bob')
    const listed = accepted(await bob.list())
    expect(listed.lapsed).toHaveLength(20)
    expect(listed.lapsed[0]?.label).toBe('node:n22')
    expect(listed.moreLapsed).toBe(true)
    expect((await ana.heartbeat()).lapsed, 'one’s own are all told').toHaveLength(23)
  })
})
