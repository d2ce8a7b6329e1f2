import { all } from '@presence/core'
import { expect, it } from 'vitest'
import { Deadline } from '../src/deadline.ts'
import { SESSION_FORGOTTEN_SECONDS, SESSION_KEPT_SECONDS } from '../src/domain/limits.ts'
import type { SessionTokens } from '../src/store/port/session-tokens.ts'
import { describeEachDatabase, PATIENT_MS, storeOf, type TestBoard } from './stores.ts'

const deadline = () => Deadline.after(PATIENT_MS)

/** The tokens of a board's sessions, as one server sees them. */
async function tokensOf(board: TestBoard) {
  const store = await storeOf(board)
  const tokens: SessionTokens = await store.sessionTokens()
  return {
    take: (session: string, token: string, from?: string) => tokens.take(session, token, from, deadline()),
    use: (session: string, token: string) => tokens.use(session, token, deadline()),
    ownerOf: (session: string) => tokens.ownerOf(session, deadline()),
    [Symbol.asyncDispose]: () => store.close(),
  }
}

const FREE = { token: undefined, isThere: false, isOld: false }

describeEachDatabase('G9: the token of a session', store => {
  it('is the first one that takes it, whatever the id looks like', async () => {
    await using board = await store.newBoard()
    await using tokens = await tokensOf(board)
    expect(await tokens.ownerOf('s')).toEqual(FREE)
    await tokens.take('s', 'ana', undefined)
    await tokens.take('s', 'bob', undefined)
    expect(await tokens.ownerOf('s')).toEqual({ ...FREE, token: 'ana' })
    // Ids that look alike are other sessions, as everywhere on the board.
    for (const other of ['S', 's ', 'ѕ', 'é', 'e\u0301', '%', '_', "s'", 's\\', '😀'.repeat(60)]) {
      if (other.trim() !== other) continue
      expect(await tokens.ownerOf(other), other).toEqual(FREE)
      await tokens.take(other, 'bob', undefined)
      expect(await tokens.ownerOf(other), other).toEqual({ ...FREE, token: 'bob' })
    }
    expect(await tokens.ownerOf('s')).toEqual({ ...FREE, token: 'ana' })
  })

  it('is exactly one, if servers ask for several tokens at the same moment', async () => {
    await using board = await store.newBoard()
    const servers = await Promise.all(Array.from({ length: 4 }, () => tokensOf(board)))
    for (let round = 0; round < 8; round++) {
      const id = `s${round}`
      const told = await Promise.all(
        servers.map(async (server, at) => {
          await server.take(id, `token-${at}`, undefined)
          return (await server.ownerOf(id)).token
        }),
      )
      expect(new Set(told).size, told.join()).toBe(1)
      expect(told[0]).toMatch(/^token-\d$/)
      // The same if a token that no longer counts had it.
      const next = await Promise.all(
        servers.map(async (server, at) => {
          await server.take(id, `next-${at}`, told[0])
          return (await server.ownerOf(id)).token
        }),
      )
      expect(new Set(next).size, next.join()).toBe(1)
      expect(next[0]).toMatch(/^next-\d$/)
    }
    for (const server of servers) await server[Symbol.asyncDispose]()
  })

  it('can’t be taken while the session is there without a token', async () => {
    await using board = await store.newBoard()
    await using tokens = await tokensOf(board)
    const [shared, exclusive, registered] = [
      await board.as('shared'),
      await board.as('exclusive'),
      await board.as('registered'),
    ]
    await shared.claim('node:a', { purpose: 'p' })
    await exclusive.claimExclusively('node:b', { purpose: 'p' })
    await registered.register()
    const ids = ['shared', 'exclusive', 'registered']
    for (const id of ids) {
      await tokens.take(id, 'ana', undefined)
      expect(await tokens.ownerOf(id), id).toEqual({ ...FREE, isThere: true })
    }
    await shared.release('node:a')
    await exclusive.release('node:b')
    await registered.deregister()
    for (const id of ids) {
      await tokens.take(id, 'ana', undefined)
      expect(await tokens.ownerOf(id), id).toEqual({ ...FREE, token: 'ana' })
    }
  })

  it('can’t be taken while the session waits, or within a day after it lost a claim, unless it ended', async () => {
    await using board = await store.newBoard()
    await using tokens = await tokensOf(board)
    const [ana, waits, robbed, late, lapsed] = await Promise.all([
      board.as('ana'),
      board.as('waits'),
      board.as('robbed'),
      board.as('late'),
      board.as('lapsed'),
    ])
    await ana.claimExclusively('node:a', { purpose: 'p' })
    const waited = Promise.withResolvers<void>()
    const over = new AbortController()
    const { signal } = over
    const waiting = waits.claimExclusively('node:a', {
      purpose: 'p',
      wait: '60s',
      signal,
      onWait: () => waited.resolve(),
    })
    await robbed.claimExclusively('node:b', { purpose: 'p' })
    expect(await ana.steal('node:b', { reason: 'its host is down' })).toMatchObject({ ok: true })
    await late.claimExclusively('node:c', { purpose: 'p', ttl: 1 })
    await lapsed.claim('node:d', { purpose: 'p', ttl: 1 })
    await board.age(2)
    await waited.promise
    const isFree = async (id: string) => {
      await tokens.take(id, 'eve', undefined)
      return (await tokens.ownerOf(id)).token === 'eve'
    }
    for (const id of ['waits', 'robbed', 'late', 'lapsed']) expect(await isFree(id), id).toBe(false)
    over.abort()
    await waiting
    for (const session of [robbed, late]) await session.release(all)
    for (const id of ['waits', 'robbed', 'late']) expect(await isFree(id), id).toBe(true)
    expect(await isFree('lapsed')).toBe(false)
    await board.age(SESSION_FORGOTTEN_SECONDS)
    expect(await isFree('lapsed')).toBe(true)
  })

  it('stays when the session ends, and is taken over only from a token that no longer counts', async () => {
    await using board = await store.newBoard()
    await using tokens = await tokensOf(board)
    await tokens.take('s', 'ana', undefined)
    const session = await board.as('s')
    await session.register()
    await tokens.take('s', 'bob', 'ana')
    expect(await tokens.ownerOf('s'), 'the session is there').toMatchObject({ token: 'ana', isThere: true })
    await session.deregister()
    await tokens.take('s', 'bob', undefined)
    await tokens.take('s', 'bob', 'eve')
    expect(await tokens.ownerOf('s')).toEqual({ ...FREE, token: 'ana' })
    await tokens.take('s', 'bob', 'ana')
    expect(await tokens.ownerOf('s')).toEqual({ ...FREE, token: 'bob' })
  })

  it('is forgotten 30 days after its last use, but not while the session has a live claim', async () => {
    await using board = await store.newBoard()
    await using tokens = await tokensOf(board)
    for (const id of ['used', 'unused', 'holds']) await tokens.take(id, 'ana', undefined)
    await (await board.as('holds')).claimExclusively('node:a', { purpose: 'p', ttl: 'never' })
    await board.age(SESSION_FORGOTTEN_SECONDS)
    expect(await tokens.ownerOf('used')).toEqual({ ...FREE, token: 'ana', isOld: true })
    await tokens.use('used', 'bob')
    expect((await tokens.ownerOf('used')).isOld, 'not its token').toBe(true)
    await tokens.use('used', 'ana')
    expect(await tokens.ownerOf('used')).toEqual({ ...FREE, token: 'ana' })
    await board.age(SESSION_KEPT_SECONDS - SESSION_FORGOTTEN_SECONDS + 1)
    await board.prune()
    expect(await tokens.ownerOf('used')).toMatchObject({ token: 'ana' })
    expect(await tokens.ownerOf('unused')).toEqual(FREE)
    expect(await tokens.ownerOf('holds')).toMatchObject({ token: 'ana', isThere: true })
  })
})
