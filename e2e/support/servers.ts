import { migrate } from '@presence/core'
import { describe } from 'vitest'
import { dolt, newDatabaseName, startDolt } from './dolt.ts'
import { mariadb, startMariadb } from './mariadb.ts'
import type { SqlServer } from './sql-server.ts'

/** One of the database engines for a board. */
export interface EngineUnderTest {
  readonly name: 'Dolt' | 'MariaDB'
  /** The port of the server that all tests share. */
  readonly port: number
  /** The connections beyond its maximum that root may still open. */
  readonly reserved: number
  /** A server for one test, for faults that would affect other tests on a shared server. */
  start(settings?: Settings): Promise<SqlServer>
}

/** Settings of a server, independent of the engine. */
interface Settings {
  readonly connectionsMax?: number
  /** Accepts TLS connections with this certificate. With `required`, accepts no other connections. */
  readonly tls?: { readonly cert: string; readonly key: string; readonly required?: boolean }
}

/** Runs a suite on every engine. */
export function describeEachEngine(title: string, suite: (engine: EngineUnderTest) => void): void {
  describe.skipIf(!dolt)(`${title} on Dolt`, () =>
    suite({ name: 'Dolt', port: dolt?.port ?? 0, reserved: 0, start: startAsDolt }),
  )
  describe.skipIf(!mariadb)(`${title} on MariaDB`, () =>
    suite({ name: 'MariaDB', port: mariadb?.port ?? 0, reserved: 1, start: startAsMariadb }),
  )
}

/** A migrated board in a database of its own. */
export async function newBoardOn(port: number): Promise<{ dsn: string; database: string }> {
  const database = newDatabaseName()
  const dsn = `mysql://root@127.0.0.1:${port}/${database}`
  await migrate({ dsn, env: {}, cwd: '/', createDatabase: true })
  return { dsn, database }
}

function startAsDolt({ connectionsMax, tls }: Settings = {}): Promise<SqlServer> {
  const listener = {
    ...(connectionsMax === undefined ? {} : { max_connections: connectionsMax }),
    ...(tls ? { tls_cert: tls.cert, tls_key: tls.key, require_secure_transport: tls.required ?? false } : {}),
  }
  return startDolt({ listener })
}

function startAsMariadb({ connectionsMax, tls }: Settings = {}): Promise<SqlServer> {
  return startMariadb(
    ...(connectionsMax === undefined ? [] : [`--max-connections=${connectionsMax}`]),
    ...(tls ? [`--ssl-cert=${tls.cert}`, `--ssl-key=${tls.key}`] : []),
    ...(tls?.required ? ['--require-secure-transport=ON'] : []),
  )
}
