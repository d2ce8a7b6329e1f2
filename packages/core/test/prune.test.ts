import { expect, it } from 'vitest'
import { accepted } from './answers.ts'
import { describeEachStore, type TestBoard } from './stores.ts'

async function leaveBehind(board: TestBoard, count: number): Promise<void> {
  const gone = await board.as('gone')
  for (let at = 0; at < count; at++) await gone.claim(`node:${at}`, { purpose: 'p', ttl: 1 })
  await gone.close()
}

describeEachStore('pruning', store => {
  it('an expired claim is kept for a day, so that its session can be told', async () => {
    await using board = await store.newBoard()
    await leaveBehind(board, 3)
    await board.age(86_000)
    const ana = await board.as('ana')
    await ana.claim('db:a', { purpose: 'p' })
    await ana.close()

    expect((await (await board.as('gone')).heartbeat()).lapsed).toHaveLength(3)
  })

  it('a claim prunes what lapsed more than a day ago, after its answer, a hundred at most', async () => {
    await using board = await store.newBoard()
    await leaveBehind(board, 130)
    await board.age(86_402)
    const ana = await board.as('ana')
    accepted(await ana.claim('db:a', { purpose: 'p' }))
    await ana.close()
    expect(await board.rows()).toHaveLength(31)

    const bob = await board.as('bob')
    await bob.claim('db:a', { purpose: 'p' })
    await bob.close()
    expect((await board.rows()).map(row => row['session_id'])).toEqual(['ana', 'bob'])
  })
})
