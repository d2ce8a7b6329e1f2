import { inject } from 'vitest'
import { MariadbServer } from './mariadb-server.ts'

/** The MariaDB that the tests run on. Undefined if none is installed. */
export const mariadb = inject('mariadb')

/** A server for one test, with its own flags. */
export async function startMariadb(...flags: string[]): Promise<MariadbServer> {
  if (!mariadb) throw new Error('no MariaDB here: this test should have been skipped')
  return MariadbServer.start(mariadb.binary, mariadb.template, flags)
}
