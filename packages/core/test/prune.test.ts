import { expect, it } from 'vitest'
import { until } from '../../../e2e/support/until.ts'
import { accepted } from './answers.ts'
import { describeEachStore, type TestBoard } from './stores.ts'

async function leaveBehind(board: TestBoard, count: number): Promise<void> {
  const gone = await board.as('gone')
  for (let at = 0; at < count; at++) await gone.claim(`node:${at}`, { purpose: 'p', ttl: 1 })
  await gone.close()
}

describeEachStore('pruning', store => {
  it('keeps an expired claim for a day, so that its session can be told', async () => {
    await using board = await store.newBoard()
    await leaveBehind(board, 3)
    await board.age(86_000)
    const ana = await board.as('ana')
    await ana.claim('db:a', { purpose: 'p' })
    await ana.close()

    expect((await (await board.as('gone')).heartbeat()).lapsed).toHaveLength(3)
  })

  it('deletes what lapsed more than a day ago after a claim’s answer, a hundred rows at a time', async () => {
    await using board = await store.newBoard()
    await leaveBehind(board, 130)
    await board.age(86_402)
    // A server that found nothing to prune a moment ago, or had no time for it, pauses for a minute.
    await board.restart()
    const left: number[] = []
    // One claim in eight prunes. A board and a server that have closed have finished that.
    await until('two prunings', async () => {
      const ana = await board.as('ana')
      accepted(await ana.claim('db:a', { purpose: 'p' }))
      await ana.close()
      await board.restart()
      left.push((await board.rows()).length)
      return left.at(-1) === 1
    })

    expect([...new Set(left)]).toEqual(expect.arrayContaining([31, 1]))
    expect(new Set(left).size).toBeLessThanOrEqual(3)
  })
})
