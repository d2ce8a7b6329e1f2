import { expect, it } from 'vitest'
import { acquire } from '../src/claims/acquire.ts'
import { claim } from '../src/claims/claim.ts'
import { steal } from '../src/claims/steal.ts'
import { Deadline } from '../src/deadline.ts'
import type { Store } from '../src/store/port/store.ts'
import { accepted, holders } from './answers.ts'
import { interrupted } from './interrupted.ts'
import { describeEachStore, storeOf, type TestBoard } from './stores.ts'

const soon = () => Deadline.after(5_000)
const p = { purpose: 'apply' }
const held = (...ids: readonly string[]) => ({
  ok: false,
  refusal: { code: 'held', holders: ids.map(id => ({ session: { id } })) },
})

/** A claim as a process of a session writes it, directly to a store. */
const own = (id: string, purpose = 'p', label = 'node:a') => ({
  session: { id, user: 'u', host: 'h', agent: 'cli' },
  label,
  purpose,
  ttlSeconds: 600,
})
const exclusively = (store: Store, id: string, writeKey: string, overShared = false) =>
  acquire(store, own(id), { writeKey, overShared, reentrant: true }, soon())
const share = (store: Store, id: string, key: string) => claim(store, own(id, key), soon(), key)

/** Takes a label and stops there, like a process that was killed at that point. */
const takeOnly = (store: Store, id: string, writeKey: string, overShared = false) =>
  store.locks.take(own(id), { writeKey, overShared, waiter: undefined }, soon())

const claimsOn = async (board: TestBoard) =>
  accepted(await (await board.as('onlooker')).peek('node:a')).claims
const isCurrent = async (board: TestBoard, token: number) =>
  accepted(await (await board.as('onlooker')).verify('node:a', token)).current

describeEachStore('G2: a shared claim that was acknowledged', store => {
  it('stays when a sibling tries an exclusive claim and withdraws because others are there', async () => {
    await using board = await store.newBoard()
    const raw = await storeOf(board)
    accepted(await (await board.as('bob')).claim('node:a', p))
    let shared: ReturnType<typeof share> | undefined
    const sibling = interrupted(raw, 'read', async () => {
      // It finds the tentative exclusive claim of its own session.
      shared = share(raw, 'ana', 'key-one-1')
      await new Promise(resolve => setTimeout(resolve, 30))
    })
    expect(await exclusively(sibling, 'ana', 'key-of-ana')).toMatchObject(held('bob'))
    expect(accepted(await (shared as ReturnType<typeof share>)).claim.token).toBeUndefined()
    expect(holders(await claimsOn(board)).toSorted()).toEqual(['ana', 'bob'])
    await raw.close()
  })

  it('stays when a refused sibling takes back its own write later', async () => {
    await using board = await store.newBoard()
    const raw = await storeOf(board)
    const bob = await board.as('bob')
    accepted(await bob.claimExclusively('node:a', p))
    const late = interrupted(raw, 'undo', async () => {
      await bob.release('node:a')
      accepted(await share(raw, 'ana', 'key-two-2'))
    })
    expect(await share(late, 'ana', 'key-one-1')).toMatchObject(held('bob'))
    expect(holders(await claimsOn(board))).toEqual(['ana'])
    await raw.close()
  })

  it('stays when a sibling claims it again and is refused, however many siblings there are', async () => {
    await using board = await store.newBoard()
    const raw = await storeOf(board)
    for (const key of ['key-one-1', 'key-two-2', 'key-three']) await raw.put(own('ana', key), key, soon())
    await raw.undo('ana', 'node:a', 'key-three', soon())
    await raw.undo('ana', 'node:a', 'key-one-1', soon())
    await raw.undo('ana', 'node:a', 'key-one-1', soon())
    expect(holders(await claimsOn(board))).toEqual(['ana'])
    await raw.undo('ana', 'node:a', 'key-two-2', soon())
    expect(await claimsOn(board), 'none of them is left').toEqual([])
    await raw.close()
  })

  it('stays when a second write of it is taken back after a client of the 8-column table rewrote the row', async () => {
    await using board = await store.newBoard()
    const raw = await storeOf(board)
    await raw.put(own('ana'), 'key-one-1', soon())
    await board.forgetKeys()
    await raw.put(own('ana'), 'key-two-2', soon())
    await raw.undo('ana', 'node:a', 'key-two-2', soon())
    await raw.undo('ana', 'node:a', 'key-one-1', soon())
    expect(holders(await claimsOn(board))).toEqual(['ana'])
    await raw.close()
  })

  it('stays however often it is claimed again', async () => {
    await using board = await store.newBoard()
    const raw = await storeOf(board)
    const keys = Array.from({ length: 60 }, (_, at) => `key-number-${at}`)
    for (const key of keys) await raw.put(own('ana'), key, soon())
    for (const key of keys.slice(0, 59)) await raw.undo('ana', 'node:a', key, soon())
    expect(holders(await claimsOn(board))).toEqual(['ana'])
    await raw.close()
  })

  it('is hidden beside its session’s exclusive claim, and visible again after a lease on the label ends', async () => {
    await using board = await store.newBoard()
    const [ana, sibling] = [await board.as('ana'), await board.as('ana')]
    accepted(await ana.claim('node:a', p))
    const { lease } = accepted(await sibling.acquire('node:a', p))
    expect(await claimsOn(board)).toMatchObject([{ token: lease.token }])
    expect((await ana.heartbeat()).mine).toHaveLength(1)
    expect(await lease.release()).toBe(true)
    expect(await claimsOn(board)).toMatchObject([{ session: { id: 'ana' }, token: undefined }])
    accepted(await sibling.claimExclusively('node:a', p))
    accepted(await ana.release('node:a'))
    expect(await claimsOn(board), 'a release covers all claims of the session on the label').toEqual([])
  })

  it('ends with its own write, whichever process of the session ends first', async () => {
    await using board = await store.newBoard()
    const runs = await Promise.all([1, 2, 3].map(() => board.as('ana')))
    const keyOf = (at: number) => `key-of-run-${at}`
    for (const order of [
      [0, 1, 2],
      [2, 1, 0],
      [2, 0, 1],
      [1, 0, 2],
    ]) {
      for (const [at, run] of runs.entries())
        accepted(await run.claim('node:a', { ...p, writeKey: keyOf(at) }))
      for (const [done, at] of order.entries()) {
        expect(holders(await claimsOn(board)), `before the end of ${done}`).toEqual(['ana'])
        const said = accepted(
          await (runs[at] as (typeof runs)[0]).takeBack('node:a', { writeKey: keyOf(at) }),
        )
        expect(said.gone).toBe(done === 2)
      }
      expect(await claimsOn(board)).toEqual([])
    }
  })

  it('gets its earlier purpose and ttl back when a later write is taken back, unless a third write followed', async () => {
    await using board = await store.newBoard()
    const ana = await board.as('ana')
    const before = { purpose: 'the whole day', ttlSeconds: 28_800 }
    const write = { writeKey: 'key-of-run-1', before }
    const saying = async () => (await claimsOn(board)).map(({ purpose, ttlSeconds }) => [purpose, ttlSeconds])
    await ana.claim('node:a', { purpose: 'the whole day', ttl: '8h' })
    await ana.claim('node:a', { purpose: 'drain', writeKey: 'key-of-run-1' })
    accepted(await ana.takeBack('node:a', write))
    expect(await saying()).toEqual([['the whole day', 28_800]])
    await ana.claim('node:a', { purpose: 'drain', writeKey: 'key-of-run-1' })
    await ana.claim('node:a', { purpose: 'since' })
    accepted(await ana.takeBack('node:a', write))
    expect(await saying()).toEqual([['since', 28_800]])
    expect(await ana.takeBack('node:a', { writeKey: 'NO KEY' })).toMatchObject({ ok: false })
    expect(await ana.claim('node:a', { ...p, writeKey: 'no' })).toMatchObject({ ok: false })
  })
})

describeEachStore('G2: a shared claim that is refused', store => {
  it('leaves nothing, and the lapsed claim that it replaced is lapsed again', async () => {
    await using board = await store.newBoard()
    const raw = await storeOf(board)
    const ana = await board.as('ana')
    await ana.claim('node:a', { ...p, ttl: 60 })
    await board.age(100)
    await raw.put(own('ana'), 'key-one-1', soon())
    await raw.undo('ana', 'node:a', 'key-one-1', soon())
    expect(await ana.heartbeat()).toMatchObject({ mine: [], lapsed: [{ claim: { label: 'node:a' } }] })
    await raw.close()
  })
})

describeEachStore('G4: an exclusive claim that was acknowledged', store => {
  it('stays when the sibling that took it first withdraws, or loses its answer', async () => {
    await using board = await store.newBoard()
    const raw = await storeOf(board)
    const first = accepted(await exclusively(raw, 'ana', 'key-of-first'))
    const second = accepted(await exclusively(raw, 'ana', 'key-of-second'))
    expect(second).toMatchObject({ isNew: false, claim: { token: first.claim.token } })
    for (const writeKey of ['key-of-first', 'key-of-second'])
      await raw.locks.takeBack('node:a', 'ana', writeKey, soon())
    expect(await isCurrent(board, second.claim.token)).toBe(true)
    await raw.close()
  })

  it('is not granted to a sibling only because an unconfirmed claim of its session exists', async () => {
    await using board = await store.newBoard()
    const raw = await storeOf(board)
    accepted(await (await board.as('bob')).claim('node:a', p))
    let second: ReturnType<typeof exclusively> | undefined
    const first = interrupted(raw, 'locks.takeBack', async () => {
      second = exclusively(raw, 'ana', 'key-of-second')
      await new Promise(resolve => setTimeout(resolve, 30))
    })
    expect(await exclusively(first, 'ana', 'key-of-first')).toMatchObject(held('bob'))
    expect(await (second as ReturnType<typeof exclusively>)).toMatchObject(held('bob'))
    expect(holders(await claimsOn(board))).toEqual(['bob'])
    await raw.close()
  })

  it('stays for the process that claimed it when a sibling’s lease on it ends', async () => {
    await using board = await store.newBoard()
    const [ana, sibling] = [await board.as('ana'), await board.as('ana')]
    const { lease } = accepted(await sibling.acquire('node:a', p))
    const { claim: mine } = accepted(await ana.claimExclusively('node:a', p))
    expect(await lease.release(), 'it was held to the end').toBe(true)
    expect(await isCurrent(board, mine.token)).toBe(true)
    accepted(await ana.release('node:a'))
    expect(await isCurrent(board, mine.token)).toBe(false)
  })

  it('stays when a sibling extended it, even if its taker tries again and loses the answer', async () => {
    await using board = await store.newBoard()
    const raw = await storeOf(board)
    const { token } = accepted(await exclusively(raw, 'ana', 'key-of-first')).claim
    expect((await (await board.as('ana')).heartbeat()).mine).toMatchObject([{ token }])
    expect(accepted(await exclusively(raw, 'ana', 'key-of-first')).claim.token).toBe(token)
    await raw.locks.takeBack('node:a', 'ana', 'key-of-first', soon())
    expect(await isCurrent(board, token)).toBe(true)
    await raw.close()
  })

  it('is not taken back for a lost answer once a sibling’s shared claim was answered with it', async () => {
    await using board = await store.newBoard()
    const raw = await storeOf(board)
    const { token } = accepted(await exclusively(raw, 'ana', 'key-of-first')).claim
    expect(accepted(await share(raw, 'ana', 'key-one-1')).claim.token).toBe(token)
    await raw.locks.takeBack('node:a', 'ana', 'key-of-first', soon())
    expect(await isCurrent(board, token)).toBe(true)
    await raw.close()
  })
})

describeEachStore('G4: an exclusive claim that was never confirmed', store => {
  it('does not count: not listed, not current, not extended, and soon dropped', async () => {
    await using board = await store.newBoard()
    const raw = await storeOf(board)
    await raw.locks.make('node:a', soon())
    await takeOnly(raw, 'ana', 'key-of-killed')
    const [ana, bob] = [await board.as('ana'), await board.as('bob')]
    await board.age(1)
    const before = (await raw.locks.read('node:a', undefined, soon()))?.claim?.expiresAt
    expect((await ana.heartbeat()).mine).toEqual([])
    expect((await raw.locks.read('node:a', undefined, soon()))?.claim?.expiresAt).toEqual(before)
    expect(await claimsOn(board)).toEqual([])
    expect(await isCurrent(board, 1)).toBe(false)
    await board.age(2)
    expect(accepted(await bob.claim('node:a', p)).others).toEqual([])
    await bob.release('node:a')
    await takeOnly(raw, 'ana', 'key-of-killed')
    await board.age(2)
    expect(accepted(await bob.claimExclusively('node:a', p)).claim.token).toBe(3)
    expect(await raw.locks.confirm('node:a', 'ana', 'key-of-killed', soon()), 'too late').toBe(false)
    await raw.close()
  })

  it('leaves no expiry in the history', async () => {
    await using board = await store.newBoard()
    const raw = await storeOf(board)
    const from = new Date((await raw.now(soon())).getTime() - 3_600_000)
    const expiries = async () => {
      const { events } = await raw.history.since({ label: 'node:a', since: from, rows: 10 }, soon())
      return events.map(({ event }) => event)
    }
    await raw.locks.make('node:a', soon())
    await takeOnly(raw, 'ana', 'key-of-killed')
    await board.age(700)
    expect(await expiries()).toEqual([])
    accepted(await exclusively(raw, 'bob', 'key-of-bob'))
    await board.age(700)
    expect(await expiries()).toEqual(['expiry'])
    await raw.close()
  })

  it('can be taken again by a sibling, but not stolen', async () => {
    await using board = await store.newBoard()
    const raw = await storeOf(board)
    await raw.locks.make('node:a', soon())
    await takeOnly(raw, 'ana', 'key-of-killed')
    await board.age(2)
    expect(await steal(raw, own('bob'), 'gone', soon())).toMatchObject({ refusal: { code: 'not_held' } })
    await takeOnly(raw, 'ana', 'key-of-killed')
    await board.age(2)
    expect(accepted(await exclusively(raw, 'ana', 'key-of-second')).isNew).toBe(true)
    const ended = accepted(await (await board.as('ana')).list({ mine: true }))
    expect([ended.stolen, ended.lapsed]).toEqual([[], []])
    await raw.close()
  })
})

describeEachStore('G4: an exclusive claim', store => {
  it('and a simultaneous shared claim of another session are never both granted', async () => {
    await using board = await store.newBoard()
    const raw = await storeOf(board)
    await raw.locks.make('node:a', soon())
    // The shared claim is written after the exclusive one has read who is there.
    let shared: ReturnType<typeof share> | undefined
    const slow = interrupted(raw, 'locks.confirm', async () => {
      shared = share(raw, 'bob', 'key-one-1')
      await new Promise(resolve => setTimeout(resolve, 30))
    })
    const alone = await exclusively(slow, 'ana', 'key-of-ana')
    expect(alone.ok).toBe(true)
    expect(await (shared as ReturnType<typeof share>)).toMatchObject(held('ana'))
    expect(holders(await claimsOn(board))).toEqual(['ana'])
    await raw.close()
  })
})

describeEachStore('G3: a claim that is made again with a shorter ttl', store => {
  it('keeps the longer ttl in the answer, in the store and in heartbeats', async () => {
    await using board = await store.newBoard()
    const ana = await board.as('ana')
    for (const make of [
      (ttl: string) => ana.claim('node:a', { ...p, ttl }),
      (ttl: string) => ana.claimExclusively('node:b', { ...p, ttl }),
    ]) {
      const first = accepted(await make('2h')).claim
      const again = accepted(await make('5s'))
      expect(again.claim.ttlSeconds).toBe(7_200)
      expect(again.claim.expiresAt.getTime()).toBeGreaterThanOrEqual(first.expiresAt.getTime())
      await board.age(7_000)
      await ana.heartbeat()
      await board.age(7_000)
    }
    expect((await ana.heartbeat()).mine.map(({ label }) => label)).toEqual(['node:b'])
  })
})
