import { readFileSync } from 'node:fs'
import { openBoard } from '@presence/core'
import type { SqlServer } from '../sql-server.ts'
import { until } from '../until.ts'
import { JsonClient } from './client.ts'
import { Listener } from './listener.ts'
import { LoadSession } from './session.ts'
import { Tally, type VerbRow } from './tally.ts'

export interface LoadOptions {
  /** The presence server's address. */
  readonly url: string
  /** The presence server's process id. */
  readonly pid: number
  /** The board's database, to look at the board without the server. */
  readonly dsn: string
  readonly sessions: number
  readonly listeners: number
  readonly seconds: number
  /** The average pause between two calls of a session, in milliseconds. */
  readonly thinkMs: number
  /** A fault of the database in the middle of the run. */
  readonly fault?: (database: SqlServer) => Promise<void>
  readonly database?: SqlServer
}

export interface LoadReport {
  readonly rows: readonly VerbRow[]
  /** Answers with status 200 per second. */
  readonly answeredPerSecond: number
  /** Memory of the server's process, in MiB. */
  readonly memoryMiB: { readonly before: number; readonly most: number }
  /** Acknowledged claims that are not on the board, and acknowledged releases whose claims still are. */
  readonly lost: readonly string[]
  /** The number of labels that were compared with the board. */
  readonly checked: number
  readonly unanswered: number
  readonly events: { readonly fewest: number; readonly most: number; readonly reconnects: number }
  /** Milliseconds from the database's return to the next answer with status 200. */
  readonly recoveryMs: number | undefined
}

const TIMEOUT_MS = 10_000

/**
 * Runs many sessions at once on one server, then reads the board without the server and checks that
 * everything acknowledged is there.
 */
export async function runLoad(options: LoadOptions): Promise<LoadReport> {
  const { url, pid, sessions: count, listeners: ears, seconds, thinkMs } = options
  const stop = new AbortController()
  const client = new JsonClient(url, TIMEOUT_MS)
  const tally = new Tally()
  const sessions = Array.from(
    { length: count },
    (_, at) => new LoadSession({ id: `load-${at}`, client, tally, thinkMs, signal: stop.signal }),
  )
  const listeners = Array.from({ length: ears }, () => new Listener(url, stop.signal))
  const before = memoryMiB(pid)
  let most = before
  const watchMemory = setInterval(() => {
    most = Math.max(most, memoryMiB(pid))
  }, 250)
  const from = performance.now()
  const running = [...listeners, ...sessions].map(each => each.run())
  const recoveryMs = await middle(options, client)
  const left = seconds * 1_000 - (performance.now() - from)
  await new Promise(resolve => setTimeout(resolve, Math.max(0, left)))
  await until(
    'enough to compare',
    () => sessions.flatMap(knownBy).length > count && listeners.every(hasHeard),
  )
  const lastedSeconds = (performance.now() - from) / 1_000
  stop.abort()
  await Promise.all(running)
  clearInterval(watchMemory)
  client.close()
  const rows = tally.rows()
  const done = rows.reduce((sum, row) => sum + row.done, 0)
  const heard = listeners.map(({ ids }) => ids.length)
  return {
    rows,
    answeredPerSecond: done / lastedSeconds,
    memoryMiB: { before, most },
    ...(await heldAgainst(options.dsn, sessions)),
    unanswered: tally.count(undefined),
    events: {
      fewest: Math.min(...heard),
      most: Math.max(...heard),
      reconnects: listeners.reduce((sum, each) => sum + each.reconnects, 0),
    },
    recoveryMs,
  }
}

/**
 * Injects the fault in the middle of the run, if there is one, and returns how long it takes until a call
 * succeeds again.
 */
async function middle(options: LoadOptions, client: JsonClient): Promise<number | undefined> {
  const { fault, database, seconds } = options
  if (!fault || !database) return undefined
  await new Promise(resolve => setTimeout(resolve, (seconds * 1_000) / 3))
  await fault(database)
  const back = performance.now()
  const session = { id: 'prober', user: 'load', host: 'loopback', agent: 'load' }
  await until('an answer after the fault', async () => {
    const claim = { session, resource_label: 'node:probe', purpose: 'probe' }
    const { status } = await client.post('/api/v1/claim', claim)
    return status === 200
  })
  return performance.now() - back
}

/** Reads the board without the server, and compares. */
async function heldAgainst(dsn: string, sessions: readonly LoadSession[]) {
  await using board = await openBoard({ dsn, session: 'checker', env: {}, deadlineMs: 20_000 })
  const listed = await board.list()
  if (!listed.ok) throw new Error(listed.refusal.message)
  const on = new Set(listed.claims.map(({ session, label }) => `${session.id} ${label}`))
  const lost: string[] = []
  let checked = 0
  for (const session of sessions)
    for (const [label, state] of knownBy(session)) {
      checked++
      if (on.has(`${session.id} ${label}`) !== (state === 'held'))
        lost.push(`${session.id} ${label}: ${state}`)
    }
  return { lost, checked }
}

const knownBy = ({ known }: LoadSession) => [...known].filter(([, state]) => state !== 'unknown')
const hasHeard = ({ ids }: Listener) => ids.length > 0

function memoryMiB(pid: number): number {
  const kib = /^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]
  return Number(kib ?? 0) / 1_024
}
