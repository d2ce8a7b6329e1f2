import { type Board, migrate, type Outcome, openBoard } from '@presence/core'

/** No configuration but what the measure names. */
const env = { HOME: '/nonexistent', XDG_CONFIG_HOME: '/nonexistent' }

/** Makes the board, as `presence migrate --create-database` does. */
export async function migrateAt(dsn: string): Promise<void> {
  await migrate({ dsn, env, cwd: '/', createDatabase: dsn.startsWith('mysql:') })
}

/** Opens a migrated board through the library, for a process that goes on using it. */
export async function boardAt(dsn: string, session: string): Promise<Board> {
  await migrateAt(dsn)
  return openBoard({ dsn, session, env, cwd: '/' })
}

/** @throws for what the board refused: a refusal is quicker than an answer */
export async function granted<T>(outcome: Promise<Outcome<T>>): Promise<T> {
  const said = await outcome
  if (!said.ok) throw new Error(said.refusal.message)
  return said
}
