import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { type Board, openBoard, type PresenceError } from '@presence/core'
import { describe, expect, it, onTestFinished } from 'vitest'
import { accepted } from '../packages/core/test/answers.ts'
import { presence } from './support/cli.ts'
import { dolt, startDolt } from './support/dolt.ts'
import { untilInTime } from './support/patience.ts'
import { PresenceServer } from './support/presence-server.ts'
import { newUser } from './support/queue-file.ts'
import { rounds } from './support/rounds.ts'
import { scratchFolder } from './support/scratch.ts'
import { describeEachEngine, type EngineUnderTest, newBoardOn } from './support/servers.ts'
import type { SqlServer } from './support/sql-server.ts'
import { killQueries } from './support/storm.ts'
import { until } from './support/until.ts'

/** Promised within 2 s. Each step may take a little longer. */
const BACK_MS_MAX = 5_000

async function serverOf(engine: EngineUnderTest): Promise<{ server: SqlServer; dsn: string }> {
  const server = await engine.start()
  onTestFinished(() => server.stop())
  return { server, dsn: (await newBoardOn(server.port)).dsn }
}

async function served(dsn: string): Promise<string> {
  const server = await PresenceServer.start(dsn)
  onTestFinished(() => server[Symbol.asyncDispose]())
  return server.url
}

/** A session of one user. All sessions of the user share a state folder. */
async function opened(dsn: string, session: string, state: string): Promise<Board> {
  const board = await openBoard({ dsn, session, env: { HOME: state, XDG_STATE_HOME: state } })
  onTestFinished(() => board.close())
  return board
}

describeEachEngine('G7: after a server that was frozen for 4 s', engine => {
  it.each([
    ['directly', async (dsn: string) => dsn],
    ['through presence serve', served],
  ])('each session of a user gets answers at once, and a lease stays alive, %s', async (_, through) => {
    const { server, dsn: database } = await serverOf(engine)
    const [dsn, state] = [await through(database), scratchFolder()]
    const boards = await Promise.all(['ana', 'bob', 'eve'].map(each => opened(dsn, each, state)))
    const [ana, bob, eve] = boards as [Board, Board, Board]
    const { lease } = accepted(await ana.acquire('stack:gpu', { purpose: 'p', ttl: 30 }))
    onTestFinished(() => lease.stop())

    server.freeze()
    const thaw = pause(4_000).then(() => server.thaw())
    let frozen = true
    void thaw.then(() => {
      frozen = false
    })
    // Calls continue in the meantime, as those of agents do.
    const codes = new Set<string>()
    while (frozen)
      await Promise.all(
        [bob, eve].map(async board => {
          await board.list().catch((error: PresenceError) => codes.add(error.code))
          await pause(100)
        }),
      )
    await thaw
    for (const board of [bob, eve])
      await untilInTime('an answer', () => board.list().then(({ ok }) => ok), BACK_MS_MAX)
    expect(await bob.claim('node:a', { purpose: 'p' })).toMatchObject({ ok: true })
    // Calls that the server had partly answered before it froze are reported as too slow.
    expect([...codes].filter(code => code !== 'too_slow')).toEqual(['unreachable'])
    expect(lease.signal.aborted).toBe(false)
    expect(await lease.verify()).toBe(true)
  })

  it('many processes end in time while it hangs, and get answers once it is back', async () => {
    const { server, dsn } = await serverOf(engine)
    const user = newUser(dsn)
    server.freeze()
    // Another test checks how long each takes. Here they share a machine that may be busy.
    const hanging = await Promise.all(
      Array.from({ length: 6 }, (_, at) => presence(['list'], { env: user.env(`s${at}`), within: 30_000 })),
    )
    for (const { stderr } of hanging) expect(stderr).toMatch(/unreachable/)
    server.thaw()
    await untilInTime('an answer', async () => (await user.as('ana', 'list')).stderr === '', BACK_MS_MAX)
  })
})

describeEachEngine('G4: an open circuit breaker', engine => {
  it('does not block verify and sync', async () => {
    const { dsn } = await newBoardOn(engine.port)
    const state = scratchFolder()
    const ana = await opened(dsn, 'ana', state)
    const { token } = accepted(await ana.claimExclusively('stack:gpu', { purpose: 'p' })).claim
    await ana.list()
    const open = () => {
      const file = join(state, 'presence/queue', `${encodeURIComponent(dsn.replace(/^.*@/, ''))}.breaker`)
      const now = Date.now()
      writeFileSync(file, JSON.stringify({ failures: 2, failedAt: now, openUntil: now + 1_000 }))
    }
    // Creates the folder.
    const away = await opened(dsn.replace(/:\d+\//, ':1/'), 'ana', state)
    await away.heartbeat().catch(() => {})
    open()
    await expect(ana.list()).rejects.toMatchObject({ code: 'unreachable' })
    open()
    expect(accepted(await ana.verify('stack:gpu', token)).current).toBe(true)
    open()
    expect(await ana.sync()).toMatchObject({ left: 0 })
    expect(await ana.list(), 'an answer closes it').toMatchObject({ ok: true })
  })
})

describe.skipIf(!dolt)('G7: a presence server with more calls than it accepts', () => {
  it('turns some away, and no client refuses a call that the server would answer', async () => {
    const server = await startDolt()
    onTestFinished(() => server.stop())
    const dsn = await served((await newBoardOn(server.port)).dsn)
    const state = scratchFolder()
    const boards = await Promise.all(Array.from({ length: 20 }, (_, at) => opened(dsn, `s${at}`, state)))
    const failed: PresenceError[] = []
    // A fast server answers all of the first round.
    const rush = (round: number) =>
      Promise.all(
        Array.from({ length: 1_500 * 2 ** Math.min(round, 4) }, (_, at) =>
          boards[at % boards.length]?.list().catch((error: PresenceError) => failed.push(error)),
        ),
      )
    await rounds(1, rush, () => failed.length > 0)
    // Each fault must be the server's answer to this call, or its silence for the whole time of the call.
    const own = failed.filter(({ message }) => /is asked again within a second/.test(message))
    expect(own.map(({ message }) => message)).toEqual([])
    expect(failed.length, 'some are turned away').toBeGreaterThan(0)
    await until('an answer', () => boards[0]?.list().then(({ ok }) => ok))
  })
})

describeEachEngine('G7: while queries are killed on the server', engine => {
  it('each verb succeeds or reports a temporary fault, and what was acknowledged is true', async () => {
    const { server, dsn } = await serverOf(engine)
    const ana = await openBoard({ dsn, session: 'ana', outbox: false })
    onTestFinished(() => ana.close())
    const faults: PresenceError[] = []
    const held = new Map<string, boolean | undefined>()
    const storm = killQueries(server, 4_000)
    let storming = true
    void storm.finally(() => {
      storming = false
    })
    for (let at = 0; storming; at++) {
      const label = `node:${at % 10}`
      const verbs = [
        async () => {
          held.set(label, undefined)
          if ((await ana.claim(label, { purpose: 'p' })).ok) held.set(label, true)
        },
        async () => void (await ana.heartbeat()),
        async () => void (await ana.list({ mine: true })),
        async () => {
          held.set(label, undefined)
          if (at % 3 === 0 && (await ana.release(label)).ok) held.set(label, false)
        },
        async () => {
          const taken = await ana.acquire('stack:x', { purpose: 'p', ttl: 60 })
          if (taken.ok) expect(await taken.lease.release(), 'it was still held').toBe(true)
        },
      ]
      for (const verb of verbs) await verb().catch((error: PresenceError) => faults.push(error))
    }
    await storm
    expect(faults.filter(({ code }) => !['busy', 'unreachable', 'too_slow'].includes(code))).toEqual([])
    const mine = accepted(await ana.list({ mine: true })).claims.map(({ label }) => label)
    for (const [label, isHeld] of held)
      if (isHeld !== undefined) expect(mine.includes(label), label).toBe(isHeld)
  })
})
