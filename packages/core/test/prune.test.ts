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

  it('claims prune what lapsed more than a day ago, after an answer, a hundred rows at a time', async () => {
    await using board = await store.newBoard()
    await leaveBehind(board, 130)
    await board.age(86_402)
    // A server that found nothing to prune a moment ago rests for a minute.
    await board.restart()
    const left: number[] = []
    // One claim in eight prunes: 400 claims without two of them that do would take a chance of 1 in 10^20.
    for (let at = 0; at < 400 && left.at(-1) !== 1; at++) {
      const ana = await board.as('ana')
      accepted(await ana.claim('db:a', { purpose: 'p' }))
      await ana.close()
      left.push((await board.rows()).length)
    }

    expect([...new Set(left)]).toEqual(expect.arrayContaining([31, 1]))
    expect(new Set(left).size).toBeLessThanOrEqual(3)
  })
})
