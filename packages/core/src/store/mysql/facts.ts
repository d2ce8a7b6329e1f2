import migrations from 'virtual:migrations/mysql'
import type { ResultSetHeader, RowDataPacket } from 'mysql2'
import type { MysqlDsn } from '../../config/dsn.ts'
import type { Deadline } from '../../deadline.ts'
import { PresenceError } from '../../domain/fault.ts'
import { LAPSED_KEPT_SECONDS } from '../../domain/limits.ts'
import { versionsAfter } from '../migration.ts'
import { type Probe, probe, type Room, type SchemaProgress } from '../probe.ts'
import { Connections } from './connections.ts'
import { type Engine as EngineTraits, engineOfAnswer } from './engine.ts'
import { mysqlFault } from './faults.ts'
import { progressOf, readApplied, readMissing } from './migrate/bookkeeping.ts'
import { type Protection, readProtection } from './migrate/dolt.ts'

export interface Engine {
  /** `Dolt`, `MariaDB`, or `MySQL` for any other engine that speaks its protocol. */
  readonly name: string
  readonly version: string
  /** The database's current time. */
  readonly now: Date
  /** The server's NOW() minus UTC, in seconds. */
  readonly offsetSeconds: number
}

export interface Denied {
  readonly table: string
  readonly privilege: string
}

/** Everything about a server that the board depends on, read without changing anything. */
export interface ServerFacts {
  readonly engine: Engine
  /** This host's clock before and after the database returned its own time. */
  readonly before: Date
  readonly after: Date
  /** On Dolt, the branch of the connection, and the branch that the DSN asks for. */
  readonly branch: Probe<{ readonly active: string; readonly wanted: string }> | undefined
  readonly protection: Probe<Protection> | undefined
  readonly tables: Probe<readonly string[]>
  readonly schema: Probe<SchemaProgress>
  /** The privileges that this account lacks. */
  readonly grants: Probe<readonly Denied[]>
  readonly room: Probe<Room>
}

type Ask = (sql: string) => Promise<readonly RowDataPacket[]>

/**
 * @throws PresenceError if the server gives no answer at all; after its first answer each part fails on its
 *   own
 */
export async function gatherFacts(dsn: MysqlDsn, deadline: Deadline): Promise<ServerFacts> {
  const connections = new Connections(dsn)
  const ask: Ask = sql => connections.use(deadline, query => query<RowDataPacket[]>(sql))
  const asMigrator = <T>(read: (session: { readonly query: Ask }) => Promise<T>) =>
    probe(() => read({ query: sql => ask(sql).catch(rethrowCause) }).catch(rethrowFault(dsn)))
  try {
    // Connect first, so that reading the clock takes one round trip.
    await ask('SELECT 1')
    const before = new Date()
    const { engine, traits } = await askEngine(ask)
    const after = new Date()
    return {
      engine,
      before,
      after,
      tables: await probe(async () => (await ask('SHOW TABLES')).map(row => String(Object.values(row)[0]))),
      schema: await asMigrator(readSchema),
      grants: await probe(() => deniedOn(connections, deadline)),
      branch: traits.branches
        ? await probe(async () => ({
            active: String((await ask('SELECT active_branch() AS active'))[0]?.['active']),
            wanted: dsn.branch ?? 'main',
          }))
        : undefined,
      protection: traits.history ? await asMigrator(readProtection) : undefined,
      // Last, because it reads the whole table.
      room: await probe(() => askRoom(ask)),
    }
  } finally {
    await connections.close()
  }
}

/** The migrator recognises a missing table by the driver's own error, so rethrow that. */
function rethrowCause(error: unknown): never {
  throw error instanceof PresenceError && error.cause !== undefined ? error.cause : error
}

function rethrowFault(dsn: MysqlDsn): (error: unknown) => never {
  return error => {
    throw mysqlFault(error, dsn.shown)
  }
}

async function askEngine(ask: Ask): Promise<{ engine: Engine; traits: EngineTraits }> {
  const [row] = await ask(
    `SELECT @@version AS version, @@version_comment AS comment, UTC_TIMESTAMP(3) AS utc,
       TIMESTAMPDIFF(SECOND, UTC_TIMESTAMP(), NOW()) AS seconds`,
  )
  if (!row) throw new TypeError('a SELECT without FROM gave no row')
  const version = String(row['version'])
  const traits = engineOfAnswer(row)
  const own = traits.branches ? await ask('SELECT dolt_version() AS version').catch(() => []) : []
  const engine = {
    name: traits.name,
    version: own[0] ? String(own[0]['version']) : version,
    now: row['utc'] as Date,
    offsetSeconds: Number(row['seconds']),
  }
  return { engine, traits }
}

async function readSchema(session: { readonly query: Ask }): Promise<SchemaProgress> {
  const applied = await readApplied(session)
  const { present, pending, unknown } = progressOf(applied, migrations)
  return {
    present: present.map(({ tag }) => tag),
    pending: pending.map(({ tag }) => tag),
    unknown,
    missing: await readMissing(session, present),
    ...versionsAfter(applied, [], migrations),
  }
}

const FIRST_COLUMNS = 'session_id, resource_label, purpose, expires_at, host, user'
const REPLAYS_COLUMNS = 'operation_id, replayed_at'
const LOCKS_COLUMNS = 'resource_label, token, nonce, revision, expires_at, ttl_seconds'
const ENDED_COLUMNS =
  'session_id, resource_label, purpose, claimed_at, expires_at, host, user, ttl_seconds, ended, ended_at'
const WAITERS_COLUMNS = 'resource_label, waiter_id, session_id, queued_at, expires_at'
const EVENTS_COLUMNS = 'resource_label, at, session_id, event, host, user, purpose'
const SESSIONS_COLUMNS = 'session_id, host, user, agent_name, started_at, last_heartbeat'

/**
 * What clients do to each table, on no rows: without the privilege the statement fails before it finds none.
 */
const TRIALS: readonly (readonly [table: string, privilege: string, sql: string])[] = [
  ['presence_claims', 'SELECT', 'SELECT session_id FROM presence_claims WHERE 1 = 0'],
  ['presence_claims', 'INSERT', insertNothing('presence_claims', FIRST_COLUMNS)],
  ['presence_claims', 'UPDATE', 'UPDATE presence_claims SET purpose = purpose WHERE 1 = 0'],
  ['presence_claims', 'DELETE', 'DELETE FROM presence_claims WHERE 1 = 0'],
  ['presence_replays', 'SELECT', 'SELECT operation_id FROM presence_replays WHERE 1 = 0'],
  ['presence_replays', 'INSERT', insertNothing('presence_replays', REPLAYS_COLUMNS)],
  ['presence_replays', 'DELETE', 'DELETE FROM presence_replays WHERE 1 = 0'],
  ['presence_locks', 'SELECT', 'SELECT token FROM presence_locks WHERE 1 = 0'],
  ['presence_locks', 'INSERT', insertNothing('presence_locks', LOCKS_COLUMNS)],
  ['presence_locks', 'UPDATE', 'UPDATE presence_locks SET nonce = nonce WHERE 1 = 0'],
  ['presence_ended', 'SELECT', 'SELECT session_id FROM presence_ended WHERE 1 = 0'],
  ['presence_ended', 'INSERT', insertNothing('presence_ended', ENDED_COLUMNS)],
  ['presence_ended', 'UPDATE', 'UPDATE presence_ended SET note = note WHERE 1 = 0'],
  ['presence_ended', 'DELETE', 'DELETE FROM presence_ended WHERE 1 = 0'],
  ['presence_waiters', 'SELECT', 'SELECT session_id FROM presence_waiters WHERE 1 = 0'],
  ['presence_waiters', 'INSERT', insertNothing('presence_waiters', WAITERS_COLUMNS)],
  ['presence_waiters', 'UPDATE', 'UPDATE presence_waiters SET session_id = session_id WHERE 1 = 0'],
  ['presence_waiters', 'DELETE', 'DELETE FROM presence_waiters WHERE 1 = 0'],
  ['presence_events', 'SELECT', 'SELECT session_id FROM presence_events WHERE 1 = 0'],
  ['presence_events', 'INSERT', insertNothing('presence_events', EVENTS_COLUMNS)],
  ['presence_events', 'DELETE', 'DELETE FROM presence_events WHERE 1 = 0'],
  ['presence_sessions', 'SELECT', 'SELECT session_id FROM presence_sessions WHERE 1 = 0'],
  ['presence_sessions', 'INSERT', insertNothing('presence_sessions', SESSIONS_COLUMNS)],
  ['presence_sessions', 'UPDATE', 'UPDATE presence_sessions SET host = host WHERE 1 = 0'],
  ['presence_sessions', 'DELETE', 'DELETE FROM presence_sessions WHERE 1 = 0'],
]

function insertNothing(table: string, columns: string): string {
  return `INSERT INTO ${table} (${columns}) SELECT ${columns} FROM ${table} WHERE 1 = 0`
}

async function deniedOn(connections: Connections, deadline: Deadline): Promise<readonly Denied[]> {
  const denied: { table: string; privilege: string }[] = []
  for (const [table, privilege, sql] of TRIALS)
    try {
      await connections.use(deadline, query => query<RowDataPacket[] | ResultSetHeader>(sql))
    } catch (error) {
      // `judgeSchema` reports a missing table.
      if (error instanceof PresenceError && error.code === 'schema_missing') continue
      if (!(error instanceof PresenceError) || error.code !== 'access_denied') throw error
      denied.push({ table, privilege })
    }
  return denied
}

async function askRoom(ask: Ask): Promise<Room> {
  const [row] = await ask(
    `SELECT COUNT(*) AS total, COUNT(IF(expires_at > UTC_TIMESTAMP(3), 1, NULL)) AS live,
       COUNT(IF(expires_at < DATE_SUB(UTC_TIMESTAMP(3), INTERVAL ${LAPSED_KEPT_SECONDS} SECOND), 1, NULL)) AS due
     FROM presence_claims`,
  )
  return { rows: Number(row?.['total']), live: Number(row?.['live']), due: Number(row?.['due']) }
}
