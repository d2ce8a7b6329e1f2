import { SESSION_STALE_SECONDS, type Who, type WhoOptions } from '@presence/core'
import { expect, it } from 'vitest'
import { Deadline } from '../src/deadline.ts'
import { describeEachDatabase, describeEachStore, storeOf } from './stores.ts'

const told = ({ sessions }: Who) =>
  sessions.map(({ session, holds, stale }) => [session.id, holds.map(({ label }) => label), stale])

describeEachStore('who', store => {
  it('returns no session on an empty board, with the database’s time', async () => {
    await using board = await store.newBoard()
    const { sessions, asOf } = await (await board.as('ana')).who()
    expect(sessions).toEqual([])
    expect(asOf).toBeInstanceOf(Date)
  })

  it('returns each session with what it holds, the last seen first, and none that only has lapsed claims', async () => {
    await using board = await store.newBoard()
    const [ana, bob, eve] = [await board.as('ana'), await board.as('bob'), await board.as('eve')]
    await eve.claim('node:gone', { purpose: 'p', ttl: 60 })
    await board.age(61)
    await ana.claim('node:a', { purpose: 'p' })
    await ana.claim('node:c', { purpose: 'p', ttl: '2h' })
    await board.age(30)
    await bob.claim('node:b', { purpose: 'p' })

    expect(told(await eve.who())).toEqual([
      ['bob', ['node:b'], false],
      ['ana', ['node:a', 'node:c'], false],
    ])
    await board.age(5)
    await ana.heartbeat()
    const [first] = (await eve.who()).sessions
    expect(first).toMatchObject({ session: { id: 'ana', agent: 'cli' } })
    expect(first?.secondsSince).toBeLessThan(30)
  })

  it('shows a session as stale after 300 s without a heartbeat, and as live again after one', async () => {
    await using board = await store.newBoard()
    const ana = await board.as('ana')
    await ana.claim('node:a', { purpose: 'p', ttl: '1h' })
    await board.age(SESSION_STALE_SECONDS - 10)
    expect(told(await ana.who())).toEqual([['ana', ['node:a'], false]])
    await board.age(11)
    expect(told(await ana.who())).toEqual([['ana', ['node:a'], true]])
    await ana.heartbeat()
    expect(told(await ana.who())).toEqual([['ana', ['node:a'], false]])
  })

  it('G1: reports co-claims on the session’s labels', async () => {
    await using board = await store.newBoard()
    const [ana, bob] = [await board.as('ana'), await board.as('bob')]
    await ana.claim('node:a', { purpose: 'p' })
    await bob.claim('node:a', { purpose: 'q' })
    expect((await ana.who()).coClaims).toMatchObject([{ label: 'node:a', others: [{ purpose: 'q' }] }])
  })

  it('returns pages sorted by id if requested, each session once, including those that only hold claims', async () => {
    await using board = await store.newBoard()
    const ids = ['B', 'a', 'a/b', 'b', 'ü', '\u{ffff}', '\u{1f98a}']
    const [first, second] = [await board.as('B'), await board.as('b')]
    for (const id of ids.filter(each => each !== 'b')) await (await board.as(id)).register()
    await second.claim('node:b', { purpose: 'p' })
    await first.deregister()
    const pages = async (options: WhoOptions) => {
      const found: string[][] = []
      let after: string | undefined
      do {
        const { sessions, next }: Who = await second.who({ ...options, ...(after ? { after } : {}) })
        found.push(sessions.map(({ session }) => session.id))
        after = next
      } while (after)
      return found
    }
    expect(await pages({ all: true, limit: 3 })).toEqual([ids.slice(0, 3), ids.slice(3, 6), ids.slice(6)])
    expect(await pages({ limit: 6 })).toEqual([ids.slice(1)])
    expect(await pages({ state: 'live', limit: 2 })).toEqual([ids.slice(1, 3), ids.slice(3, 5), ids.slice(5)])
    expect(await pages({ state: 'inactive', limit: 1 })).toEqual([['B']])
    expect(await pages({ state: 'stale' })).toEqual([[]])
    expect(await pages({ all: true, after: 'a/b', limit: 500 })).toEqual([ids.slice(3)])
    await board.age(SESSION_STALE_SECONDS + 1)
    await second.heartbeat()
    expect(await pages({ state: 'stale', limit: 2 })).toEqual([
      ['a', 'a/b'],
      ['ü', '\u{ffff}'],
      ['\u{1f98a}'],
    ])
  })

  it('returns only the requested session, in any state, or none if it is unknown', async () => {
    await using board = await store.newBoard()
    const [ana, bob] = [await board.as('ana'), await board.as('bob')]
    for (const each of [ana, bob]) await each.register()
    await ana.deregister()
    expect((await bob.who({ of: 'ana' })).sessions).toMatchObject([
      { session: { id: 'ana' }, state: 'inactive' },
    ])
    expect((await bob.who({ of: 'eve' })).sessions).toEqual([])
  })
})

describeEachDatabase('a page of sessions', store => {
  it('costs as many rows as it has, however many sessions are kept', async () => {
    await using board = await store.newBoard()
    for (let each = 0; each < 12; each += 1) {
      const session = await board.as(`s${String(each).padStart(2, '0')}`)
      await session.register()
      if (each % 2 === 0) await session.deregister()
    }
    const inside = await storeOf(board)
    const rows = async (which: 'there' | 'gone' | 'kept', after: string) =>
      (await inside.sessions({ which, page: { rows: 3, after } }, Deadline.after(10_000))).map(
        ({ session }) => session.id,
      )
    expect(await rows('kept', 's01')).toEqual(['s02', 's03', 's04'])
    expect(await rows('there', '')).toEqual(['s01', 's03', 's05'])
    expect(await rows('gone', 's06')).toEqual(['s08', 's10'])
    expect(await inside.countSessions(Deadline.after(10_000))).toEqual({ live: 6, stale: 0, inactive: 6 })
    const back = await board.as('s00')
    await back.claim('node:back', { purpose: 'p' })
    expect(await inside.countSessions(Deadline.after(10_000))).toEqual({ live: 7, stale: 0, inactive: 5 })
    await inside.close()
  })
})
