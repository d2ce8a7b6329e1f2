import { randomUUID } from 'node:crypto'
import { appendFileSync, existsSync, mkdirSync, readdirSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { presence } from './cli.ts'
import { scratchFolder } from './scratch.ts'
import { until } from './until.ts'

/** More than any test's outbox needs. */
const SYNC_MS_MAX = 60_000

/** The command on one board as any session, with a state folder for one test, or for several boards. */
export function newUser(dsn: string, state = scratchFolder()) {
  const env = (session: string) => ({
    PRESENCE_DSN: dsn,
    PRESENCE_SESSION_ID: session,
    XDG_STATE_HOME: state,
  })
  const folder = join(state, 'presence/queue')
  const files = () => (existsSync(folder) ? readdirSync(folder) : [])
  const isQueued = () =>
    files()
      .filter(file => file.endsWith('.jsonl') && !file.endsWith('.damaged.jsonl'))
      .some(file => (statSync(join(folder, file), { throwIfNoEntry: false })?.size ?? 0) > 0)
  const patiently = (session: string, args: readonly string[]) =>
    presence(args, { env: env(session), within: SYNC_MS_MAX })
  return {
    as: (session: string, ...args: string[]) => presence(args, { env: env(session) }),
    /** Delivers the outbox: while a server has faults, that takes longer than other commands may. */
    sync: (session: string, ...args: string[]) => patiently(session, ['sync', ...args]),
    /**
     * Runs a command until the outbox is empty, because one call may not have the time for all of it.
     *
     * @returns the last answer, what all of them said, and how many operations were delivered
     */
    untilDelivered: async (session: string, ...args: string[]) => {
      let said = ''
      const answer = await until('an empty outbox', async () => {
        const each = await patiently(session, args)
        said += each.stdout + each.stderr
        return !isQueued() && !each.stderr.includes('unknown since') && each
      }).catch(error => {
        throw new Error(`${(error as Error).message}; it said:\n${said}`, { cause: error })
      })
      return { ...answer, said, delivered: deliveredIn(said) }
    },
    env,
    folder,
    files,
    isQueued,
    queueFile: join(folder, `${encodeURIComponent(dsn.replace(/^.*@/, ''))}.jsonl`),
  }
}

/** How many operations were delivered, by what commands said. */
export function deliveredIn(said: string): number {
  return [...said.matchAll(/delivered (\d+) queued/g)].reduce((sum, [, count]) => sum + Number(count), 0)
}

/** The arguments of a claim. */
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
