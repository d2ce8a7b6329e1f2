import { all } from '@presence/core'
import { expect, it } from 'vitest'
import { accepted, holders, refused } from './answers.ts'
import { describeEachStore } from './stores.ts'

describeEachStore('release', store => {
  it('removes the session’s claim on one label, and leaves its other claims', async () => {
    await using board = await store.newBoard()
    const ana = await board.as('ana')
    await ana.claim('node:a', { purpose: 'p' })
    await ana.claim('node:b', { purpose: 'p' })

    const { released } = accepted(await ana.release('node:a'))

    expect(released.map(({ label }) => label)).toEqual(['node:a'])
    expect(accepted(await ana.list({ mine: true })).claims.map(({ label }) => label)).toEqual(['node:b'])
  })

  it('G5: releases only the session’s own claims, even if it releases all labels', async () => {
    await using board = await store.newBoard()
    const [ana, bob] = [await board.as('ana'), await board.as('bob')]
    await ana.claim('node:a', { purpose: 'p' })
    await ana.claim('node:b', { purpose: 'p' })
    await bob.claim('node:a', { purpose: 'q' })

    const { released } = accepted(await ana.release(all))

    expect(released.map(({ label }) => label).toSorted()).toEqual(['node:a', 'node:b'])
    expect(holders(accepted(await ana.list()).claims)).toEqual(['bob'])
  })

  it('G5: is refused for a label that only another session holds, naming the holder, and the claim stays', async () => {
    await using board = await store.newBoard()
    const [ana, bob] = [await board.as('ana'), await board.as('bob')]
    await ana.claim('node:a', { purpose: 'p' })

    const refusal = refused(await bob.release('node:a'))

    expect(refusal).toMatchObject({ code: 'not_holder', label: 'node:a' })
    expect(refusal.message).toContain('ana')
    expect(holders(accepted(await bob.peek('node:a')).claims)).toEqual(['ana'])
  })

  it('succeeds if nobody holds the label', async () => {
    await using board = await store.newBoard()

    expect(await (await board.as('ana')).release('node:a')).toMatchObject({
      ok: true,
      released: [],
      lapsed: [],
    })
    expect(await (await board.as('ana')).release(all)).toMatchObject({ ok: true, released: [], lapsed: [] })
  })

  it('clears lapsed claims, and reports them', async () => {
    await using board = await store.newBoard()
    const ana = await board.as('ana')
    await ana.claim('node:a', { purpose: 'p', ttl: 60 })
    await board.age(61)

    const { released, lapsed } = accepted(await ana.release('node:a'))

    expect([released.length, lapsed.map(({ label }) => label)]).toEqual([0, ['node:a']])
    expect(await board.rows()).toEqual([])
  })

  it('G1: reports co-claims on the labels that the session still holds, not on the released one', async () => {
    await using board = await store.newBoard()
    const [ana, bob] = [await board.as('ana'), await board.as('bob')]
    for (const label of ['node:a', 'node:b']) {
      await ana.claim(label, { purpose: 'p' })
      await bob.claim(label, { purpose: 'q' })
    }

    const { coClaims } = accepted(await ana.release('node:a'))

    expect(coClaims.map(({ label }) => label)).toEqual(['node:b'])
  })
})
