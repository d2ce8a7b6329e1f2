import { setTimeout as pause } from 'node:timers/promises'
import type { SqlServer } from '../sql-server.ts'

const AWAY_MS = 5_000
/** Longer than the pause between two calls of all sessions together. */
const RESTART_MS = 1_000

/** Faults of a database, each for some seconds. Each function resolves when the database is back. */
export const FAULTS: Readonly<Record<string, (database: SqlServer) => Promise<void>>> = {
  'stopped and started again': async database => {
    await database.terminate()
    await pause(AWAY_MS)
    await database.run()
  },
  'frozen where it was (SIGSTOP)': async database => {
    database.freeze()
    await pause(AWAY_MS)
    database.thaw()
  },
  'killed (SIGKILL) and started again': async database => {
    await database.kill()
    await pause(RESTART_MS)
    await database.run()
  },
}
