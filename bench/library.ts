import { type Board, migrate, type Outcome, openBoard } from '@presence/core'

/** No configuration except what the measure names. */
const env = { HOME: '/nonexistent', XDG_CONFIG_HOME: '/nonexistent' }

/** Creates the board, as `presence migrate --create-database` does. */
export async function migrateAt(dsn: string): Promise<void> {
  await migrate({ dsn, env, cwd: '/', createDatabase: dsn.startsWith('mysql:') })
}

/** Opens a migrated board through the library, for a process that uses it for a while. */
export async function boardAt(dsn: string, session: string): Promise<Board> {
  await migrateAt(dsn)
  return openBoard({ dsn, session, env, cwd: '/' })
}

/** @throws if the board refused, because a refusal is faster than an answer */
export async function granted<T>(outcome: Promise<Outcome<T>>): Promise<T> {
  const said = await outcome
  if (!said.ok) throw new Error(said.refusal.message)
  return said
}
