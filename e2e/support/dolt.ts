import { randomBytes } from 'node:crypto'
import { migrate } from '@presence/core'
import { inject } from 'vitest'
import { DoltServer } from './dolt-server.ts'

/** The Dolt that the tests run on. Undefined if it can't be built. */
export const dolt = inject('dolt')

export function newDatabaseName(): string {
  return `board_${randomBytes(6).toString('hex')}`
}

/** A server for one test, for faults that would affect other tests on a shared server. */
export async function startDolt(settings?: Readonly<Record<string, unknown>>): Promise<DoltServer> {
  if (!dolt) throw new Error('no Dolt here: this test should have been skipped')
  return DoltServer.start(dolt.binary, settings)
}

/** A migrated board in a database of its own, by default on the server that all tests share. */
export async function newBoardOnDolt(port = dolt?.port ?? 0): Promise<{ dsn: string; database: string }> {
  const database = newDatabaseName()
  const dsn = `mysql://root@127.0.0.1:${port}/${database}`
  await migrate({ dsn, env: {}, cwd: '/', createDatabase: true })
  return { dsn, database }
}
