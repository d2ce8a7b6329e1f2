import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import type { Board } from '@presence/core'
import type { Context, Measure } from './context.ts'
import { boardAt, granted } from './library.ts'
import { inTurns, timed } from './pairs.ts'
import { type Row, rowOf } from './report.ts'

const LIVE = 100
const LAPSED = 100_000
const WARM_UPS = 5
const BUDGET = { atMost: 1.5 }
const TITLE = 'with 100,000 expired claims in the table, beside none; 100 live ones in both'

export const crowdOnDolt: Measure = {
  title: `Dolt ${TITLE}`,
  budgeted: true,
  async rows(context) {
    const server = await context.dolt()
    await using crowded = await boardAt(server.dsn('crowded'), 'live-0@bench')
    await using quiet = await boardAt(server.dsn('quiet'), 'live-0@bench')
    const at = (seconds: number) => `DATE_ADD(UTC_TIMESTAMP(3), INTERVAL ${seconds} SECOND)`
    await server.sql('crowded', ...inserts('lapsed', LAPSED, at), ...inserts('live', LIVE, at))
    await server.sql('quiet', ...inserts('live', LIVE, at))
    return await crowdRows(context, crowded, quiet)
  },
}

export const crowdOnSqlite: Measure = {
  title: `SQLite ${TITLE}`,
  budgeted: true,
  async rows(context) {
    const boardIn = async (name: string, lapsed: number) => {
      const file = join(context.folder, `${name}.db`)
      const board = await boardAt(`sqlite:${file}`, 'live-0@bench')
      const at = (seconds: number) => `(unixepoch() + ${seconds}) * 1000`
      using db = new DatabaseSync(file)
      for (const sql of ['BEGIN', ...inserts('lapsed', lapsed, at), ...inserts('live', LIVE, at), 'COMMIT'])
        db.exec(sql)
      return board
    }
    await using crowded = await boardIn('crowded', LAPSED)
    await using quiet = await boardIn('quiet', 0)
    return await crowdRows(context, crowded, quiet)
  },
}

async function crowdRows(context: Context, crowded: Board, quiet: Board): Promise<readonly Row[]> {
  const calls = (board: Board) => ({
    list: timed(async () => {
      const { claims } = await granted(board.list())
      if (claims.length !== LIVE) throw new Error(`listed ${claims.length} claims where ${LIVE} live`)
    }),
    claim: timed(() => granted(board.claim('node:host-0', { purpose: 'claim again' }))),
    peek: timed(() => granted(board.peek('node:host-1'))),
  })
  const [amid, alone] = [calls(crowded), calls(quiet)]
  // A call takes a hundredth of the time of a command, and single calls vary more.
  const rounds = context.rounds * 3
  const rows: Row[] = []
  for (const verb of ['list', 'claim', 'peek'] as const) {
    for (let warmUp = 0; warmUp < WARM_UPS; warmUp++) await Promise.all([amid[verb](), alone[verb]()])
    const beside = (await inTurns(rounds, { [verb]: amid[verb] }, alone[verb]))[verb]
    if (beside) rows.push(rowOf(verb, beside, verb === 'list' ? BUDGET : undefined))
  }
  return rows
}

const BATCH = 1_000
/** The labels of both live and lapsed claims: as many as a busy team uses in a day. */
const LABELS = 500
const HOUR_S = 3_600

/**
 * Rows of the 8-column table. The lapsed ones ended 1 to 23 hours ago, within the day after which they
 * are pruned.
 */
function* inserts(
  name: 'live' | 'lapsed',
  count: number,
  at: (seconds: number) => string,
): Generator<string> {
  for (let from = 0; from < count; from += BATCH) {
    const rows = Array.from({ length: Math.min(BATCH, count - from) }, (_, index) => {
      const each = from + index
      const end = name === 'live' ? HOUR_S : -HOUR_S - (each % (22 * HOUR_S))
      const columns = [at(end - HOUR_S), at(end), "'host', 'user', 'agent'"].join(', ')
      return `('${name}-${each}@bench', 'node:host-${each % LABELS}', 'one of many', ${columns})`
    })
    yield `INSERT INTO presence_claims
      (session_id, resource_label, purpose, claimed_at, expires_at, host, user, agent_name) VALUES ${rows.join(', ')}`
  }
}
