import { type Board, type Change, PresenceError, type WatchOptions } from '@presence/core'
import { expect, it } from 'vitest'
import { until } from '../../../e2e/support/until.ts'
import { accepted } from './answers.ts'
import { describeEachStore } from './stores.ts'

/** A watch driven by hand: the board is polled only when the next change is awaited. */
class Watching {
  readonly #changes: AsyncIterator<Change>
  readonly #boards: readonly Board[]

  constructor(board: Board, options: WatchOptions = {}) {
    this.#boards = [board]
    this.#changes = board.watch({ everyMs: 20, ...options })[Symbol.asyncIterator]()
  }

  async next(): Promise<Change> {
    const { done, value } = await this.#changes.next()
    if (done) throw new Error(`the watch of ${this.#boards[0]?.session.id} has ended`)
    return value
  }

  /** The next `count` changes: event, session and label. */
  async told(count: number): Promise<readonly string[]> {
    const told: string[] = []
    while (told.length < count) told.push(lineOf(await this.next()))
    return told
  }
}

const lineOf = (change: Change) =>
  'claim' in change
    ? `${change.event} ${change.claim.session.id} ${change.claim.label}: ${change.claim.purpose}`
    : change.event === 'known'
      ? `known ${change.live}`
      : change.event

describeEachStore('watch', store => {
  it('begins with the lapsed and the live claims', async () => {
    await using board = await store.newBoard()
    const [ana, bob] = [await board.as('ana'), await board.as('bob')]
    await ana.claim('node:gone', { purpose: 'p', ttl: 60 })
    await board.age(61)
    await ana.claim('node:a', { purpose: 'drain' })
    await bob.claim('db:b', { purpose: 'vacuum' })

    const told = await new Watching(ana).told(4)

    expect(told).toEqual([
      'known 2',
      'lapsed ana node:gone: p',
      'present ana node:a: drain',
      'present bob db:b: vacuum',
    ])
  })

  it('reports a steal and a resolution, with who did it and why', async () => {
    await using board = await store.newBoard()
    const [ana, bob, eve] = [await board.as('ana'), await board.as('bob'), await board.as('eve')]
    await ana.claimExclusively('stack:gpu', { purpose: 'apply' })
    await bob.claim('node:a', { purpose: 'drain', ttl: 60 })
    const watching = new Watching(eve)
    expect(await watching.told(3)).toContain('present ana stack:gpu: apply')

    await bob.steal('stack:gpu', { reason: 'its runner is gone' })
    const stolen = [await watching.next(), await watching.next()]
    expect(stolen.map(lineOf)).toEqual([
      'stolen ana stack:gpu: apply',
      'claimed bob stack:gpu: its runner is gone',
    ])
    expect(stolen[0]).toMatchObject({ claim: { ended: { by: 'bob', note: 'its runner is gone' } } })

    await board.age(120)
    expect(await watching.told(1)).toEqual(['expired bob node:a: drain'])
    await ana.resolve('node:a', 'it was drained')
    const resolved = await watching.next()
    expect(lineOf(resolved)).toBe('resolved bob node:a: drain')
    expect(resolved).toMatchObject({ claim: { ended: { by: 'ana', note: 'it was drained' } } })
  })

  it('reports each claim and release once, as it happens, with the database’s time', async () => {
    await using board = await store.newBoard()
    const [ana, bob] = [await board.as('ana'), await board.as('bob')]
    const watching = new Watching(bob)
    expect(await watching.told(1)).toEqual(['known 0'])

    const { claim } = accepted(await ana.claim('node:a', { purpose: 'drain' }))
    const came = await watching.next()
    expect([lineOf(came), came.at]).toEqual(['claimed ana node:a: drain', claim.claimedAt])
    await ana.release('node:a')
    const went = await watching.next()
    expect(lineOf(went)).toBe('released ana node:a: drain')
    expect(went.at >= came.at).toBe(true)
    await bob.claim('node:b', { purpose: 'next' })
    expect(await watching.told(1)).toEqual(['claimed bob node:b: next'])
  })

  it.each(['ana', 'bob'])('distinguishes an expiry from a release, for %s', async watcher => {
    await using board = await store.newBoard()
    const ana = await board.as('ana')
    await ana.claim('node:a', { purpose: 'drain', ttl: 60 })
    await ana.claim('node:b', { purpose: 'reboot', ttl: '1h' })
    const watching = new Watching(await board.as(watcher))
    await watching.told(3)

    await board.age(61)
    const expired = await watching.next()
    expect(lineOf(expired)).toBe('expired ana node:a: drain')
    expect('claim' in expired && expired.claim.expiresAt <= expired.at).toBe(true)
    await ana.release('node:b')
    expect(await watching.told(1)).toEqual(['released ana node:b: reboot'])
  })

  it('reports a release, not an expiry, for a claim that was extended between two polls and then released', async () => {
    await using board = await store.newBoard()
    const [ana, bob] = [await board.as('ana'), await board.as('bob')]
    const { claim } = accepted(await ana.claim('node:a', { purpose: 'drain', ttl: 5 }))
    const watching = new Watching(bob)
    await watching.told(2)

    let held = 0
    await until('the time of the claim, as the watch knows it', async () => {
      const { asOf, mine } = await ana.heartbeat()
      held = mine.length
      return held !== 1 || asOf > claim.expiresAt
    })
    expect(held, 'it never lapsed').toBe(1)
    await ana.release('node:a')

    expect(await watching.told(1)).toEqual(['released ana node:a: drain'])
  })

  it('does not report a heartbeat, but a new purpose', async () => {
    await using board = await store.newBoard()
    const [ana, bob] = [await board.as('ana'), await board.as('bob')]
    await ana.claim('node:a', { purpose: 'drain' })
    const watching = new Watching(bob)
    await watching.told(2)

    await ana.heartbeat()
    await ana.claim('node:a', { purpose: 'drain', ttl: '2h' })
    const next = watching.told(1)
    await ana.claim('node:a', { purpose: 'reboot' })

    expect(await next).toEqual(['claimed ana node:a: reboot'])
  })

  it('reports an expiry, then a claim, if a label lapsed and was claimed again between two polls', async () => {
    await using board = await store.newBoard()
    const [ana, bob] = [await board.as('ana'), await board.as('bob')]
    await ana.claim('node:a', { purpose: 'drain', ttl: 5 })
    const watching = new Watching(bob)
    await watching.told(2)

    await until('the claim to lapse', async () => accepted(await bob.list()).claims.length === 0)
    await ana.claim('node:a', { purpose: 'again' })

    expect(await watching.told(2)).toEqual(['expired ana node:a: drain', 'claimed ana node:a: again'])
  })

  it('of one label reports only that label', async () => {
    await using board = await store.newBoard()
    const [ana, bob] = [await board.as('ana'), await board.as('bob')]
    await ana.claim('node:b', { purpose: 'elsewhere' })
    const watching = new Watching(ana, { label: 'node:a' })
    expect(await watching.told(1)).toEqual(['known 0'])

    await bob.claim('node:b', { purpose: 'elsewhere too' })
    await bob.claim('node:a', { purpose: 'drain' })

    expect(await watching.told(1)).toEqual(['claimed bob node:a: drain'])
  })

  it('G1: reports co-claims on all labels of the session at its start, whatever label it watches', async () => {
    await using board = await store.newBoard()
    const [ana, bob] = [await board.as('ana'), await board.as('bob')]
    await ana.claim('node:a', { purpose: 'drain' })
    await bob.claim('node:a', { purpose: 'reboot' })

    const first = await new Watching(ana, { label: 'db:x' }).next()

    expect(first).toMatchObject({ event: 'known', live: 0, coClaims: [{ label: 'node:a' }] })
  })

  it('of an invalid label is refused at once', async () => {
    await using board = await store.newBoard()
    const ana = await board.as('ana')
    expect(() => ana.watch({ label: 'nod:a' })).toThrow(PresenceError)
    expect(() => ana.watch({ label: 'nod:a' })).toThrow(
      expect.objectContaining({ code: 'invalid_label', remedy: 'did you mean node:a?' }),
    )
  })

  it.each(['its signal', 'the board’s closing', 'a break'])('ends with %s, without an error', async end => {
    await using board = await store.newBoard()
    const ana = await board.as('ana')
    const controller = new AbortController()
    const seen: string[] = []
    for await (const change of ana.watch({ signal: controller.signal, everyMs: 1e9 })) {
      seen.push(change.event)
      if (end === 'its signal') controller.abort()
      else if (end === 'a break') break
      else await ana.close()
    }
    expect(seen).toEqual(['known'])
  })

  it('ends at once if its signal fires between two looks, and does not begin if its signal has already fired', async () => {
    await using board = await store.newBoard()
    const ana = await board.as('ana')
    const controller = new AbortController()
    const watching = ana.watch({ signal: controller.signal, everyMs: 1e9 })[Symbol.asyncIterator]()
    await watching.next()
    const last = watching.next()
    controller.abort()
    expect(await last).toEqual({ done: true, value: undefined })
    for await (const change of ana.watch({ signal: AbortSignal.abort() })) expect(change).toBeUndefined()
  })
})
