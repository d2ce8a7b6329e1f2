import type { Board } from '@presence/core'
import { createConnection } from 'mysql2'
import type { Measure } from './context.ts'
import { boardAt, granted } from './library.ts'
import { isAwaited, PacketProxy } from './packet-proxy.ts'
import { inTurns, timed } from './pairs.ts'

const BATCH = 20
const LABELS = 4

/** The time that the library needs in addition to its own statements. */
export const throughput: Measure = {
  title: 'Claim after claim through the library, beside its statements by bare mysql2 (ms per claim)',
  budgeted: true,
  async rows(context) {
    const server = await context.dolt()
    await using board = await boardAt(server.dsn('throughput'), 'library@bench')
    const claim = (at: number) => claimOn(board, 'library', at)
    const statements = await statementsOfClaims(server.port)
    await using bare = bareClient(server.port, 'throughput/main')

    const byLibrary = timed(async () => {
      for (let at = 0; at < BATCH; at++) await claim(at)
    })
    const byHand = timed(async () => {
      for (let at = 0; at < BATCH; at++)
        for (const sql of statements[at % LABELS] ?? []) await bare.query(sql)
    })
    await byLibrary()
    await byHand()
    // The ratio is inverted, because rates are the inverse of times.
    const { claims } = await inTurns(context.rounds * 2, { claims: byHand }, byLibrary)
    const { ratio, middle, subjectMs, referenceMs } = claims
    return [
      {
        what: 'claims per second',
        value: ratio,
        middle,
        ms: [referenceMs / BATCH, subjectMs / BATCH],
        budget: { atLeast: 0.9 },
      },
    ]
  },
}

function claimOn(board: Board, name: string, at: number) {
  return granted(board.claim(`node:${name}-${at % LABELS}`, { purpose: 'claim as often as can be' }))
}

/**
 * The statements of one claim per label, recorded on the wire, so that the bare client sends exactly what the
 * library sends.
 */
async function statementsOfClaims(port: number): Promise<readonly (readonly string[])[]> {
  await using proxy = await PacketProxy.before(port)
  await using board = await boardAt(`mysql://root@127.0.0.1:${proxy.port}/throughput`, 'bare@bench')
  const statements: (readonly string[])[] = []
  for (let at = 0; at < LABELS; at++) {
    proxy.take()
    await claimOn(board, 'bare', at)
    const requests = proxy.take().filter(isAwaited)
    if (requests.length === 0) throw new Error('a claim was made without a request: the proxy was passed by')
    statements.push(requests.map(({ text }) => text))
  }
  return statements
}

/** One connection, with callbacks: the fastest way that the driver offers. */
function bareClient(port: number, database: string) {
  const connection = createConnection({ host: '127.0.0.1', port, user: 'root', database, timezone: 'Z' })
  return {
    query: (sql: string) =>
      new Promise<void>((resolve, reject) =>
        connection.query(sql, error => (error ? reject(error) : resolve())),
      ),
    [Symbol.asyncDispose]: async () => connection.destroy(),
  }
}
