import { randomUUID } from 'node:crypto'
import { appendFileSync, existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { presence } from './cli.ts'
import { scratchFolder } from './scratch.ts'
import { until } from './until.ts'

/** The command on one board as any session, with a state folder for one test. */
export function newUser(dsn: string) {
  const state = scratchFolder()
  const env = (session: string) => ({
    PRESENCE_DSN: dsn,
    PRESENCE_SESSION_ID: session,
    XDG_STATE_HOME: state,
  })
  const folder = join(state, 'presence/queue')
  const as = (session: string, ...args: string[]) => presence(args, { env: env(session) })
  return {
    as,
    /** Syncs until nothing is left: on a busy machine one call may not have the time for all of it. */
    deliver: (session: string) =>
      until('an empty outbox', async () =>
        (await as(session, 'sync')).stdout.includes('the outbox is empty'),
      ),
    env,
    folder,
    files: () => (existsSync(folder) ? readdirSync(folder) : []),
    queueFile: join(folder, `${encodeURIComponent(dsn.replace(/^.*@/, ''))}.jsonl`),
  }
}

export const CLAIM = (label: string, ttl = '15m') => ['claim', label, '--purpose', 'p', '--ttl', ttl]

export function line(verb: string, rest: object, at: number): string {
  const session = { id: 'ana', user: 'u', host: 'h', agent: 'a' }
  return JSON.stringify({ id: randomUUID(), at, session, verb, ...rest })
}

export function queue(file: string, lines: readonly string[]): void {
  mkdirSync(join(file, '..'), { recursive: true, mode: 0o700 })
  writeFileSync(file, '', { mode: 0o600 })
  for (const each of lines) appendFileSync(file, `${each}\n`)
}
