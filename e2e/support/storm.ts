import { setTimeout as pause } from 'node:timers/promises'
import type { RowDataPacket } from 'mysql2/promise'
import type { SqlServer } from './sql-server.ts'

/** Kills every query of every other connection, again and again, for this many milliseconds. */
export async function killQueries(server: SqlServer, forMs: number): Promise<void> {
  const outside = await server.connect()
  outside.on('error', () => {})
  const end = performance.now() + forMs
  while (performance.now() < end) {
    const [others] = await outside.query<RowDataPacket[]>('SHOW PROCESSLIST')
    // A query that has already ended can't be killed.
    for (const { Id } of others)
      if (Id !== outside.threadId) await outside.query(`KILL QUERY ${Id}`).catch(() => {})
    await pause(10)
  }
  outside.destroy()
}
