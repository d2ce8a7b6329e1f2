import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { type AddressInfo, connect, createServer } from 'node:net'
import type { RowDataPacket } from 'mysql2'
import mysql from 'mysql2/promise'
import { describe, expect, inject, it, onTestFinished } from 'vitest'
import { until } from '../../../e2e/support/until.ts'
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
  return { database, outside, connections }
}

/** A database whose connections are counted. */
async function newDatabaseBehindProxy() {
  const { database } = await newDatabase()
  const counts = { opened: 0, open: 0, isSilent: false }
  const proxy = createServer(client => {
    counts.opened++
    counts.open++
    client.on('close', () => counts.open--).on('error', () => {})
    if (counts.isSilent) {
      client.resume()
      return
    }
    const server = connect(dolt?.port ?? 0, '127.0.0.1').on('error', () => {})
    client.pipe(server).pipe(client)
    client.on('close', () => server.destroy())
  })
  proxy.listen(0, '127.0.0.1')
  await once(proxy, 'listening')
  const { port } = proxy.address() as AddressInfo
  const dsn = parseDsn(`mysql://root@127.0.0.1:${port}/${database}`)
  if (dsn.scheme !== 'mysql') throw new Error('not a server')
  const connections = new Connections(dsn)
  onTestFinished(async () => {
    await connections.close()
    proxy.close()
  })
  return { proxy: counts, connections }
}

describe.skipIf(!dolt)('connections', () => {
  it('a failed write leaves nothing outdated for the next read', async () => {
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

  it('a connection whose answer came too late is not used again', async () => {
    const { connections } = await newDatabase()
    // Long enough to reach the server, which then is too slow, and far below the time of the query.
    const slow = () => connections.use(Deadline.after(2_000), query => query('SELECT SLEEP(30)'))
    await Promise.all(
      Array.from({ length: 6 }, () => expect(slow()).rejects.toMatchObject({ code: 'too_slow' })),
    )

    const rows = await connections.use(Deadline.after(15_000), query =>
      query<RowDataPacket[]>('SELECT 1 AS one'),
    )

    expect(rows[0]?.['one']).toBe(1)
  })

  it('a call that is answered well before its deadline opens no second connection', async () => {
    const { proxy, connections } = await newDatabaseBehindProxy()
    for (const seconds of [0, 0.3])
      await connections.use(Deadline.after(20_000), query => query(`SELECT SLEEP(${seconds})`))
    expect(proxy.opened).toBe(1)
  })

  it('a call that is answered just before its deadline leaves no second connection open, even if that one gets no greeting', async () => {
    const { proxy, connections } = await newDatabaseBehindProxy()
    await connections.use(Deadline.after(20_000), query => query('SELECT 1'))
    proxy.isSilent = true
    const deadline = Deadline.after(20_000)
    const answered = connections.use(deadline, async query => {
      await query('SELECT 1')
      // This happens from 500 ms before the deadline on.
      await until('the second connection', async () => proxy.opened === 2)
    })
    await answered
    await until('the second connection to close', async () => proxy.open === 1)
    expect(deadline.passed).toBe(false)
  })
})
