import { inject } from 'vitest'
import { MariadbServer } from './mariadb-server.ts'

/** The MariaDB that the tests run on; undefined where none is installed. */
export const mariadb = inject('mariadb')

/** A server of the test's own, with flags of its own. */
export async function startMariadb(...flags: string[]): Promise<MariadbServer> {
  if (!mariadb) throw new Error('no MariaDB here: this test should have been skipped')
  return MariadbServer.start(mariadb.binary, mariadb.template, flags)
}
