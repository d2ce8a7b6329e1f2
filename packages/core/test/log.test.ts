import type { Board, HistoryEvent, LogOptions } from '@presence/core'
import { expect, it } from 'vitest'
import { until } from '../../../e2e/support/until.ts'
import { accepted } from './answers.ts'
import { describeEachStore, type TestBoard } from './stores.ts'

const p = { purpose: 'drain' }
const told = ({ event, label, session, others }: HistoryEvent) =>
  `${event} ${label} ${session.id}${others.length > 0 ? ` <- ${others.join()}` : ''}`

describeEachStore('the history', store => {
  /**
   * Events are written after the answer, so closes the boards and the server, which writes them. A closed
   * board reopens itself.
   */
  async function settled(board: TestBoard, done: readonly Board[]) {
    for (const each of done) await each.close()
    await board.restart()
  }

  async function age(board: TestBoard, done: readonly Board[], seconds: number) {
    await settled(board, done)
    await board.age(seconds)
  }

  /** Resolves in a later millisecond, because the history doesn't order the claims of one millisecond. */
  async function aMoment() {
    const from = Date.now()
    await until('a later millisecond', () => Date.now() > from + 1)
  }

  /** The board's history, after these boards have written their events. */
  async function historyOf(board: TestBoard, done: readonly Board[], options?: LogOptions) {
    await settled(board, done)
    return accepted(await (await board.as('reader')).log(options)).events
  }

  it('contains every call that was answered before the history was read, although events are written after the answer', async () => {
    await using board = await store.newBoard()
    const ana = await board.as('ana')
    for (const label of ['node:a', 'node:b', 'node:c']) {
      await ana.claim(label, p)
      await aMoment()
    }
    await ana.release('node:a')
    expect(accepted(await ana.log()).events.map(told)).toEqual([
      'claim node:a ana',
      'claim node:b ana',
      'claim node:c ana',
      'release node:a ana',
    ])
  })

  it('contains no second claim if the holder of an exclusive claim also makes a shared one', async () => {
    await using board = await store.newBoard()
    const ana = await board.as('ana')
    await ana.claimExclusively('node:a', p)
    await ana.claim('node:a', p)
    expect((await historyOf(board, [ana])).map(told)).toEqual(['claim node:a ana'])
  })

  it('contains each claim, co-claim, release, expiry, steal and resolution once, in order', async () => {
    await using board = await store.newBoard()
    const [ana, bob] = [await board.as('ana'), await board.as('bob')]
    await ana.claim('node:a', p)
    await ana.claim('node:a', p)
    await ana.heartbeat()
    await aMoment()
    await bob.claim('node:a', { ...p, ttl: 60 })
    await ana.release('node:a')
    await age(board, [ana, bob], 100)
    await bob.claim('node:a', p)
    await bob.release('node:a')
    await aMoment()
    await ana.claimExclusively('node:b', p)
    await aMoment()
    await bob.steal('node:b', { reason: 'gone' })
    await aMoment()
    await ana.claim('node:c', { ...p, ttl: 60 })
    await age(board, [ana, bob], 100)
    await bob.resolve('node:c', 'looked at it')
    const events = await historyOf(board, [ana, bob])
    expect(events.map(told)).toEqual([
      'claim node:a ana',
      'co-claim node:a bob <- ana',
      'release node:a ana',
      'expiry node:a bob',
      'claim node:a bob',
      'release node:a bob',
      'claim node:b ana',
      'steal node:b bob <- ana',
      'claim node:c ana',
      'expiry node:c ana',
      'resolve node:c bob <- ana',
    ])
    expect(events.at(7)).toMatchObject({ token: 2, note: 'gone' })
    expect(events.at(10)).toMatchObject({ note: 'looked at it', purpose: 'drain' })
  })

  it('contains an unnoticed expiry once, and keeps it when the claim is pruned', async () => {
    await using board = await store.newBoard()
    const [ana, bob] = [await board.as('ana'), await board.as('bob')]
    await ana.claim('node:a', { ...p, ttl: 60 })
    await ana.claimExclusively('node:b', { ...p, ttl: 60 })
    await age(board, [ana], 120)
    const options = { since: '7d' }
    const expected = ['claim node:a ana', 'claim node:b ana', 'expiry node:a ana', 'expiry node:b ana']
    expect((await historyOf(board, [ana], options)).map(told).sort()).toEqual(expected)
    await bob.claimExclusively('node:b', p)
    await age(board, [bob], 86_400)
    await board.prune()
    expect(await board.rows(), 'the claim is pruned').toEqual([])
    const kept = (await historyOf(board, [bob], options)).map(told)
    expect(kept.filter(each => each.startsWith('expiry')).sort()).toEqual([
      ...expected.slice(2),
      'expiry node:b bob',
    ])
  })

  it('can be filtered by label, session and time, and limited to the latest events', async () => {
    await using board = await store.newBoard()
    const [ana, bob] = [await board.as('ana'), await board.as('bob')]
    await ana.claim('node:a', p)
    await age(board, [ana], 7_200)
    await bob.claimExclusively('node:b', p)
    await aMoment()
    await ana.steal('node:b', { reason: 'gone' })
    const reader = await board.as('reader')
    await historyOf(board, [ana, bob])
    const of = async (options: LogOptions) => accepted(await reader.log(options)).events.map(told)
    expect(await of({ label: 'node:a' })).toEqual(['claim node:a ana', 'expiry node:a ana'])
    expect(await of({ session: 'bob' }), 'also what was done to it').toEqual([
      'claim node:b bob',
      'steal node:b ana <- bob',
    ])
    expect(await of({ since: '1h' })).toEqual(['claim node:b bob', 'steal node:b ana <- bob'])
    expect(accepted(await reader.log({ limit: 1 }))).toMatchObject({
      events: [{ event: 'steal' }],
      more: true,
    })
    expect(await reader.log({ since: 'soon' })).toMatchObject({
      ok: false,
      refusal: { code: 'invalid_since' },
    })
    expect(await reader.log({ label: 'x' })).toMatchObject({ ok: false, refusal: { code: 'invalid_label' } })
  })

  it('forgets events that are older than 30 days', async () => {
    await using board = await store.newBoard()
    const ana = await board.as('ana')
    await ana.claim('node:a', p)
    await historyOf(board, [ana])
    await board.age(31 * 86_400)
    await board.prune()
    await board.age(-3 * 86_400)
    const reader = await board.as('reader')
    const events = accepted(await reader.log({ since: '30d' })).events.map(told)
    expect(events.filter(each => each.includes('node:a'))).toEqual(['expiry node:a ana'])
  })
})
