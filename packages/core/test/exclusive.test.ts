import type { Acquired, Board, Outcome } from '@presence/core'
import { expect, it } from 'vitest'
import { until } from '../../../e2e/support/until.ts'
import { acquire } from '../src/claims/acquire.ts'
import { Deadline } from '../src/deadline.ts'
import { accepted } from './answers.ts'
import { describeEachStore, storeOf } from './stores.ts'

const p = { purpose: 'apply' }
const tokenOf = (said: Outcome<Acquired>) => (said.ok ? said.claim.token : undefined)
const held = (...ids: readonly string[]) => ({
  ok: false,
  refusal: { code: 'held', holders: ids.map(id => ({ session: { id } })) },
})
const isCurrent = async (board: Board, label: string, token: number) => {
  const said = await board.verify(label, token)
  return said.ok && said.current
}

describeEachStore('G4: an exclusive claim', store => {
  it('is taken, kept and taken back only by its own session, even if another session uses the same write key', async () => {
    await using board = await store.newBoard()
    const raw = await storeOf(board)
    const soon = () => Deadline.after(5_000)
    const how = { writeKey: 'known', overShared: false, reentrant: false }
    const own = (id: string) => ({
      session: { id, user: 'u', host: 'h', agent: 'cli' },
      label: 'stack:gpu',
      purpose: 'p',
      ttlSeconds: 60,
    })
    const taken = await acquire(raw, own('ana'), how, soon())
    expect(taken).toMatchObject({ ok: true, claim: { session: { id: 'ana' } } })
    expect(await acquire(raw, own('bob'), how, soon())).toMatchObject(held('ana'))
    await raw.locks.takeBack('stack:gpu', 'bob', 'known', soon())
    expect(await isCurrent(await board.as('eve'), 'stack:gpu', 1)).toBe(true)
    await raw.locks.takeBack('stack:gpu', 'ana', 'known', soon())
    expect(await isCurrent(await board.as('eve'), 'stack:gpu', 1)).toBe(false)
    await raw.close()
  })

  it('whose answer was lost is taken back, unless its session has claimed it again or extended it since', async () => {
    await using board = await store.newBoard()
    const raw = await storeOf(board)
    const ana = await board.as('ana')
    const takeBack = (label: string) => raw.locks.takeBack(label, 'ana', label, Deadline.after(5_000))
    for (const label of ['node:lost', 'node:again', 'node:extended']) {
      const session = { id: 'ana', user: 'u', host: 'h', agent: 'cli' }
      const own = { session, label, purpose: 'p', ttlSeconds: 600 }
      const how = { writeKey: label, overShared: false, reentrant: false }
      accepted(await acquire(raw, own, how, Deadline.after(5_000)))
    }
    await board.age(1)
    accepted(await ana.claimExclusively('node:again', p))
    await takeBack('node:lost')
    await takeBack('node:again')
    await board.age(1)
    await ana.heartbeat()
    await takeBack('node:extended')
    const { claims } = accepted(await ana.list())
    expect(claims.map(({ label }) => label).sort()).toEqual(['node:again', 'node:extended'])
    await raw.close()
  })

  it('is granted to one session and refused to all others, naming the holder, until it is released', async () => {
    await using board = await store.newBoard()
    const [ana, bob] = [await board.as('ana'), await board.as('bob')]
    const first = await ana.claimExclusively('stack:gpu', p)
    expect(first).toMatchObject({ ok: true, claim: { token: 1, purpose: 'apply' }, others: [] })
    expect(await bob.claimExclusively('stack:gpu', p)).toMatchObject(held('ana'))
    expect(await bob.claim('stack:gpu', p), 'a shared one too').toMatchObject(held('ana'))
    expect(await bob.list()).toMatchObject({ claims: [{ session: { id: 'ana' }, token: 1 }] })

    expect(await ana.release('stack:gpu')).toMatchObject({ ok: true, released: [{ token: 1 }] })
    expect(await isCurrent(ana, 'stack:gpu', 1)).toBe(false)
    expect(tokenOf(await bob.claimExclusively('stack:gpu', p))).toBe(2)
  })

  it('shows when its holder was last active: when it was taken, claimed again or extended', async () => {
    await using board = await store.newBoard()
    const [ana, bob] = [await board.as('ana'), await board.as('bob')]
    const idleMs = async () => {
      const said = await bob.peek('stack:gpu')
      return said.ok ? said.asOf.getTime() - (said.claims[0]?.activeAt?.getTime() ?? 0) : Number.NaN
    }
    const actions = [
      () => ana.claimExclusively('stack:gpu', { ...p, ttl: '24h' }),
      () => ana.heartbeat(),
      () => ana.claimExclusively('stack:gpu', { ...p, ttl: '24h' }),
      () => bob.steal('stack:gpu', { reason: 'r', ttl: '24h' }),
    ]
    for (const act of actions) {
      await act()
      expect(await idleMs()).toBeLessThan(60_000)
      await board.age(7_200)
      expect(await idleMs()).toBeGreaterThanOrEqual(7_200_000)
    }
    const lapsedAt = (await bob.list()) as { claims?: readonly { lapsedAt?: Date }[] }
    expect(lapsedAt.claims?.[0]?.lapsedAt, 'which is another time').toBeUndefined()
  })

  it('is refused if others hold shared claims, unless it is made over them: then they stay and are told', async () => {
    await using board = await store.newBoard()
    const [ana, bob, eve] = [await board.as('ana'), await board.as('bob'), await board.as('eve')]
    await bob.claim('node:a', p)
    expect(await ana.claimExclusively('node:a', p)).toMatchObject(held('bob'))
    expect((await bob.heartbeat()).coClaims, 'nothing of it is left').toEqual([])

    const over = await ana.claimExclusively('node:a', { ...p, overShared: true })
    expect(over).toMatchObject({ ok: true, others: [{ session: { id: 'bob' } }] })
    expect((await bob.heartbeat()).coClaims).toMatchObject([{ others: [{ session: { id: 'ana' } }] }])
    await board.age(1)
    expect(await bob.claim('node:a', p), 'what existed before stays').toMatchObject({
      ok: true,
      others: [{ session: { id: 'ana' }, token: over.ok ? over.claim.token : 0 }],
    })
    expect(await eve.claim('node:a', p), 'what comes later is refused').toMatchObject(held('ana'))
    expect((await eve.heartbeat()).mine).toEqual([])
  })

  it('replaces its own session’s shared claim, and a later shared claim of that session adds nothing', async () => {
    await using board = await store.newBoard()
    const ana = await board.as('ana')
    await ana.claim('node:a', p)
    const token = tokenOf(await ana.claimExclusively('node:a', p))
    expect((await ana.heartbeat()).mine).toMatchObject([{ label: 'node:a', token }])
    expect(await ana.claim('node:a', p)).toMatchObject({ ok: true, claim: { token } })
    expect((await ana.heartbeat()).mine).toHaveLength(1)
  })

  it('is never granted beside another session’s shared claim, however many commands of one session try at once', async () => {
    await using board = await store.newBoard()
    const bob = await board.as('bob')
    const anas = await Promise.all(Array.from({ length: 4 }, () => board.as('ana')))
    for (let round = 0; round < 8; round++) {
      const label = `node:n${round}`
      await bob.claim(label, p)
      let over = false
      const beats = (async () => {
        // A board in a file answers without yielding to other tasks.
        for (; !over; await new Promise(resolve => setImmediate(resolve))) await anas[3]?.heartbeat()
      })()
      const said = await Promise.all(anas.slice(0, 3).map(ana => ana.claimExclusively(label, p)))
      over = true
      await beats
      for (const each of said) expect(each).toMatchObject(held('bob'))
      expect(await bob.peek(label), 'nothing of it is left').toMatchObject({
        claims: [{ session: { id: 'bob' }, token: undefined }],
      })
    }
  })

  it('made again by its session has the latest purpose and ttl, and never ends sooner', async () => {
    await using board = await store.newBoard()
    const ana = await board.as('ana')
    await ana.claimExclusively('node:a', p)
    const left = async (ttl: string) => {
      const said = await ana.claimExclusively('node:a', { purpose: ttl, ttl })
      if (!said.ok) throw new Error(said.refusal.message)
      expect(said.claim).toMatchObject({ purpose: ttl, token: 1 })
      return Math.round((said.claim.expiresAt.getTime() - said.asOf.getTime()) / 60_000)
    }
    expect(await left('4h')).toBe(240)
    expect(await left('1m')).toBe(240)
  })

  it('made again by its session keeps its token and is extended', async () => {
    await using board = await store.newBoard()
    const ana = await board.as('ana')
    const token = tokenOf(await ana.claimExclusively('node:a', { ...p, ttl: 60 }))
    await board.age(40)
    expect(tokenOf(await ana.claimExclusively('node:a', { ...p, ttl: 60 }))).toBe(token)
    await board.age(40)
    expect(await isCurrent(ana, 'node:a', token ?? 0)).toBe(true)
  })

  it('stays alive through heartbeats, and expires without them', async () => {
    await using board = await store.newBoard()
    const [ana, bob] = [await board.as('ana'), await board.as('bob')]
    const token = tokenOf(await ana.claimExclusively('node:a', { ...p, ttl: 60 })) ?? 0
    await board.age(40)
    expect((await ana.heartbeat()).mine).toMatchObject([{ token }])
    await board.age(40)
    expect(await isCurrent(bob, 'node:a', token)).toBe(true)
    await board.age(21)
    expect(await isCurrent(bob, 'node:a', token)).toBe(false)
    expect((await ana.heartbeat()).lapsed, 'G3: not revived').toMatchObject([{ claim: { token } }])
    await board.age(86_400)
    expect((await ana.heartbeat()).lapsed, 'reported for a day').toEqual([])
    expect(tokenOf(await bob.claimExclusively('node:a', p))).toBe(token + 1)
    expect(await ana.verify('node:a', token)).toMatchObject({
      current: false,
      token: token + 1,
      holder: { session: { id: 'bob' } },
    })
  })

  it('has tokens that only grow, whatever happens to it', async () => {
    await using board = await store.newBoard()
    const sessions = [await board.as('ana'), await board.as('bob')]
    const tokens: (number | undefined)[] = []
    for (let at = 0; at < 6; at++) {
      const session = sessions[at % 2]
      if (!session) throw new Error('no session')
      tokens.push(tokenOf(await session.claimExclusively('node:a', { ...p, ttl: 60 })))
      if (at % 3 === 0) await board.age(61)
      else await session.release('node:a')
    }
    expect(tokens).toEqual([1, 2, 3, 4, 5, 6])
  })

  it('G5: is not released or extended by another session', async () => {
    await using board = await store.newBoard()
    const [ana, bob] = [await board.as('ana'), await board.as('bob')]
    const token = tokenOf(await ana.claimExclusively('node:a', p)) ?? 0
    expect(await bob.release('node:a')).toMatchObject({ ok: false, refusal: { code: 'not_holder' } })
    await bob.heartbeat()
    await bob.deregister()
    expect(await isCurrent(bob, 'node:a', token)).toBe(true)
  })

  it('is listed, peeked at and counted like any other claim, by label and by kind', async () => {
    await using board = await store.newBoard()
    const [ana, bob] = [await board.as('ana'), await board.as('bob')]
    await ana.claimExclusively('node:a', p)
    await bob.claim('node:b', p)
    const labels = (said: Awaited<ReturnType<Board['list']>>) =>
      said.ok && said.claims.map(({ label }) => label)
    expect(labels(await bob.list())).toEqual(['node:a', 'node:b'])
    expect(labels(await bob.list({ kind: 'node' }))).toEqual(['node:a', 'node:b'])
    expect(labels(await bob.peek('node:a'))).toEqual(['node:a'])
    expect(labels(await ana.list({ mine: true }))).toEqual(['node:a'])
    expect((await bob.who()).sessions.map(({ session, holds }) => [session.id, holds.length]).sort()).toEqual(
      [
        ['ana', 1],
        ['bob', 1],
      ],
    )
  })

  it('does not verify for a label that was never claimed exclusively, or with a token that can’t exist', async () => {
    await using board = await store.newBoard()
    const ana = await board.as('ana')
    expect(await ana.verify('node:a', 1)).toMatchObject({ ok: true, current: false, token: 0 })
    expect(await ana.verify('node:a', 1.5)).toMatchObject({ ok: false, refusal: { code: 'invalid_token' } })
    expect(await ana.verify('nodes:a', 1)).toMatchObject({ ok: false, refusal: { code: 'invalid_label' } })
  })
})

describeEachStore('G4: a lease', store => {
  it('is released when it is disposed, and refused to a session that already holds the label', async () => {
    await using board = await store.newBoard()
    const [ana, bob] = [await board.as('ana'), await board.as('bob')]
    {
      const said = await ana.acquire('node:a', p)
      if (!said.ok) throw new Error(said.refusal.message)
      await using lease = said.lease
      expect(await lease.verify()).toBe(true)
      expect(lease.deadline.getTime()).toBeGreaterThan(Date.now() + 890_000)
      expect(await ana.acquire('node:a', p)).toMatchObject({
        ok: false,
        refusal: {
          message: expect.stringContaining('by this session'),
          remedy: expect.stringContaining('a session of its own'),
        },
      })
      expect(await bob.acquire('node:a', p)).toMatchObject(held('ana'))
    }
    expect(await bob.acquire('node:a', p)).toMatchObject({ ok: true, lease: { token: 2 } })
  })

  it('that is stolen is soon reported as lost, however long its ttl, and releasing it changes nothing', async () => {
    await using board = await store.newBoard()
    const [ana, bob] = [await board.as('ana'), await board.as('bob')]
    const said = await ana.acquire('node:a', p)
    if (!said.ok) throw new Error(said.refusal.message)
    const lost = new Promise<void>(resolve => said.lease.signal.addEventListener('abort', () => resolve()))
    await bob.steal('node:a', { reason: 'gone' })
    await lost
    expect(await said.lease.release()).toBe(false)
    await ana.close()
    const { events } = (await bob.log()) as { events: readonly { event: string }[] } & object
    expect(events.map(({ event }) => event)).toEqual(['claim', 'steal'])
  })

  it("is kept alive, and reports before its end that it can't be extended any more", async () => {
    await using board = await store.newBoard()
    const [ana, bob] = [await board.as('ana'), await board.as('bob')]
    const said = await ana.acquire('node:a', { ...p, ttl: 6 })
    if (!said.ok) throw new Error(said.refusal.message)
    const { lease } = said
    const endsAt = async () => accepted(await bob.list()).claims[0]?.expiresAt.getTime() ?? 0
    const firstEnd = await endsAt()
    const lost = new Promise<void>(resolve => lease.signal.addEventListener('abort', () => resolve()))
    await until('a renewal', async () => (await endsAt()) > firstEnd)
    expect(lease.signal.aborted).toBe(false)
    expect(await isCurrent(bob, 'node:a', lease.token)).toBe(true)
    await board.age(10)
    await lost
    expect(lease.signal.reason).toMatchObject({ code: 'lease_lost' })
    expect(await lease.verify()).toBe(false)
    expect(await bob.acquire('node:a', p)).toMatchObject({ ok: true })
    await lease.release()
    expect(await isCurrent(bob, 'node:a', lease.token + 1), 'a lost lease is not released').toBe(true)
  })
})
