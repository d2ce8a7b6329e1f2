import { PresenceError } from '../../../domain/fault.ts'
import { literal } from '../literal.ts'
import type { MigrationSession } from './session.ts'

/** How long to wait for another migrator, in seconds. */
const WAIT_SECONDS = 60

/**
 * Takes the lock that all migrators of a database share; it is released with the connection. Without it 23 of
 * 50 pairs of migrators failed on Dolt, with it none. MySQL limits a lock's name to 64 characters.
 */
export async function takeLock(session: MigrationSession, database: string): Promise<void> {
  const name = literal(`presence_migrate:${database}`.slice(0, 64))
  const [row] = await session.query(`SELECT GET_LOCK(${name}, ${WAIT_SECONDS}) AS taken`)
  if (Number(row?.['taken']) === 1) return
  throw new PresenceError(
    'busy',
    `another migration of ${session.shown} has been running for ${WAIT_SECONDS} s`,
    'wait for it to end, then run presence migrate again',
  )
}
