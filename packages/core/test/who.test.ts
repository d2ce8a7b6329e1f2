import { SESSION_STALE_SECONDS, type Who } from '@presence/core'
import { expect, it } from 'vitest'
import { describeEachStore } from './stores.ts'

const told = ({ sessions }: Who) =>
  sessions.map(({ session, holds, stale }) => [session.id, holds.map(({ label }) => label), stale])

describeEachStore('who', store => {
  it('is nobody on an empty board, at the database’s now', async () => {
    await using board = await store.newBoard()
    const { sessions, asOf } = await (await board.as('ana')).who()
    expect(sessions).toEqual([])
    expect(asOf).toBeInstanceOf(Date)
  })

  it('names each session with what it holds, the latest heard of first, and none that only lapsed', async () => {
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
    expect(first).toMatchObject({ session: { id: 'ana', agent: 'cli' }, secondsSince: 0 })
  })

  it('a session is stale after 300 s without a heartbeat, and live again with one', async () => {
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

  it('G1: tells of co-claims on what I hold', async () => {
    await using board = await store.newBoard()
    const [ana, bob] = [await board.as('ana'), await board.as('bob')]
    await ana.claim('node:a', { purpose: 'p' })
    await bob.claim('node:a', { purpose: 'q' })
    expect((await ana.who()).coClaims).toMatchObject([{ label: 'node:a', others: [{ purpose: 'q' }] }])
  })
})
