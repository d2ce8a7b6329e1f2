import { randomUUID } from 'node:crypto'
import { expect, it } from 'vitest'
import { openAs } from '../src/board/open-board.ts'
import { resolveBoard } from '../src/config/board.ts'
import { Deadline } from '../src/deadline.ts'
import { KINDS } from '../src/domain/label.ts'
import type { QueuedVerb, Said } from '../src/domain/operation.ts'
import { accepted } from './answers.ts'
import { describeEachStore, storeOf, type TestBoard } from './stores.ts'

const ana = { id: 'ana', user: 'u', host: 'h', agent: 'a' }
const claim = (label: string, ttlSeconds = 900): QueuedVerb => ({
  verb: 'claim',
  label,
  purpose: 'offline',
  ttlSeconds,
})

/** Replays an operation on the board's store as if it had been requested some seconds ago. */
async function saying(board: TestBoard) {
  const { dsn } = await resolveBoard(board.dsn, {}, '/')
  const { replays, close } = await openAs({ dsn, kinds: KINDS }, ana, () => Deadline.after(5_000))
  return {
    ago: async (seconds: number, verb: QueuedVerb, id: string = randomUUID()) => {
      const now = await replays.now(Deadline.after(5_000))
      const saidAt = new Date(now.getTime() - seconds * 1_000)
      const operation = { id, at: 1, session: ana, ...verb }
      const replayed = await replays.replay(operation, saidAt, Deadline.after(5_000))
      if (replayed === 'withheld') throw new Error('withheld')
      return replayed.ok ? replayed.done : replayed.refusal.code
    },
    [Symbol.asyncDispose]: close,
  }
}

describeEachStore('a replay', store => {
  it('G8: counts a claim from when it was requested, by the database’s clock', async () => {
    await using board = await store.newBoard()
    await using say = await saying(board)
    expect(await say.ago(600, claim('node:a', 900))).toBe(true)

    const { claims, asOf } = accepted(await (await board.as('bob')).peek('node:a'))

    expect(asOf.getTime() - (claims[0]?.claimedAt.getTime() ?? 0)).toBeGreaterThanOrEqual(600_000)
    expect((claims[0]?.expiresAt.getTime() ?? 0) - (claims[0]?.claimedAt.getTime() ?? 0)).toBe(900_000)
  })

  it('G7: happens once, however often it is tried', async () => {
    await using board = await store.newBoard()
    await using say = await saying(board)
    expect(await say.ago(10, claim('node:a'), 'one')).toBe(true)
    await say.ago(5, { verb: 'release', label: 'node:a' }, 'two')

    expect(await say.ago(10, claim('node:a'), 'one')).toBe(false)
    expect(await board.rows()).toEqual([])
  })

  it('G4: leaves nothing on a held label if an earlier attempt wrote the claim and lost the answer', async () => {
    await using board = await store.newBoard()
    await using say = await saying(board)
    accepted(await (await board.as('bob')).claimExclusively('node:a', { purpose: 'alone' }))
    const behind = await storeOf(board)
    const own = { session: ana, label: 'node:a', purpose: 'p', ttlSeconds: 900 }
    await behind.put(own, 'key-one-1', Deadline.after(5_000))
    await behind.close()
    expect(await say.ago(0, { ...claim('node:a'), writeKey: 'key-one-1' } as QueuedVerb)).toBe(false)
    expect(await board.rows()).toEqual([])
  })

  it('G4: makes no claim beside an exclusive one, even from a host whose clock runs ahead', async () => {
    await using board = await store.newBoard()
    await using say = await saying(board)
    const bob = await board.as('bob')
    accepted(await bob.claimExclusively('node:a', { purpose: 'alone', overShared: true }))
    expect(await say.ago(-60, claim('node:a'))).toBe(false)
    expect(await board.rows()).toEqual([])
  })

  it('G4: takes back the claim of an attempt that ended before it checked for a holder, and no other claim', async () => {
    await using board = await store.newBoard()
    await using say = await saying(board)
    const bob = await board.as('bob')
    accepted(await bob.claimExclusively('node:a', { purpose: 'alone' }))
    const behind = await storeOf(board)
    const now = await behind.now(Deadline.after(5_000))
    const saidAt = new Date(now.getTime() - 60_000)
    const halfDone = { id: 'half', session: ana, ...claim('node:a') }
    expect(await behind.replay(halfDone as Said, saidAt, Deadline.after(5_000))).toBe(true)
    await behind.close()
    expect(await say.ago(60, claim('node:a'), 'half')).toBe(false)
    expect(await board.rows()).toEqual([])

    // Made later, while nobody held the label exclusively: an earlier attempt is not this claim.
    accepted(await bob.release('node:a'))
    accepted(await (await board.as('ana')).claim('node:a', { purpose: 'later' }))
    accepted(await bob.claimExclusively('node:a', { purpose: 'alone', overShared: true }))
    await say.ago(60, claim('node:a'), 'half')
    expect(await board.rows()).toMatchObject([{ session_id: 'ana', purpose: 'later' }])
  })

  it('G3: extends only claims that were live at the time of the heartbeat', async () => {
    await using board = await store.newBoard()
    await using say = await saying(board)
    await say.ago(100, claim('node:dead', 10))
    await say.ago(100, claim('node:live', 100))
    await say.ago(50, { verb: 'heartbeat' })

    const { mine, lapsed } = await (await board.as('ana')).heartbeat()

    expect(mine.map(({ label }) => label)).toEqual(['node:live'])
    expect(lapsed.map(each => each.claim.label)).toEqual(['node:dead'])
  })

  it('releases no claim that was made after the time of the release', async () => {
    await using board = await store.newBoard()
    await using say = await saying(board)
    const online = await board.as('ana')
    await say.ago(100, claim('node:old'))
    await online.claim('node:new', { purpose: 'since' })
    await say.ago(50, { verb: 'release' })

    expect(accepted(await online.list()).claims.map(({ label }) => label)).toEqual(['node:new'])
  })

  it.each(['one label', 'all'])(
    'releases exclusive claims too, once, and none that was made since: %s',
    async what => {
      await using board = await store.newBoard()
      await using say = await saying(board)
      const online = await board.as('ana')
      const [release, id] = [
        { verb: 'release', ...(what === 'all' ? {} : { label: 'node:x' }) },
        randomUUID(),
      ] as const
      const { claim: first } = accepted(await online.claimExclusively('node:x', { purpose: 'drain' }))
      expect(await say.ago(60, release)).toBe(true)
      expect(accepted(await online.verify('node:x', first.token ?? 0)).current, 'made since').toBe(true)
      expect(await say.ago(0, release, id)).toBe(true)
      expect(accepted(await online.verify('node:x', first.token ?? 0)).current).toBe(false)
      const { events } = accepted(await online.log({ label: 'node:x' }))
      expect(events.map(({ event, token }) => [event, token])).toEqual([
        ['claim', first.token],
        ['release', first.token],
      ])
      const bob = await board.as('bob')
      const { claim: second } = accepted(await bob.claimExclusively('node:x', { purpose: 'mine now' }))
      expect(await say.ago(0, release, id), 'again').toBe(false)
      expect(accepted(await bob.verify('node:x', second.token ?? 0)).current).toBe(true)
    },
  )

  it('G3: never shortens what was claimed since', async () => {
    await using board = await store.newBoard()
    await using say = await saying(board)
    const online = accepted(
      await (await board.as('ana')).claim('node:a', { purpose: 'since', ttl: '1h' }),
    ).claim
    await say.ago(100, claim('node:a', 200))

    expect(accepted(await (await board.as('bob')).peek('node:a')).claims[0]?.expiresAt).toEqual(
      online.expiresAt,
    )
  })

  it('G7: sends a message once, with its original time, and it is unread from then on', async () => {
    await using board = await store.newBoard()
    await using say = await saying(board)
    const message: QueuedVerb = {
      verb: 'message',
      id: 'one',
      to: 'bob',
      kind: 'MESSAGE',
      subject: 's',
      body: 'b',
    }
    expect(await say.ago(600, message, 'one')).toBe(true)
    expect(await say.ago(300, message, 'one')).toBe(false)
    const { rows, asOf } = accepted(await (await board.as('bob')).messages.inbox({ unreadOnly: true }))
    expect(rows).toMatchObject([{ id: 'one', from: 'ana', to: 'bob' }])
    expect(asOf.getTime() - (rows[0]?.sentAt.getTime() ?? 0)).toBeGreaterThanOrEqual(600_000)
  })

  it('G7: does not send a message again that arrived but whose answer was lost', async () => {
    await using board = await store.newBoard()
    await using say = await saying(board)
    const sender = await board.as('ana')
    accepted(await sender.messages.send({ id: 'one', to: 'bob', subject: 's', body: 'b' }))
    await say.ago(
      10,
      { verb: 'message', id: 'one', to: 'bob', kind: 'MESSAGE', subject: 's', body: 'b' },
      'one',
    )
    expect(accepted(await (await board.as('bob')).messages.inbox()).rows).toHaveLength(1)
  })

  it('G7: refuses a message with another message’s id, as sending does, however often it is tried', async () => {
    await using board = await store.newBoard()
    await using say = await saying(board)
    const bob = await board.as('bob')
    const message = { verb: 'message', kind: 'MESSAGE', subject: 's' } as const
    for (const [id, to] of [
      ['to-many', undefined],
      ['to-me', 'ana'],
      ['to-others', 'eve'],
    ] as const) {
      accepted(await bob.messages.send({ id, subject: 's', body: 'b', ...(to ? { to } : {}) }))
      expect(await say.ago(10, { ...message, id, body: 'b' }, id)).toBe('id_taken')
      expect(await say.ago(10, { ...message, id, body: 'b' }, id)).toBe('id_taken')
    }
    expect(await say.ago(10, { ...message, id: 'own', body: 'b' }, 'own')).toBe(true)
    expect(await say.ago(10, { ...message, id: 'own', body: 'another' }, 'own')).toBe('id_taken')
    const { rows } = accepted(await bob.messages.inbox())
    expect(rows.map(({ id }) => id)).toEqual(['own'])
  })

  it('G7: puts a component’s state in its place in the history, and replaces no later state', async () => {
    await using board = await store.newBoard()
    await using say = await saying(board)
    const bob = await board.as('bob')
    const named = { project: 'shop', component: 'server' }
    accepted(await bob.components.set({ ...named, state: 'deployed' }))
    await say.ago(60, { verb: 'component', id: 'b', ...named, state: 'built', version: '1' }, 'b')
    await say.ago(90, { verb: 'component', id: 'a', ...named, state: 'building' }, 'a')
    expect(accepted(await bob.components.list()).rows).toMatchObject([
      { state: 'deployed', updatedBy: 'bob' },
    ])
    expect(accepted(await bob.components.history(named)).rows.map(({ state }) => state)).toEqual([
      'deployed',
      'built',
      'building',
    ])
  })

  it('G7: refuses a component’s state with another state’s id, as setting does, however often it is tried', async () => {
    await using board = await store.newBoard()
    await using say = await saying(board)
    const bob = await board.as('bob')
    const named = { project: 'shop', component: 'server' }
    accepted(await bob.components.set({ ...named, id: 'one', state: 'built' }))
    const said = { verb: 'component', ...named, state: 'built' } as const
    for (const id of ['one', 'one']) expect(await say.ago(10, { ...said, id }, id), 'bob’s').toBe('id_taken')
    expect(await say.ago(10, { ...said, id: 'own', version: '1' }, 'own')).toBe(true)
    expect(await say.ago(10, { ...said, id: 'own', version: '1' }, 'own'), 'the same again').toBe(false)
    for (const other of [{ state: 'deployed' }, { component: 'web' }, { notes: 'n' }, { version: '2' }])
      expect(await say.ago(10, { ...said, id: 'own', version: '1', ...other }, 'own')).toBe('id_taken')
    expect(accepted(await bob.components.history(named)).rows.map(({ id }) => id)).toEqual(['one', 'own'])
  })
})
