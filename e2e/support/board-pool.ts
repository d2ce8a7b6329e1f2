import { migrate } from '@presence/core'
import mysql from 'mysql2/promise'
import { until } from './until.ts'

/** How long a connection may still appear on the server after its owner closed it, in milliseconds. */
const CLOSES_WITHIN_MS = 2_000
/** Vitest's number of this worker: workers that run at the same time never share one. */
const WORKER = process.env['VITEST_POOL_ID'] ?? `p${process.pid}`

/**
 * The database that all others are compared with and restored from. Migrated once per server, never used as a
 * board.
 */
const TEMPLATE = 'board_template'

/** A migrated board without rows, for one test. */
export interface PooledBoard {
  readonly dsn: string
  readonly database: string
  /** A connection of another tool to the database. */
  readonly outside: mysql.Connection
  /** Returns the database to the pool, for the next test. */
  release(): Promise<void>
}

/**
 * Migrated databases of one server. A migration takes much longer than a wipe, so each worker migrates as
 * many databases as its tests use at a time, and empties them between tests and files. Tests that start from
 * an older schema, need an account or a history of their own, or kill the server use a database of their own
 * instead (`newBoardOn`).
 */
export class BoardPool {
  readonly #port: number
  readonly #free: string[] = []
  #named = 0
  #template: Promise<string> | undefined

  constructor(port: number) {
    this.#port = port
  }

  async take(): Promise<PooledBoard> {
    this.#template ??= this.#migrateTemplate()
    const expected = await this.#template
    for (;;) {
      const database = this.#free.pop() ?? `board_worker${WORKER}_${this.#named++}`
      const outside = await this.#open(database)
      if (await isUnused(outside, database)) {
        await wipe(outside, database)
        if ((await schemaOf(outside, database)) !== expected) await this.#replace(outside, database)
        return {
          dsn: this.#dsn(database),
          database,
          outside,
          release: async () => this.#release(database, outside),
        }
      }
      // Another client may still write to it: leave it alone for the rest of this file.
      outside.destroy()
    }
  }

  #release(database: string, outside: mysql.Connection): void {
    outside.destroy()
    this.#free.push(database)
  }

  async #migrateTemplate(): Promise<string> {
    await this.#migrate(TEMPLATE)
    const connection = await this.#open(TEMPLATE)
    const schema = await schemaOf(connection, TEMPLATE)
    connection.destroy()
    return schema
  }

  /** For a database that a test left with a missing table or another schema. */
  async #replace(outside: mysql.Connection, database: string): Promise<void> {
    await outside.query(`DROP DATABASE \`${database}\``)
    await this.#migrate(database)
    await outside.query(`USE \`${database}\``)
  }

  async #open(database: string): Promise<mysql.Connection> {
    const connection = await mysql.createConnection({
      host: '127.0.0.1',
      port: this.#port,
      user: 'root',
      timezone: 'Z',
      multipleStatements: true,
    })
    await connection.query('SET autocommit = 1')
    await connection.query(`USE \`${database}\``).catch(async () => {
      await this.#migrate(database)
      await connection.query(`USE \`${database}\``)
    })
    return connection
  }

  #dsn(database: string): string {
    return `mysql://root@127.0.0.1:${this.#port}/${database}`
  }

  async #migrate(database: string): Promise<void> {
    await migrate({ dsn: this.#dsn(database), env: {}, cwd: '/', createDatabase: true })
  }
}

/**
 * Whether no other connection uses the database. A client that is gone may still have a statement running on
 * the server.
 */
async function isUnused(outside: mysql.Connection, database: string): Promise<boolean> {
  const noOther = async () => {
    const connections = await rowsOf(outside, 'SHOW PROCESSLIST')
    return !connections.some(({ Id, db }) => Id !== outside.threadId && String(db).split('/')[0] === database)
  }
  return until('nobody else on the database', noOther, CLOSES_WITHIN_MS).catch(() => false)
}

/**
 * Restores every table to its state after a migration: empty, except for the few tables that a migration
 * writes to itself. The list of tables is read from the database, so that tables that are added later are
 * wiped too.
 */
async function wipe(outside: mysql.Connection, database: string): Promise<void> {
  const written = await writtenByMigration(outside)
  const statements = (await tablesOf(outside, database)).flatMap(table => [
    `DELETE FROM \`${table}\``,
    ...(written.has(table) ? [`INSERT INTO \`${table}\` SELECT * FROM \`${TEMPLATE}\`.\`${table}\``] : []),
  ])
  if (statements.length > 0) await outside.query(statements.join('; '))
}

/** The tables that have rows after a board is migrated. */
async function writtenByMigration(outside: mysql.Connection): Promise<ReadonlySet<string>> {
  const tables = await tablesOf(outside, TEMPLATE)
  const filled = tables.map(table => `EXISTS (SELECT 1 FROM \`${TEMPLATE}\`.\`${table}\`) AS \`${table}\``)
  const [answer] = await rowsOf(outside, `SELECT ${filled.join(', ')}`)
  return new Set(tables.filter(table => Number(answer?.[table]) === 1))
}

/** The definitions of all tables of a database. */
export async function schemaOf(outside: mysql.Connection, database: string): Promise<string> {
  const tables = await tablesOf(outside, database)
  const made = await Promise.all(
    tables.map(table => rowsOf(outside, `SHOW CREATE TABLE \`${database}\`.\`${table}\``)),
  )
  return JSON.stringify([made, await rowsOf(outside, `SHOW TRIGGERS FROM \`${database}\``)])
}

export async function tablesOf(outside: mysql.Connection, database: string): Promise<readonly string[]> {
  const rows = await rowsOf(outside, `SHOW TABLES FROM \`${database}\``)
  return rows.map(row => String(Object.values(row)[0]))
}

async function rowsOf(outside: mysql.Connection, statement: string): Promise<mysql.RowDataPacket[]> {
  const [rows] = await outside.query<mysql.RowDataPacket[]>(statement)
  return rows
}
