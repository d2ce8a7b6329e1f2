import { dirname } from 'node:path'
import { PRESENCE, presence, presenceOn } from './cli.ts'
import { scratchFolder } from './scratch.ts'
import { Wrapped } from './wrapped.ts'

export const SHARED = ['--claim', 'node:a', '--purpose', 'drain'] as const
export const ALONE = [...SHARED, '--exclusive'] as const

/** A board for one test: runs verbs and `presence run` on it, as any session. */
export function newRunBoard() {
  const folder = scratchFolder()
  const dsn = `sqlite:${folder}/board.db`
  const env = { PRESENCE_DSN: dsn, PATH: `${dirname(PRESENCE)}:${process.env['PATH']}` }
  return {
    folder,
    dsn,
    as: (session: string) => presenceOn(dsn, session),
    /** Waits until the run has ended. */
    run: (session: string, ...args: string[]) =>
      presence(['run', ...args], { env: { ...env, PRESENCE_SESSION_ID: session } }),
    /** Returns while the command is still running. */
    start: (session: string, ...args: string[]) =>
      new Wrapped(args, { ...env, PRESENCE_SESSION_ID: session }),
  }
}
