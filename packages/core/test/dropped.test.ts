import { expect, it } from 'vitest'
import { describeEachStore } from './stores.ts'

describeEachStore('a board', store => {
  it('without its claims table points every verb to migrate', async () => {
    await using board = await store.newBoard()
    await board.drop('presence_claims')
    const ana = await board.as('ana')
    const verbs = [() => ana.claim('node:a', { purpose: 'p' }), () => ana.heartbeat(), () => ana.list()]
    for (const verb of verbs)
      await expect(verb()).rejects.toMatchObject({
        code: 'schema_missing',
        remedy: expect.stringContaining('presence migrate'),
      })
  })
})
