import type { GuardTargetMode } from '@presence/core'
import { expect, it } from 'vitest'
import { accepted, refused } from './answers.ts'
import { describeEachStore, type TestBoard } from './stores.ts'

const ZERO = {
  changed: 0,
  byHand: 0,
  automatic: 0,
  collided: 0,
  paused: 0,
  heeded: 0,
  proceeded: 0,
  refused: 0,
  reportedWrong: 0,
}
let calls = 0

async function guard(
  board: TestBoard,
  session: string,
  label: string,
  mode: GuardTargetMode,
  told: readonly string[] = [],
) {
  const ask = { callId: `call-${calls++}`, purpose: 'p', targets: [{ label, mode, told }] }
  const [target] = accepted(await (await board.as(session)).guard(ask)).targets
  if (!target) throw new Error('no target')
  return target
}

describeEachStore('compliance', store => {
  const report = async (board: TestBoard) => {
    const { rows, asOf } = accepted(await (await board.as('reader')).compliance({ since: new Date(0) }))
    return { rows, asOf }
  }

  it('counts what the guard saw, per kind and week', async () => {
    await using board = await store.newBoard()
    expect((await report(board)).rows).toEqual([])
    await guard(board, 'ana', 'node:a', 'pause')
    accepted(await (await board.as('ana')).claim('db:x', { purpose: 'by hand' }))
    await guard(board, 'ana', 'db:x', 'require')
    const { keys } = await guard(board, 'bob', 'node:a', 'pause')
    await guard(board, 'bob', 'node:a', 'pause', keys)
    await guard(board, 'eve', 'node:a', 'pause')
    await guard(board, 'eve', 'node:a', 'deny')
    const { rows } = await report(board)
    expect(rows.map(({ week: _, ...row }) => row)).toEqual([
      { ...ZERO, kind: 'db', changed: 1, byHand: 1 },
      {
        ...ZERO,
        kind: 'node',
        changed: 2,
        automatic: 2,
        // The command of bob that went on, and both of eve.
        collided: 3,
        paused: 2,
        heeded: 1,
        proceeded: 1,
        refused: 1,
      },
    ])
    expect(new Set(rows.map(({ week }) => week)).size).toBe(1)
    expect(rows[0]?.week).toMatch(/^\d{4}-W\d{2}$/)
  })

  it('puts commands of different weeks into rows of their own, and leaves out earlier ones', async () => {
    await using board = await store.newBoard()
    await guard(board, 'ana', 'node:a', 'note')
    await board.age(7 * 86_400)
    await guard(board, 'ana', 'node:a', 'note')
    const { rows, asOf } = await report(board)
    expect(rows.map(({ kind, changed }) => [kind, changed])).toEqual([
      ['node', 1],
      ['node', 1],
    ])
    expect((rows[0]?.week ?? '') < (rows[1]?.week ?? '')).toBe(true)
    const since = new Date(asOf.getTime() - 86_400_000)
    expect(accepted(await (await board.as('reader')).compliance({ since })).rows).toHaveLength(1)
  })

  it('counts the decisions that were marked as wrong', async () => {
    await using board = await store.newBoard()
    const { event } = await guard(board, 'ana', 'node:a', 'pause')
    const reader = await board.as('reader')
    accepted(await reader.markWrong({ event, note: 'it only reads' }))
    accepted(await reader.markWrong({ event }))
    expect((await report(board)).rows).toMatchObject([{ changed: 1, reportedWrong: 1 }])
    expect(refused(await reader.markWrong({ event: 'unknown' })).code).toBe('not_found')
    expect(refused(await reader.markWrong({ event: '../x' })).code).toBe('invalid_id')
    expect(refused(await reader.markWrong({ event, note: ' ' })).code).toBe('invalid_note')
  })

  it('keeps commands for 90 days', async () => {
    await using board = await store.newBoard()
    await guard(board, 'ana', 'node:a', 'note')
    await board.age(89 * 86_400)
    await board.prune()
    expect(await board.count('presence_commands')).toBe(1)
    await board.age(2 * 86_400)
    await board.prune()
    expect(await board.count('presence_commands')).toBe(0)
  })
})
