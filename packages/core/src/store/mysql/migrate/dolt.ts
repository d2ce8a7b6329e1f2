import { PresenceError } from '../../../domain/fault.ts'
import { numberOf } from '../faults.ts'
import { literal } from '../literal.ts'
import type { MigrationSession } from './session.ts'

const PATTERN = 'presence_%'

/**
 * The changes that a Dolt database needs so that other tools' commits, resets and checkouts leave the board
 * alone. `steps` has a sentence for each step, in the order in which `protectTables` takes them.
 */
export interface Protection {
  /**
   * The board's tables that are in the branch's last commit, or staged for the next one: a RESET --hard would
   * reset their rows.
   */
  readonly tracked: readonly string[]
  readonly ignored: boolean
  readonly steps: readonly string[]
}

export async function readProtection(session: Pick<MigrationSession, 'query'>): Promise<Protection> {
  const tracked = [
    ...new Set([...(await tablesOf(session, 'HEAD')), ...(await tablesOf(session, 'STAGED'))]),
  ].filter(isOurs)
  const committed = await session
    .query(`SELECT ignored FROM dolt_ignore AS OF 'HEAD' WHERE pattern = ${literal(PATTERN)}`)
    .catch(noSuchTable)
  const ignored = committed.length > 0 && Number(committed[0]?.['ignored']) === 1
  const steps = [
    ...(ignored ? [] : [`ignore ${PATTERN} in dolt_ignore`]),
    ...tracked.map(table => `untrack ${table}, which is in Dolt's commit history, or staged for it`),
  ]
  return { tracked, ignored, steps }
}

/**
 * Returns no rows if dolt_ignore doesn't exist, as before its first commit. Any other error is thrown, such
 * as a denied read, after which nothing is known.
 */
function noSuchTable(error: unknown): readonly [] {
  if (numberOf(error) === 1146) return []
  throw error
}

/**
 * Ignores `presence_%` before the tables exist, and untracks tables that were committed. Ignoring alone
 * doesn't protect a committed table, and the next RESET --hard removes an uncommitted row of dolt_ignore. So
 * both end in a commit, which contains only `dolt_ignore` and our tables.
 *
 * @throws PresenceError `staged_changes` if other work is staged, which our commit would include
 */
export async function protectTables(
  session: MigrationSession,
  { tracked, ignored }: Protection,
): Promise<void> {
  if (ignored && tracked.length === 0) return
  await refuseStaged(session)
  if (!ignored) {
    await session.query(`REPLACE INTO dolt_ignore VALUES (${literal(PATTERN)}, true)`)
    await commit(session, ['dolt_ignore'], 'presence: ignore the board tables (dolt_ignore)')
  }
  if (tracked.length === 0) return
  await commit(session, tracked, 'presence: commit the board tables once more before untracking them')
  for (const table of tracked) await session.query(`CALL DOLT_RM('--cached', ${literal(table)})`)
  await session.query(`CALL DOLT_COMMIT('-m', ${literal('presence: untrack the board tables')})`)
}

async function tablesOf(
  session: Pick<MigrationSession, 'query'>,
  root: 'HEAD' | 'STAGED',
): Promise<readonly string[]> {
  const tables = await session.query(`SHOW TABLES AS OF '${root}'`)
  return tables.map(row => String(Object.values(row)[0]))
}

async function commit(session: MigrationSession, tables: readonly string[], message: string): Promise<void> {
  for (const table of tables) await session.query(`CALL DOLT_ADD('--force', ${literal(table)})`)
  await session.query(`CALL DOLT_COMMIT('--skip-empty', '-m', ${literal(message)})`)
}

async function refuseStaged(session: MigrationSession): Promise<void> {
  const staged = await session.query('SELECT table_name FROM dolt_status WHERE staged')
  const theirs = staged
    .map(row => String(row['table_name']))
    .filter(name => !isOurs(name) && name !== 'dolt_ignore')
  if (theirs.length > 0)
    throw new PresenceError(
      'staged_changes',
      `${session.shown} has staged changes of ${theirs.join(', ')}, which the migration's commit would include`,
      'commit them, or unstage them with CALL DOLT_RESET(), then run presence migrate again',
    )
}

function isOurs(table: string): boolean {
  return table.startsWith('presence_')
}
