import type { Board, GuardInput, SettleInput } from '@presence/core'
import { expect, it } from 'vitest'
import { accepted, refused } from './answers.ts'
import { describeEachStore, type TestBoard } from './stores.ts'

const NODE = 'node:k8s-1'
const targets = [{ label: NODE, mode: 'note' as const }]

async function guard(board: Board, callId: string, more: Partial<GuardInput> = {}) {
  const said = accepted(await board.guard({ callId, purpose: `command ${callId}`, targets, ...more }))
  if (said.decision === 'refused') throw new Error('refused')
  return said
}
const settle = async (board: Board, callId: string, outcome: SettleInput['outcome'], exitStatus?: number) =>
  accepted(await board.settle({ callId, outcome, ...(exitStatus === undefined ? {} : { exitStatus }) }))
/** What an onlooker sees on the label. */
const seen = async (board: TestBoard) => {
  const { claims, lapsed, asOf } = accepted(await (await board.as('onlooker')).peek(NODE))
  const left = claims[0] && (claims[0].expiresAt.getTime() - asOf.getTime()) / 1_000
  return { claims, lapsed, left }
}

describeEachStore('settle', store => {
  it('after a success the claim ends 5 minutes later, and leaves nothing behind', async () => {
    await using board = await store.newBoard()
    const ana = await board.as('ana')
    await guard(ana, 'one')
    expect((await settle(ana, 'one', 'succeeded', 0)).labels).toEqual([NODE])
    expect((await seen(board)).left).toBeGreaterThan(280)
    expect((await seen(board)).left).toBeLessThanOrEqual(300)
    await ana.heartbeat()
    expect((await seen(board)).left, 'heartbeats no longer extend it').toBeLessThanOrEqual(300)
    await ana.log()
    await board.age(301)
    expect(await seen(board)).toMatchObject({ claims: [], lapsed: [] })
    expect((await ana.heartbeat()).lapsed).toEqual([])
    const { events } = accepted(await ana.log({ label: NODE }))
    expect(events.map(({ event }) => event)).toEqual(['claim', 'release'])
    expect(events.every(({ auto }) => auto)).toBe(true)
    expect(accepted(await ana.list()).lapsed).toEqual([])
    expect(accepted(await ana.resolve(NODE, 'nothing to do')).resolved).toEqual([])
  })

  it('after a failure it lapses at the end of its ttl, with the command and the exit status', async () => {
    await using board = await store.newBoard()
    const ana = await board.as('ana')
    await guard(ana, 'one')
    await settle(ana, 'one', 'failed', 3)
    await ana.log()
    await board.age(600)
    await ana.heartbeat()
    expect((await seen(board)).left, 'heartbeats no longer extend it').toBeLessThanOrEqual(300)
    await board.age(301)
    expect((await seen(board)).lapsed).toMatchObject([
      { automatic: { command: 'command one', outcome: 'failed', exitStatus: 3 } },
    ])
    const [event] = accepted(await ana.log({ label: NODE })).events.slice(-1)
    expect(event).toMatchObject({ event: 'expiry', auto: true })
  })

  it('while a command runs, heartbeats extend its claim; if its end is not seen, it lapses', async () => {
    await using board = await store.newBoard()
    const ana = await board.as('ana')
    await guard(ana, 'one')
    await board.age(800)
    await ana.heartbeat()
    expect((await seen(board)).left).toBeGreaterThan(880)
    await board.age(901)
    const { claims, lapsed } = await seen(board)
    expect(claims).toEqual([])
    expect(lapsed).toMatchObject([{ automatic: { outcome: undefined, command: 'command one' } }])
  })

  it('a session that goes on does not hold an interrupted command for more than an hour', async () => {
    await using board = await store.newBoard()
    const ana = await board.as('ana')
    await guard(ana, 'one')
    for (let minutes = 0; minutes < 62; minutes += 10) {
      await board.age(600)
      await ana.heartbeat()
    }
    expect((await seen(board)).claims).toEqual([])
    expect((await seen(board)).lapsed).toMatchObject([{ automatic: { outcome: undefined } }])
  })

  it('a late end still counts for a claim that has lapsed meanwhile', async () => {
    await using board = await store.newBoard()
    const ana = await board.as('ana')
    await guard(ana, 'one')
    await board.age(1_000)
    await settle(ana, 'one', 'succeeded', 0)
    expect((await seen(board)).lapsed).toEqual([])
  })

  it('the claim settles when the last command on the label is over', async () => {
    await using board = await store.newBoard()
    const ana = await board.as('ana')
    await guard(ana, 'one')
    await guard(ana, 'two')
    await settle(ana, 'two', 'succeeded', 0)
    expect((await seen(board)).left, 'one is running').toBeGreaterThan(800)
    await settle(ana, 'one', 'succeeded', 0)
    expect((await seen(board)).left).toBeLessThanOrEqual(300)
  })

  it('of commands that end at once, the last one settles the claim', async () => {
    await using board = await store.newBoard()
    const ids = ['one', 'two', 'three', 'four']
    const boards = await Promise.all(ids.map(() => board.as('ana')))
    await Promise.all(ids.map((id, at) => guard(boards[at] as Board, id)))
    await Promise.all(ids.map((id, at) => settle(boards[at] as Board, id, 'succeeded', 0)))
    expect((await seen(board)).left).toBeLessThanOrEqual(300)
  })

  it('a failure counts although a command beside it succeeds later', async () => {
    await using board = await store.newBoard()
    const ana = await board.as('ana')
    await guard(ana, 'one')
    await guard(ana, 'two')
    await settle(ana, 'one', 'failed', 9)
    await settle(ana, 'two', 'succeeded', 0)
    await board.age(1_000)
    expect((await seen(board)).lapsed).toMatchObject([
      { automatic: { command: 'command one', outcome: 'failed', exitStatus: 9 } },
    ])
  })

  it('a command that is run again and succeeds mends an earlier failure', async () => {
    await using board = await store.newBoard()
    const ana = await board.as('ana')
    await guard(ana, 'one')
    await settle(ana, 'one', 'failed', 1)
    await guard(ana, 'two')
    expect((await seen(board)).claims).toMatchObject([
      { automatic: { outcome: undefined, command: 'command two' } },
    ])
    await settle(ana, 'two', 'succeeded', 0)
    await board.age(301)
    expect(await seen(board)).toMatchObject({ claims: [], lapsed: [] })
  })

  it('a settled claim lives on when another command begins', async () => {
    await using board = await store.newBoard()
    const ana = await board.as('ana')
    await guard(ana, 'one')
    await settle(ana, 'one', 'succeeded', 0)
    await guard(ana, 'two')
    expect((await seen(board)).left).toBeGreaterThan(880)
    await board.age(100)
    await ana.heartbeat()
    expect((await seen(board)).left).toBeGreaterThan(880)
  })

  it('an end without a status counts as a success', async () => {
    await using board = await store.newBoard()
    const ana = await board.as('ana')
    await guard(ana, 'one')
    await settle(ana, 'one', 'ended')
    expect((await seen(board)).claims).toMatchObject([
      { automatic: { outcome: 'ended', exitStatus: undefined } },
    ])
    await board.age(301)
    expect(await seen(board)).toMatchObject({ claims: [], lapsed: [] })
  })

  it('a background command holds its claim without heartbeats until its end is seen, at most 60 minutes', async () => {
    await using board = await store.newBoard()
    const ana = await board.as('ana')
    await guard(ana, 'one')
    await settle(ana, 'one', 'background')
    await guard(ana, 'two', { background: true, targets: [{ label: 'db:x', mode: 'note' }] })
    await board.age(3_500)
    expect(accepted(await ana.list({ mine: true })).claims).toHaveLength(2)
    await ana.heartbeat()
    await board.age(101)
    expect(accepted(await ana.list({ mine: true })).claims).toEqual([])
    expect((await seen(board)).lapsed).toMatchObject([{ automatic: { outcome: undefined } }])
    await guard(ana, 'three', { background: true })
    await settle(ana, 'three', 'failed', 2)
    expect((await seen(board)).left).toBeLessThanOrEqual(900)
  })

  it('claiming the label by hand turns the claim into an own one, which no command ends', async () => {
    await using board = await store.newBoard()
    const ana = await board.as('ana')
    await guard(ana, 'one')
    accepted(await ana.claim(NODE, { purpose: 'kernel upgrade' }))
    await settle(ana, 'one', 'failed', 1)
    const { claims, left } = await seen(board)
    expect(claims).toMatchObject([{ purpose: 'kernel upgrade' }])
    expect(claims[0]?.automatic).toBeUndefined()
    expect(left).toBeGreaterThan(800)
    await board.age(800)
    await ana.heartbeat()
    expect((await seen(board)).left).toBeGreaterThan(800)
  })

  it('keeps a claim that an older client of the same session made its own', async () => {
    await using board = await store.newBoard()
    const ana = await board.as('ana')
    await guard(ana, 'one')
    // It writes its purpose, and leaves alone the columns that it doesn't know.
    await board.run(`UPDATE presence_claims SET purpose = 'by hand'`)
    await settle(ana, 'one', 'succeeded', 0)
    expect((await seen(board)).left).toBeGreaterThan(800)
  })

  it('knows nothing of refused and unknown calls, and may be sent twice', async () => {
    await using board = await store.newBoard()
    const [ana, bob] = [await board.as('ana'), await board.as('bob')]
    expect((await settle(ana, 'unknown', 'succeeded')).labels).toEqual([])
    await guard(ana, 'one')
    expect((await settle(bob, 'one', 'failed', 1)).labels, 'of another session').toEqual([])
    accepted(await bob.guard({ callId: 'no', purpose: 'p', targets: [{ label: NODE, mode: 'deny' }] }))
    expect((await settle(bob, 'no', 'succeeded')).labels).toEqual([])
    expect((await seen(board)).left).toBeGreaterThan(800)
    await settle(ana, 'one', 'succeeded', 0)
    expect((await settle(ana, 'one', 'failed', 1)).labels).toEqual([NODE])
    expect((await seen(board)).claims).toMatchObject([{ automatic: { outcome: 'succeeded' } }])
  })

  it('refuses bad input', async () => {
    await using board = await store.newBoard()
    const ana = await board.as('ana')
    const bad = async (wrong: object) =>
      refused(await ana.settle({ callId: 'c', outcome: 'ended', ...wrong })).code
    if (store.isServed) return
    expect(await bad({ callId: '\u0000' })).toBe('invalid_command')
    expect(await bad({ outcome: 'vanished' })).toBe('invalid_command')
    expect(await bad({ exitStatus: 1.5 })).toBe('invalid_command')
    expect(await bad({ exitStatus: 2 ** 40 })).toBe('invalid_command')
  })
})
