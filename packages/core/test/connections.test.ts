import { randomBytes } from 'node:crypto'
import type { RowDataPacket } from 'mysql2'
import mysql from 'mysql2/promise'
import { describe, expect, inject, it, onTestFinished } from 'vitest'
import { parseDsn } from '../src/config/dsn.ts'
import { Deadline } from '../src/deadline.ts'
import { Connections } from '../src/store/mysql/connections.ts'

const dolt = inject('dolt')

async function newDatabase() {
  const database = `conn_${randomBytes(6).toString('hex')}`
  const outside = await mysql.createConnection({ host: '127.0.0.1', port: dolt?.port ?? 0, user: 'root' })
  await outside.query(`CREATE DATABASE ${database}`)
  await outside.query(`USE ${database}`)
  await outside.query('CREATE TABLE t (id INT PRIMARY KEY)')
  const dsn = parseDsn(`mysql://root@127.0.0.1:${dolt?.port}/${database}`)
  if (dsn.scheme !== 'mysql') throw new Error('not a server')
  const connections = new Connections(dsn)
  onTestFinished(async () => {
    await connections.close()
    outside.destroy()
  })
  return { outside, connections }
}

describe.skipIf(!dolt)('connections', () => {
  it('a write that failed leaves nothing stale for the next read', async () => {
    const { outside, connections } = await newDatabase()
    await outside.query('INSERT INTO t VALUES (1)')
    const failing = connections.use(Deadline.after(5_000), query => query('INSERT INTO t VALUES (1)'))
    await expect(failing).rejects.toMatchObject({ name: 'PresenceError' })
    await outside.query('INSERT INTO t VALUES (2)')

    const rows = await connections.use(Deadline.after(5_000), query =>
      query<RowDataPacket[]>('SELECT id FROM t'),
    )

    expect(rows.map(row => row['id'])).toEqual([1, 2])
  })

  it('a connection whose answer came too late is used no more', async () => {
    const { connections } = await newDatabase()
    const slow = () => connections.use(Deadline.after(200), query => query('SELECT SLEEP(8)'))
    await Promise.all(
      Array.from({ length: 6 }, () => expect(slow()).rejects.toMatchObject({ code: 'too_slow' })),
    )

    const rows = await connections.use(Deadline.after(3_000), query =>
      query<RowDataPacket[]>('SELECT 1 AS one'),
    )

    expect(rows[0]?.['one']).toBe(1)
  })
})
