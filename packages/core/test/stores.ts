import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { type Board, migrate, type OpenOptions, openBoard } from '@presence/core'
import type mysql from 'mysql2/promise'
import { describe, inject } from 'vitest'
import { BoardPool } from '../../../e2e/support/board-pool.ts'
import { until } from '../../../e2e/support/until.ts'
import { serve } from '../../server/src/index.ts'
import { openStore } from '../src/board/open-board.ts'
import { resolveBoard } from '../src/config/board.ts'
import { Deadline } from '../src/deadline.ts'
import type { Store } from '../src/store/port/store.ts'

/** One board for one test, on one store. */
export interface TestBoard extends AsyncDisposable {
  readonly dsn: string
  /**
   * The DSN of the database itself, to look behind the scenes. It differs from `dsn` if the board is reached
   * over HTTP.
   */
  readonly database: string
  /** Opens the board as a session. Closed with the test board. */
  as(session: string, options?: OpenOptions): Promise<Board>
  /** Moves all times on the board into the past, as if that much time had passed. */
  age(seconds: number): Promise<void>
  /** Deletes what is no longer kept, one batch of each. */
  prune(): Promise<void>
  /** The number of rows in a table. */
  count(table: string): Promise<number>
  /** Drops a table, as another tool in that database might. */
  drop(table: string): Promise<void>
  /** Makes all claims look as if a client of the 8-column table wrote them: without keys of their writes. */
  forgetKeys(): Promise<void>
  /** Runs a statement without the library, as another tool might. */
  run(sql: string): Promise<void>
  /** The rows as stored, read without the library. */
  rows(): Promise<readonly Record<string, unknown>[]>
  /** Replaces the server that the board is reached through, if there is one. */
  restart(): Promise<void>
}

export interface StoreUnderTest {
  readonly name: string
  /** Whether the board is reached through a presence server. */
  readonly isServed?: true
  newBoard(): Promise<TestBoard>
}

/** The columns that hold a time. In `presence_ended` not `claimed_at`, which is part of the key. */
const TIMES: Readonly<Record<string, readonly string[]>> = {
  presence_claims: ['claimed_at', 'expires_at', 'lapsed_at', 'hold_until'],
  presence_sessions: ['started_at', 'last_heartbeat', 'ended_at'],
  presence_session_tokens: ['bound_at', 'used_at'],
  presence_locks: ['claimed_at', 'expires_at', 'active_at'],
  presence_ended: ['expires_at', 'ended_at'],
  presence_events: ['at'],
  presence_replays: ['replayed_at'],
  presence_commands: ['started_at', 'runs_until', 'ended_at'],
  presence_messages: ['sent_at'],
  presence_message_reads: ['read_at'],
  presence_components: ['updated_at'],
  presence_component_history: ['updated_at'],
  presence_workflows: ['created_at', 'updated_at'],
  presence_work_items: ['created_at', 'updated_at'],
}

/** A verb's promises don't depend on its deadline, which a busy machine may miss. */
export const PATIENT_MS = 20_000
const FORGET_KEYS = 'UPDATE presence_claims SET write_keys = NULL'

const env = { HOME: '/nonexistent', XDG_CONFIG_HOME: '/nonexistent' }

/** Runs a suite once for every store, and over HTTP. */
export function describeEachStore(title: string, suite: (store: StoreUnderTest) => void): void {
  describeEachDatabase(title, suite)
  const dolt = inject('dolt')
  describe(`${title} over HTTP, on SQLite`, () =>
    suite({ name: 'http-sqlite', isServed: true, newBoard: async () => served(await newSqliteBoard()) }))
  describe.skipIf(!dolt)(`${title} over HTTP, on Dolt`, () =>
    suite({
      name: 'http-dolt',
      isServed: true,
      newBoard: async () => served(await newServerBoard(dolt?.port ?? 0)),
    }),
  )
}

/** Runs a suite once for every store without HTTP: for what a server itself requests of a store. */
export function describeEachDatabase(title: string, suite: (store: StoreUnderTest) => void): void {
  describe(`${title} on SQLite`, () => suite({ name: 'sqlite', newBoard: newSqliteBoard }))
  const dolt = inject('dolt')
  describe.skipIf(!dolt)(`${title} on Dolt`, () =>
    suite({ name: 'dolt', newBoard: () => newServerBoard(dolt?.port ?? 0) }),
  )
  const mariadb = inject('mariadb')
  describe.skipIf(!mariadb)(`${title} on MariaDB`, () =>
    suite({ name: 'mariadb', newBoard: () => newServerBoard(mariadb?.port ?? 0) }),
  )
  const odd = inject('oddMariadb')
  describe.skipIf(!odd)(`${title} on a MariaDB set up oddly`, () =>
    suite({ name: 'mariadb-odd', newBoard: () => newServerBoard(odd?.port ?? 0) }),
  )
}

/** The store of a board, to look behind the scenes. */
export function storeOf({ database }: TestBoard): Promise<Store> {
  return storeAt(database)
}

async function storeAt(database: string): Promise<Store> {
  const { dsn } = await resolveBoard(database, {}, '/')
  if (dsn.scheme === 'http') throw new Error('a server is no store')
  return openStore(dsn)
}

async function newSqliteBoard(): Promise<TestBoard> {
  const folder = mkdtempSync(join(tmpdir(), 'presence-board-'))
  const file = join(folder, 'board.db')
  await migrate({ dsn: `sqlite:${file}`, env })
  const outside = new DatabaseSync(file, { timeout: 5_000 })
  return testBoard(`sqlite:${file}`, {
    age: async seconds => {
      for (const [table, columns] of Object.entries(TIMES))
        outside.exec(
          `UPDATE ${table} SET ${columns.map(each => `${each} = ${each} - ${seconds} * 1000`).join(', ')}`,
        )
    },
    count: async table => Number(outside.prepare(`SELECT COUNT(*) AS rows FROM ${table}`).get()?.['rows']),
    drop: async table => outside.exec(`DROP TABLE ${table}`),
    forgetKeys: async () => outside.exec(FORGET_KEYS),
    run: async sql => outside.exec(sql),
    rows: async () => outside.prepare('SELECT * FROM presence_claims').all(),
    close: async () => {
      outside.close()
      rmSync(folder, { recursive: true })
    },
  })
}

const pools = new Map<number, BoardPool>()

/** A board on a server with MySQL's protocol, in a migrated database that was wiped. */
async function newServerBoard(port: number): Promise<TestBoard> {
  const pool = pools.get(port) ?? new BoardPool(port)
  pools.set(port, pool)
  const { dsn, outside, release } = await pool.take()
  const back = (column: string, seconds: number) =>
    `${column} = DATE_SUB(${column}, INTERVAL ${seconds} SECOND)`
  return testBoard(dsn, {
    age: seconds => {
      // A claim may still be pruning. Of two writers the server makes one try again.
      return until('nobody else to write', async () => {
        for (const [table, columns] of Object.entries(TIMES))
          await outside.query(`UPDATE ${table} SET ${columns.map(each => back(each, seconds)).join(', ')}`)
        return true
      }).then(() => undefined)
    },
    count: async table => {
      const [rows] = await outside.query<mysql.RowDataPacket[]>(`SELECT COUNT(*) AS found FROM ${table}`)
      return Number(rows[0]?.['found'])
    },
    drop: async table => void (await outside.query(`DROP TABLE ${table}`)),
    forgetKeys: async () => void (await outside.query(FORGET_KEYS)),
    run: async sql => void (await outside.query(sql)),
    rows: async () => (await outside.query<mysql.RowDataPacket[]>('SELECT * FROM presence_claims'))[0],
    close: release,
  })
}

/** The same board behind a server of its own. */
async function served(inner: TestBoard): Promise<TestBoard> {
  const { database, age, count, drop, forgetKeys, run, rows } = inner
  const start = (port = 0) => serve({ dsn: database, env, host: '127.0.0.1', port, version: 'test' })
  let server = await start()
  return testBoard(server.url, {
    database,
    age,
    count,
    drop,
    forgetKeys,
    run,
    rows,
    restart: async () => {
      await server.close()
      server = await start(Number(new URL(server.url).port))
    },
    close: async () => {
      await server.close()
      await inner[Symbol.asyncDispose]()
    },
  })
}

function testBoard(
  dsn: string,
  {
    database = dsn,
    age,
    count,
    drop,
    forgetKeys,
    run,
    rows,
    restart = async () => {},
    close,
  }: Pick<TestBoard, 'age' | 'count' | 'drop' | 'forgetKeys' | 'run' | 'rows'> &
    Partial<Pick<TestBoard, 'database' | 'restart'>> & { close: () => Promise<void> },
): TestBoard {
  const boards: Board[] = []
  return {
    dsn,
    database,
    age,
    count,
    prune: async () => {
      const store = await storeAt(database)
      await store.prune(100, Deadline.after(PATIENT_MS))
      await store.close()
    },
    drop,
    forgetKeys,
    run,
    rows,
    restart,
    as: async (session, options = {}) => {
      const board = await openBoard({ dsn, session, env, deadlineMs: PATIENT_MS, ...options })
      boards.push(board)
      return board
    },
    [Symbol.asyncDispose]: async () => {
      for (const board of boards) await board.close()
      await close()
    },
  }
}
