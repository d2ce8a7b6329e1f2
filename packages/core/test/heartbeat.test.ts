import { expect, it, vi } from 'vitest'
import { heartbeat } from '../src/claims/heartbeat.ts'
import { Deadline } from '../src/deadline.ts'
import { accepted, holders } from './answers.ts'
import { describeEachStore, storeOf } from './stores.ts'

describeEachStore('heartbeat', store => {
  it('G3: extends each live claim by its own ttl', async () => {
    await using board = await store.newBoard()
    const ana = await board.as('ana')
    await ana.claim('node:short', { purpose: 'p', ttl: 600 })
    await ana.claim('node:long', { purpose: 'p', ttl: 3_600 })
    await board.age(300)

    const { mine, asOf } = await ana.heartbeat()

    const left = Object.fromEntries(mine.map(each => [each.label, each.expiresAt.getTime() - asOf.getTime()]))
    expect(left['node:short']).toBeGreaterThan(590_000)
    expect(left['node:short']).toBeLessThanOrEqual(600_000)
    expect(left['node:long']).toBeGreaterThan(3_590_000)
    expect(left['node:long']).toBeLessThanOrEqual(3_600_000)
  })

  it('G3: tells who now holds the label of each claim that was taken from the session, in one read', async () => {
    await using board = await store.newBoard()
    const [ana, bob, eve] = [await board.as('ana'), await board.as('bob'), await board.as('eve')]
    for (const label of ['node:a', 'node:b', 'node:c', 'node:d']) {
      await ana.claimExclusively(label, { purpose: 'p' })
      await bob.steal(label, { reason: 'r' })
    }
    await bob.release('node:c')
    await bob.release('node:d')
    await eve.claim('node:d', { purpose: 'q' })

    const { lapsed } = await ana.heartbeat()

    const found = lapsed.map(({ claim, others }) => [claim.label, others.map(({ session }) => session.id)])
    expect(Object.fromEntries(found)).toEqual({
      'node:a': ['bob'],
      'node:b': ['bob'],
      'node:c': [],
      'node:d': ['eve'],
    })
    if (store.isServed) return
    const inside = await storeOf(board)
    const reads = vi.spyOn(inside, 'read')
    await heartbeat(inside, 'ana', Deadline.after(10_000))
    expect(reads).toHaveBeenCalledTimes(2)
    await inside.close()
  })

  it('G3: never shortens a claim, even if it was claimed again with a shorter ttl', async () => {
    await using board = await store.newBoard()
    const ana = await board.as('ana')
    await ana.claim('node:a', { purpose: 'p', ttl: '1h' })
    const { claim } = accepted(await ana.claim('node:a', { purpose: 'p', ttl: 60 }))

    const { mine } = await ana.heartbeat()

    expect(mine[0]?.expiresAt.getTime()).toBeGreaterThanOrEqual(claim.expiresAt.getTime())
  })

  it('G3: revives no expired claim, reports it as lapsed, and tells who came in the meantime', async () => {
    await using board = await store.newBoard()
    const [ana, bob] = [await board.as('ana'), await board.as('bob')]
    await ana.claim('node:a', { purpose: 'p', ttl: 60 })
    await ana.claim('node:b', { purpose: 'p', ttl: 3_600 })
    await board.age(61)
    await bob.claim('node:a', { purpose: 'q' })

    const { mine, lapsed } = await ana.heartbeat()

    expect(mine.map(({ label }) => label)).toEqual(['node:b'])
    expect(lapsed.map(({ claim, others }) => [claim.label, holders(others)])).toEqual([['node:a', ['bob']]])
    expect(holders(accepted(await bob.peek('node:a')).claims)).toEqual(['bob'])
  })

  it('G3: also reports, only once, which lapsed claim a new claim replaced', async () => {
    await using board = await store.newBoard()
    const ana = await board.as('ana')
    await ana.claim('node:a', { purpose: 'p', ttl: 60 })
    await board.age(61)
    await ana.claim('node:a', { purpose: 'p', ttl: 60 })
    expect((await ana.heartbeat()).mine[0]?.lapsedAt).toBeInstanceOf(Date)

    expect((await ana.heartbeat()).mine[0]?.lapsedAt).toBeUndefined()
    expect(accepted(await ana.claim('node:a', { purpose: 'p', ttl: 60 })).claim.lapsedAt).toBeUndefined()
  })

  it('G1: tells the earlier of two sessions about the later one', async () => {
    await using board = await store.newBoard()
    const [ana, bob] = [await board.as('ana'), await board.as('bob')]
    await ana.claim('node:a', { purpose: 'p' })
    await bob.claim('node:a', { purpose: 'q' })

    const { coClaims } = await ana.heartbeat()

    expect(coClaims.map(({ label, others }) => [label, holders(others)])).toEqual([['node:a', ['bob']]])
  })

  it('G5: extends no other session’s claim', async () => {
    await using board = await store.newBoard()
    const [ana, bob] = [await board.as('ana'), await board.as('bob')]
    const { claim } = accepted(await ana.claim('node:a', { purpose: 'p' }))
    await board.age(100)

    expect(await bob.heartbeat()).toMatchObject({ mine: [], lapsed: [], coClaims: [] })
    expect(accepted(await bob.peek('node:a')).claims[0]?.expiresAt).toEqual(
      new Date(claim.expiresAt.getTime() - 100_000),
    )
  })
})
