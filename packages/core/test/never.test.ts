import { neverExpires } from '@presence/core'
import { expect, it } from 'vitest'
import { accepted, refused } from './answers.ts'
import { describeEachStore } from './stores.ts'

const never = { purpose: 'freeze', ttl: 'never' }
const A_YEAR = 365 * 86_400

describeEachStore('G3: an exclusive claim that never expires', store => {
  it('lives without a heartbeat until it is released, and is lapsed for no session', async () => {
    await using board = await store.newBoard()
    const [ana, bob] = [await board.as('ana'), await board.as('bob')]
    const { claim } = accepted(await ana.claimExclusively('stack:gpu', never))
    expect([neverExpires(claim), claim.ttlSeconds, claim.expiresAt.getUTCFullYear()]).toEqual([true, 0, 9999])
    await board.age(A_YEAR)
    expect(accepted(await bob.list())).toMatchObject({ claims: [{ session: { id: 'ana' } }], lapsed: [] })
    expect(refused(await bob.claimExclusively('stack:gpu', { purpose: 'p' })).code).toBe('held')
    expect(refused(await bob.claim('stack:gpu', { purpose: 'p' })).code).toBe('held')
    const { mine } = await ana.heartbeat()
    expect(mine.map(neverExpires), 'a heartbeat does not change it').toEqual([true])
    expect(accepted(await ana.verify('stack:gpu', claim.token)).current).toBe(true)
    expect(accepted(await ana.release('stack:gpu')).released).toHaveLength(1)
    expect(accepted(await bob.claimExclusively('stack:gpu', { purpose: 'p' })).claim.token).toBe(
      claim.token + 1,
    )
  })

  it('stays so if it is claimed again with a ttl, while a claim with a ttl can be made to never expire', async () => {
    await using board = await store.newBoard()
    const ana = await board.as('ana')
    await ana.claimExclusively('stack:gpu', never)
    const again = accepted(await ana.claimExclusively('stack:gpu', { purpose: 'again', ttl: 60 }))
    expect([neverExpires(again.claim), again.claim.purpose, again.isNew]).toEqual([true, 'again', false])
    await ana.claimExclusively('stack:cpu', { purpose: 'p', ttl: 60 })
    const longer = accepted(await ana.claimExclusively('stack:cpu', never))
    expect(neverExpires(longer.claim)).toBe(true)
    await board.age(120)
    expect((await ana.heartbeat()).mine).toHaveLength(2)
  })

  it('is stolen like any other, and its session is told', async () => {
    await using board = await store.newBoard()
    const [ana, bob] = [await board.as('ana'), await board.as('bob')]
    await ana.claimExclusively('stack:gpu', never)
    const stolen = accepted(await bob.steal('stack:gpu', { reason: 'forgotten' }))
    expect(neverExpires(stolen.claim)).toBe(false)
    const [lapse] = (await ana.heartbeat()).lapsed
    expect(lapse?.claim).toMatchObject({ ended: { how: 'stolen', by: 'bob' } })
    expect(lapse && lapse.claim.expiresAt <= stolen.asOf, 'it ended then').toBe(true)
  })

  it('is never a shared claim or a lease, which must be kept alive', async () => {
    await using board = await store.newBoard()
    const ana = await board.as('ana')
    for (const [said, message, remedy] of [
      [await ana.claim('node:a', never), /exclusive claims only/, /1s to 24h/],
      [await ana.acquire('node:a', never), /not for a lease/, /claimExclusively/],
    ] as const)
      expect(refused(said)).toMatchObject({
        code: 'invalid_ttl',
        message: expect.stringMatching(message),
        remedy: expect.stringMatching(remedy),
      })
    expect(accepted(await ana.list()).claims).toEqual([])
  })
})
