import { randomBytes } from 'node:crypto'
import { migrate } from '@presence/core'
import { inject } from 'vitest'
import { DoltServer } from './dolt-server.ts'

/** The Dolt that the tests run on; undefined where it can't be built. */
export const dolt = inject('dolt')

export function newDatabaseName(): string {
  return `board_${randomBytes(6).toString('hex')}`
}

/** A server of the test's own, for faults that a shared one would pass on to other tests. */
export async function startDolt(settings?: Readonly<Record<string, unknown>>): Promise<DoltServer> {
  if (!dolt) throw new Error('no Dolt here: this test should have been skipped')
  return DoltServer.start(dolt.binary, settings)
}

/** A migrated board in a database of its own, on the server that all tests share unless told. */
export async function newBoardOnDolt(port = dolt?.port ?? 0): Promise<{ dsn: string; database: string }> {
  const database = newDatabaseName()
  const dsn = `mysql://root@127.0.0.1:${port}/${database}`
  await migrate({ dsn, env: {}, cwd: '/', createDatabase: true })
  return { dsn, database }
}
