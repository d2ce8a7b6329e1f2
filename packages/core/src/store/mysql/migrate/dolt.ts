import { PresenceError } from '../../../domain/fault.ts'
import { numberOf } from '../faults.ts'
import { literal } from '../literal.ts'
import type { MigrationSession } from './session.ts'

const PATTERN = 'presence_%'

/**
 * What must be done to a Dolt database so that other tools' commits, resets and checkouts leave the board alone:
 * a sentence for each step, in the order in which `protectTables` takes them.
 */
export interface Protection {
  /** The board's tables that are in the branch's last commit, or staged for the next: a RESET --hard would take their rows back. */
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
    ...tracked.map(table => `untrack ${table}, which is in history or staged for it`),
  ]
  return { tracked, ignored, steps }
}

/** Before its first commit dolt_ignore isn't there. An account that may not read it doesn't know. */
function noSuchTable(error: unknown): readonly [] {
  if (numberOf(error) === 1146) return []
  throw error
}

/**
 * Ignores `presence_%` before the tables exist and untracks those that were committed. Ignoring alone doesn't save a
 * committed table, and an uncommitted line in dolt_ignore goes with the next RESET --hard, so both end in a commit: of
 * `dolt_ignore` and our tables only.
 *
 * @throws PresenceError `staged_changes` when somebody else's work is staged, which our commit would take along
 */
export async function protectTables(
  session: MigrationSession,
  { tracked, ignored }: Protection,
): Promise<void> {
  if (ignored && tracked.length === 0) return
  await refuseStaged(session)
  if (!ignored) {
    await session.query(`REPLACE INTO dolt_ignore VALUES (${literal(PATTERN)}, true)`)
    await commit(session, ['dolt_ignore'], 'presence: ignore the board, which is not history')
  }
  if (tracked.length === 0) return
  await commit(session, tracked, 'presence: the last of the board in history')
  for (const table of tracked) await session.query(`CALL DOLT_RM('--cached', ${literal(table)})`)
  await session.query(`CALL DOLT_COMMIT('-m', ${literal('presence: the board leaves history')})`)
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
      `${session.shown} has staged changes of ${theirs.join(', ')}, which the migration's commit would take along`,
      'commit them, or unstage them with CALL DOLT_RESET(), then run presence migrate again',
    )
}

function isOurs(table: string): boolean {
  return table.startsWith('presence_')
}
