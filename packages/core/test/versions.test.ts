import { migrate } from '@presence/core'
import { expect, it } from 'vitest'
import { Deadline } from '../src/deadline.ts'
import { CLIENT, dump, GROUP_CALLS, migrateFurther, VERBS } from './later.ts'
import { describeEachDatabase, describeEachStore, storeOf, type TestBoard } from './stores.ts'

/** All shared claims of a session. */
const ALL_SHARED = { label: undefined, claims: true, locks: false, ended: false, session: false }

const env = { HOME: '/nonexistent', XDG_CONFIG_HOME: '/nonexistent', PRESENCE_SESSION_ID: 'ana' }
const CALLS = { ...VERBS, ...GROUP_CALLS }
const SHUT_OUT = {
  code: 'schema_newer',
  message: expect.stringMatching(
    new RegExp(
      `has schema version ${CLIENT + 1}, for clients of version ${CLIENT + 1} or newer; .* ${CLIENT}$`,
    ),
  ),
  remedy: expect.stringContaining('upgrade presence'),
}

/** A board with claims and other objects of another session, for the verbs that deal with them. */
async function boardInUse(board: TestBoard): Promise<void> {
  const eve = await board.as('eve')
  await eve.claim('node:lapsed', { purpose: 'p' })
  await board.age(1_000)
  await eve.claimExclusively('node:held', { purpose: 'p' })
}

describeEachStore('a board that a newer presence has migrated', store => {
  it('with a step that only adds works for every verb of this version, opened before or after', async () => {
    await using board = await store.newBoard()
    await boardInUse(board)
    const before = await board.as('ana')
    await before.claim('node:a', { purpose: 'p' })
    await migrateFurther(board.database, 'adds')
    for (const session of [before, await board.as('bob')]) {
      for (const [name, call] of Object.entries(CALLS)) {
        const said = await call(session)
        const { ok = true } = (said ?? {}) as { readonly ok?: boolean }
        // The second session finds the claims of the first one.
        if (session === before) expect(ok, `${name}: ${JSON.stringify(said)}`).toBe(true)
      }
    }
    await board.prune()
  })

  it('with a step that locks out older clients refuses every verb, and nothing is written', async () => {
    await using board = await store.newBoard()
    await boardInUse(board)
    const before = await board.as('ana')
    await before.claim('node:a', { purpose: 'p' })
    await before.register()
    await migrateFurther(board.database, 'raises')
    const rows = await dump(board.database)
    for (const session of [before, await board.as('bob')])
      for (const [name, call] of Object.entries(CALLS)) {
        if (name === 'sync') continue
        await expect(call(session), name).rejects.toMatchObject(SHUT_OUT)
      }
    await board.prune().catch(() => {})
    expect(await dump(board.database)).toEqual(rows)
  })

  it('is not changed by a migrate of this version, which reports why', async () => {
    await using board = await store.newBoard()
    await migrateFurther(board.database, 'adds')
    expect(await migrate({ dsn: board.database, env })).toMatchObject({
      applied: [],
      prepared: [],
      version: CLIENT + 1,
      clientVersion: CLIENT,
    })
    await board.drop('presence_waiters')
    await expect(migrate({ dsn: board.database, env })).rejects.toMatchObject({
      code: 'schema_newer',
      message: expect.stringContaining('presence_waiters is missing'),
    })
  })

  it('refuses to be migrated by a version that it locks out', async () => {
    await using board = await store.newBoard()
    const report = await migrateFurther(board.database, 'raises')
    expect(report).toMatchObject({ oldestClient: CLIENT + 1, locksOutBelow: CLIENT + 1 })
    for (const dryRun of [true, false])
      await expect(migrate({ dsn: board.database, env, dryRun })).rejects.toMatchObject({
        code: 'schema_newer',
        remedy: 'upgrade presence',
      })
  })
})

/** The statements by which a session changes the board. Some follow a verb's answer, or another write. */
describeEachDatabase('a store that a newer presence has locked out', engine => {
  it('writes nothing with any of its statements', async () => {
    await using board = await engine.newBoard()
    const ana = await board.as('ana')
    await boardInUse(board)
    await ana.register()
    await ana.claim('node:a', { purpose: 'p', writeKey: 'key-of-ana' })
    await ana.claimExclusively('node:c', { purpose: 'p' })
    const early = await storeOf(board)
    const own = { session: ana.session, label: 'node:e', purpose: 'p', ttlSeconds: 900 }
    await early.locks.make('node:e', Deadline.after(10_000))
    const taking = { writeKey: 'key-of-ana-at-e', overShared: false, waiter: undefined }
    await early.locks.take(own, taking, Deadline.after(10_000))
    await early.close()
    await board.age(1)
    await migrateFurther(board.database, 'raises')
    const rows = await dump(board.database)
    const store = await storeOf(board)
    const soon = () => Deadline.after(10_000)
    const at = new Date(Date.now() - 500)
    const event = {
      event: 'claim',
      at,
      label: 'node:a',
      session: ana.session,
      purpose: 'p',
      others: [],
    } as const
    const said = {
      id: 'o1',
      session: ana.session,
      verb: 'claim',
      label: 'node:q',
      purpose: 'p',
      ttlSeconds: 60,
    } as const
    const waiter = { id: 'w', sessionId: 'ana' }
    const writes: readonly (() => Promise<unknown>)[] = [
      () => store.history.record([{ ...event, token: undefined, note: undefined }], soon()),
      () => store.history.resolve({ ...event, label: 'node:lapsed', token: undefined, note: 'n' }, soon()),
      () => store.history.forget('ana', undefined, soon()),
      () => store.extend('ana', soon()),
      () => store.touch('ana', soon()),
      () => store.end('ana', soon()),
      () => store.forgetLapses('ana', soon()),
      () => store.undo('ana', 'node:a', 'key-of-ana', soon()),
      () => store.takeBack('ana', 'node:a', 'key-of-ana', { purpose: 'q', ttlSeconds: 9 }, soon()),
      () => store.removeLapsed('eve', 'node:lapsed', soon()),
      () => store.locks.confirm('node:e', 'ana', 'key-of-ana-at-e', soon()),
      () => store.locks.dropTentative('node:e', 'key-of-ana-at-e', soon()),
      () => store.locks.takeBack('node:e', 'ana', 'key-of-ana-at-e', soon()),
      () => store.release('ana', ALL_SHARED, soon()),
      () => store.replay(said, at, soon()),
      () => store.locks.make('node:new', soon()),
      () => store.locks.extend('ana', undefined, soon()),
      () => store.locks.free('ana', {}, soon()),
      () => store.locks.wait('node:e', waiter, soon()),
      () => store.prune(100, soon()),
    ]
    for (const write of writes) await write().catch(() => {})
    await store.close()
    expect(await dump(board.database)).toEqual(rows)
  })
  it('prunes nothing, not even what is no longer kept', async () => {
    await using board = await engine.newBoard()
    const ana = await board.as('ana')
    await boardInUse(board)
    await ana.messages.send({ body: 'hello', subject: 's', project: 'shop' })
    const early = await storeOf(board)
    const noted = { id: 'o0', session: ana.session, verb: 'heartbeat' } as const
    await early.replay(noted, new Date(), Deadline.after(10_000))
    await early.close()
    await ana.close()
    await board.age(40 * 86_400)
    expect(await board.count('presence_replays')).toBe(1)
    await migrateFurther(board.database, 'raises')
    const rows = await dump(board.database)
    await board.prune().catch(() => {})
    expect(await dump(board.database)).toEqual(rows)
  })
})
