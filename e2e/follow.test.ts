import { fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { type Board, migrate, openBoard } from '@presence/core'
import mysql from 'mysql2/promise'
import { describe, expect, it, onTestFinished } from 'vitest'
import { presenceOn } from './support/cli.ts'
import { dolt } from './support/dolt.ts'
import { Ear } from './support/ear.ts'
import { mariadb } from './support/mariadb.ts'
import { PresenceServer } from './support/presence-server.ts'
import { Running } from './support/running.ts'
import { scratchFolder } from './support/scratch.ts'
import { newBoardOn } from './support/servers.ts'
import { until } from './support/until.ts'

interface Place {
  readonly dsn: string
  /** Writes a claim in an open transaction, and returns a function that commits it. */
  hold(session: string, label: string): Promise<() => Promise<void>>
}

const ROW = (now: string, later: string) => [
  `INSERT INTO presence_claims (session_id, resource_label, purpose, claimed_at, expires_at, host, user, agent_name)
   VALUES ('SESSION', 'LABEL', 'late', ${now}, ${later}, 'h', 'u', 'cli')`,
  `INSERT INTO presence_events (resource_label, at, session_id, event, host, user, agent_name, purpose)
   SELECT resource_label, claimed_at, session_id, 'claim', host, user, agent_name, purpose FROM presence_claims
   WHERE session_id = 'SESSION'`,
]
const rowOf = (sql: readonly string[], session: string, label: string) =>
  sql.map(each => each.replaceAll('SESSION', session).replaceAll('LABEL', label))

async function onSqlite(): Promise<Place> {
  const file = join(scratchFolder(), 'board.db')
  await migrate({ dsn: `sqlite:${file}`, env: {} })
  const now = "CAST(unixepoch('subsec') * 1000 AS INTEGER)"
  return {
    dsn: `sqlite:${file}`,
    hold: async (session, label) => {
      const db = new DatabaseSync(file, { timeout: 5_000 })
      db.exec('BEGIN IMMEDIATE')
      for (const sql of rowOf(ROW(now, `${now} + 900000`), session, label)) db.exec(sql)
      return async () => {
        db.exec('COMMIT')
        db.close()
      }
    },
  }
}

async function onServer(port: number): Promise<Place> {
  const { dsn } = await newBoardOn(port)
  const now = 'UTC_TIMESTAMP(3)'
  return {
    dsn,
    hold: async (session, label) => {
      const connection = await mysql.createConnection({ uri: dsn })
      await connection.query('BEGIN')
      const rows = ROW(now, `DATE_ADD(${now}, INTERVAL 900 SECOND)`)
      for (const sql of rowOf(rows, session, label)) await connection.query(sql)
      return async () => {
        await connection.query('COMMIT')
        connection.destroy()
      }
    },
  }
}

async function watchOn(dsn: string): Promise<Running> {
  const watch = new Running(['watch', '--json'], { PRESENCE_DSN: dsn, PRESENCE_SESSION_ID: 'watcher' })
  onTestFinished(() => watch[Symbol.asyncDispose]())
  await watch.line(/"known"/)
  return watch
}

const changesOf = (watch: Running) =>
  watch.lines
    .map(line => JSON.parse(line))
    .filter(({ event }) => !['known', 'unknown', 'present', 'lapsed'].includes(event))
    .map(({ event, session_id, resource_label }) => `${event} ${session_id} ${resource_label}`)

/** The events of a server, as a watch names them. */
const AS_CHANGE: Readonly<Record<string, string>> = {
  claim: 'claimed',
  'co-claim': 'claimed',
  release: 'released',
}

async function logOf(dsn: string): Promise<readonly string[]> {
  await using board = await openBoard({ dsn, session: 'reader', outbox: false })
  const said = await board.log({ limit: 10_000 })
  if (!said.ok) throw new Error(said.refusal.message)
  return said.events.map(({ event, session, label }) => `${AS_CHANGE[event] ?? event} ${session.id} ${label}`)
}

async function boardAs(dsn: string, session: string): Promise<Board> {
  const board = await openBoard({ dsn, session, outbox: false, deadlineMs: 20_000 })
  onTestFinished(() => board.close())
  return board
}

/** Claims and releases one label after the other: at least `least`, and on while `goesOn`. */
async function shortClaims(board: Board, least: number, goesOn: () => boolean): Promise<readonly string[]> {
  const done: string[] = []
  const label = (n: number) => `node:${n}`
  for (let n = 0; n < least || goesOn(); n++) {
    await board.claim(label(n), { purpose: 'short' })
    await board.release(label(n))
    // Lets the test go on too: a board in a file answers without yielding to other tasks. Claims beyond the
    // least are rare, because an event's id lists no more than 700 facts.
    await new Promise(resolve => setTimeout(resolve, n < least ? 20 : 500))
    done.push(`claimed ${board.session.id} ${label(n)}`, `released ${board.session.id} ${label(n)}`)
  }
  return done
}

const PLACES = [
  ['SQLite', true, onSqlite],
  ['Dolt', dolt !== undefined, () => onServer(dolt?.port ?? 0)],
  ['MariaDB', mariadb !== undefined, () => onServer(mariadb?.port ?? 0)],
] as const

/** The moves that the client between two servers makes at least: a server is killed before 3 and back before 4. */
const MOVES = 8

/** Per session. Dolt on a busy machine takes a second for one claim. */
const CLAIMS = { SQLite: 50, Dolt: 12, MariaDB: 50 } as const

describe.each(PLACES)('a follower of the history, on %s', (name, isThere, newPlace) => {
  it.skipIf(!isThere)(
    'reports each of six short runs once, in watch, over HTTP and in /events as in log',
    async () => {
      const { dsn } = await newPlace()
      await using server = await PresenceServer.start(dsn)
      await using ear = new Ear().listen(server.url)
      const watches = [await watchOn(dsn), await watchOn(server.url)]
      await ear.event('known')
      const run = presenceOn(dsn, 'ana')
      for (let n = 0; n < 6; n++)
        expect(await run('run', '--claim', `node:${n}`, '--purpose', 'p', '--', 'true')).toMatchObject({
          status: 0,
        })

      const all = Array.from({ length: 6 }, (_, n) => [
        `claimed ana node:${n}`,
        `released ana node:${n}`,
      ]).flat()
      const log = await logOf(dsn)
      // A command drops events that a slow server hasn't accepted 600 ms after the answer.
      expect(log).toEqual(name === 'SQLite' ? all : all.filter(each => log.includes(each)))
      expect(log.length).toBeGreaterThan(6)
      for (const told of [
        () => changesOf(watches[0] as Running),
        () => changesOf(watches[1] as Running),
        () => ear.changes,
      ]) {
        await until('all of them', () => log.every(each => told().includes(each)))
        expect(told(), 'each once, in order').toEqual(all.filter(each => told().includes(each)))
      }
    },
  )

  it.skipIf(!isThere)('reports once what was committed 3 s late', async () => {
    const { dsn, hold } = await newPlace()
    await using server = await PresenceServer.start(dsn)
    await using ear = new Ear().listen(server.url)
    const watch = await watchOn(dsn)
    await ear.event('known')
    const commit = await hold('late', 'node:late')
    await new Promise(resolve => setTimeout(resolve, 3_000))
    await commit()
    const ana = await boardAs(dsn, 'ana')
    await ana.claim('node:after', { purpose: 'p' })
    for (const told of [() => changesOf(watch), () => ear.changes]) {
      await until('both', () => told().length >= 2)
      expect(told().toSorted()).toEqual(['claimed ana node:after', 'claimed late node:late'])
    }
    await ana.release('node:after')
    await until('the release', () => changesOf(watch).length >= 3)
    expect(changesOf(watch).at(-1)).toBe('released ana node:after')
  })

  it.skipIf(!isThere)(
    'reports each change once to a client that moves between two servers, one of which is restarted',
    async () => {
      const { dsn } = await newPlace()
      await using first = await PresenceServer.start(dsn)
      await using second = await PresenceServer.start(dsn)
      await using ear = new Ear().listen(first.url)
      await ear.event('known')
      await ear.leave()

      let move = 0
      let isOver = false
      const boards = await Promise.all(['ana', 'bob', 'eve', 'dan'].map(session => boardAs(dsn, session)))
      const claiming = Promise.all(
        boards.map(board => shortClaims(board, CLAIMS[name], () => move < MOVES)),
      ).finally(() => {
        isOver = true
      })
      for (; !isOver; move++) {
        if (move === 3) await second.kill()
        if (move === 4) await second.run()
        // Leaves in the middle of events that a server sends at once, or while nothing arrives.
        ear.listen(move % 2 ? first.url : second.url, 1 + ((move * 7) % 23))
        await Promise.race([ear.ended, new Promise(resolve => setTimeout(resolve, 900))])
        await ear.leave()
      }
      const expected = (await claiming).flat()
      ear.listen(second.url)
      await until('all of them', () => ear.changes.length >= expected.length, 60_000)
      await ear.leave()
      ear.listen(first.url)
      await boards[0]?.claim('node:last', { purpose: 'p' })
      await until('the last one', () => ear.changes.includes('claimed ana node:last'))

      expect(ear.heard.map(({ event }) => event)).not.toContain('reset')
      expect(ear.changes.toSorted()).toEqual([...expected, 'claimed ana node:last'].toSorted())
      expect(await logOf(dsn)).toHaveLength(expected.length + 1)
    },
  )

  it.skipIf(!isThere)('reports the same as log for thousands of claims by several processes', async () => {
    const { dsn } = await newPlace()
    const watch = await watchOn(dsn)
    const processes = Array.from({ length: 4 }, (_, at) =>
      fork(
        join(import.meta.dirname, 'fixtures/short-claims.ts'),
        [dsn, `session-${at}`, String(CLAIMS[name] * 6), '5'],
        {
          execArgv: ['--disable-warning=ExperimentalWarning'],
          stdio: 'inherit',
        },
      ),
    )
    const statuses = await Promise.all(processes.map(async each => (await once(each, 'exit'))[0]))
    expect(statuses).toEqual([0, 0, 0, 0])
    const log = (await logOf(dsn)).toSorted()
    expect(log.length).toBeGreaterThan(CLAIMS[name] * 45)
    await until('all of them', () => changesOf(watch).length >= log.length, 60_000)
    // One more poll: nothing is reported twice.
    await presenceOn(dsn, 'ana')('claim', 'node:last', '--purpose', 'p')
    await watch.line(/node:last/)
    expect(changesOf(watch).toSorted()).toEqual([...log, 'claimed ana node:last'].toSorted())
  })
})
