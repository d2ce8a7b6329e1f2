import { migrate } from '@presence/core'
import mysql from 'mysql2/promise'
import { expect, it } from 'vitest'
import { BoardPool, schemaOf, tablesOf } from '../../../e2e/support/board-pool.ts'
import { newDatabaseName } from '../../../e2e/support/dolt.ts'
import { describeEachEngine } from '../../../e2e/support/servers.ts'

/**
 * The rows of a database's tables, by table name. The time at which a migration ran is left out, because it
 * differs.
 */
async function rowsOf(connection: mysql.Connection, database: string) {
  const rows: Record<string, readonly object[]> = {}
  for (const table of await tablesOf(connection, database)) {
    const [found] = await connection.query<mysql.RowDataPacket[]>(
      `SELECT * FROM \`${database}\`.\`${table}\``,
    )
    rows[table] = found.map(({ applied_at, ...row }) => row)
  }
  return rows
}

/** Some value that the column accepts. */
function valueFor(type: string): string | number {
  if (/^(date|time)/.test(type)) return '2030-01-01 00:00:00'
  if (/int|decimal|double|float/.test(type)) return 1
  return 'x'
}

/** Writes a row into every table of the database. */
async function fillAll(connection: mysql.Connection, database: string): Promise<void> {
  for (const table of await tablesOf(connection, database)) {
    const [columns] = await connection.query<mysql.RowDataPacket[]>(`DESCRIBE \`${database}\`.\`${table}\``)
    const row = Object.fromEntries(columns.map(({ Field, Type }) => [Field, valueFor(String(Type))]))
    await connection.query(`REPLACE INTO \`${database}\`.\`${table}\` SET ?`, [row])
  }
}

describeEachEngine('a database of the pool', engine => {
  it('equals a newly migrated database after a wipe, table by table', async () => {
    const pool = new BoardPool(engine.port)
    const used = await pool.take()
    await fillAll(used.outside, used.database)
    for (const rows of Object.values(await rowsOf(used.outside, used.database))) expect(rows).not.toEqual([])
    await used.release()
    const wiped = await pool.take()
    expect(wiped.database, 'the same database').toBe(used.database)

    const newDatabase = newDatabaseName()
    const dsn = `mysql://root@127.0.0.1:${engine.port}/${newDatabase}`
    await migrate({ dsn, env: {}, cwd: '/', createDatabase: true })

    expect(await rowsOf(wiped.outside, wiped.database)).toEqual(await rowsOf(wiped.outside, newDatabase))
    expect(await schemaOf(wiped.outside, wiped.database)).toBe(await schemaOf(wiped.outside, newDatabase))
    await wiped.release()
  })

  it.each([
    ['lost a table', 'DROP TABLE presence_claims'],
    ['got a table', 'CREATE TABLE notes (id INT PRIMARY KEY)'],
    ['got a column', 'ALTER TABLE presence_claims ADD colour INT'],
    ['lost an index', 'ALTER TABLE presence_claims DROP INDEX idx_expires'],
  ])('is migrated again if a test changed its schema: it %s', async (_, statement) => {
    const pool = new BoardPool(engine.port)
    const spoilt = await pool.take()
    const expected = await schemaOf(spoilt.outside, spoilt.database)
    await spoilt.outside.query(statement)
    await spoilt.release()

    const next = await pool.take()
    expect(next.database).toBe(spoilt.database)
    expect(await schemaOf(next.outside, next.database)).toBe(expected)
    await next.release()
  })

  it('is not handed out while a connection of the previous test is open', async () => {
    const pool = new BoardPool(engine.port)
    const before = await pool.take()
    const leftOpen = await mysql.createConnection({ uri: before.dsn })
    await before.release()

    const next = await pool.take()
    expect(next.database).not.toBe(before.database)
    leftOpen.destroy()
    await next.release()
  })

  it('is never shared: tests that run in parallel get different ones', async () => {
    const pool = new BoardPool(engine.port)
    const boards = await Promise.all([pool.take(), pool.take(), pool.take()])
    expect(new Set(boards.map(({ database }) => database)).size).toBe(3)
    for (const board of boards) await board.release()
  })
})
