import { expect, it } from 'vitest'
import { accepted, holders } from './answers.ts'
import { describeEachStore } from './stores.ts'

describeEachStore('claim', store => {
  it('G1: of two sessions on one label the later is told of the earlier in its answer', async () => {
    await using board = await store.newBoard()
    const ana = await board.as('ana')
    const bob = await board.as('bob')

    expect(accepted(await ana.claim('node:a', { purpose: 'drain' })).others).toEqual([])
    const { others } = accepted(await bob.claim('node:a', { purpose: 'restart' }))

    expect(others.map(({ session, purpose }) => [session.id, purpose])).toEqual([['ana', 'drain']])
  })
})
