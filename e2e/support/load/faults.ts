import type { SqlServer } from '../sql-server.ts'

const AWAY_MS = 5_000

/** Faults of a database, each for some seconds. Each function resolves when the database is back. */
export const FAULTS: Readonly<Record<string, (database: SqlServer) => Promise<void>>> = {
  'stopped and started again': async database => {
    await database.terminate()
    await away()
    await database.run()
  },
  'frozen where it was (SIGSTOP)': async database => {
    database.freeze()
    await away()
    database.thaw()
  },
  'killed (SIGKILL) and started again': async database => {
    await database.kill()
    await database.run()
  },
}

function away(): Promise<void> {
  return new Promise(resolve => setTimeout(resolve, AWAY_MS))
}
