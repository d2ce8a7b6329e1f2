import { all } from '@presence/core'
import { expect, it } from 'vitest'
import { accepted, holders, refused } from './answers.ts'
import { describeEachStore } from './stores.ts'

describeEachStore('release', store => {
  it('takes my claim on one label off the board, and leaves my others', async () => {
    await using board = await store.newBoard()
    const ana = await board.as('ana')
    await ana.claim('node:a', { purpose: 'p' })
    await ana.claim('node:b', { purpose: 'p' })

    const { released } = accepted(await ana.release('node:a'))

    expect(released.map(({ label }) => label)).toEqual(['node:a'])
    expect(accepted(await ana.list({ mine: true })).claims.map(({ label }) => label)).toEqual(['node:b'])
  })

  it('G5: all of mine releases nobody else’s', async () => {
    await using board = await store.newBoard()
    const [ana, bob] = [await board.as('ana'), await board.as('bob')]
    await ana.claim('node:a', { purpose: 'p' })
    await ana.claim('node:b', { purpose: 'p' })
    await bob.claim('node:a', { purpose: 'q' })

    const { released } = accepted(await ana.release(all))

    expect(released.map(({ label }) => label).toSorted()).toEqual(['node:a', 'node:b'])
    expect(holders(accepted(await ana.list()).claims)).toEqual(['bob'])
  })

  it('G5: what only another holds is refused, naming the holder, and stays', async () => {
    await using board = await store.newBoard()
    const [ana, bob] = [await board.as('ana'), await board.as('bob')]
    await ana.claim('node:a', { purpose: 'p' })

    const refusal = refused(await bob.release('node:a'))

    expect(refusal).toMatchObject({ code: 'not_holder', label: 'node:a' })
    expect(refusal.message).toContain('ana')
    expect(holders(accepted(await bob.peek('node:a')).claims)).toEqual(['ana'])
  })

  it('what nobody holds is released already', async () => {
    await using board = await store.newBoard()

    expect(await (await board.as('ana')).release('node:a')).toMatchObject({
      ok: true,
      released: [],
      lapsed: [],
    })
    expect(await (await board.as('ana')).release(all)).toMatchObject({ ok: true, released: [], lapsed: [] })
  })

  it('clears what had lapsed, and says so', async () => {
    await using board = await store.newBoard()
    const ana = await board.as('ana')
    await ana.claim('node:a', { purpose: 'p', ttl: 60 })
    await board.age(61)

    const { released, lapsed } = accepted(await ana.release('node:a'))

    expect([released.length, lapsed.map(({ label }) => label)]).toEqual([0, ['node:a']])
    expect(await board.rows()).toEqual([])
  })

  it('G1: tells of co-claims on what I go on holding, not on what I released', async () => {
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
