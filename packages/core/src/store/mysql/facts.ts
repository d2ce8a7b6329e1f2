import migrations from 'virtual:migrations/mysql'
import type { ResultSetHeader, RowDataPacket } from 'mysql2'
import type { MysqlDsn } from '../../config/dsn.ts'
import type { Deadline } from '../../deadline.ts'
import { PresenceError } from '../../domain/fault.ts'
import { LAPSED_KEPT_SECONDS } from '../../domain/limits.ts'
import { versionsAfter } from '../migration.ts'
import { type Probe, probe, type Room, type SchemaProgress } from '../probe.ts'
import * as claimTables from '../tables/claims.ts'
import * as coordinationTables from '../tables/coordination.ts'
import { Connections } from './connections.ts'
import { type Engine as EngineTraits, engineOfAnswer } from './engine.ts'
import { mysqlFault } from './faults.ts'
import { CLIENT_GRANTS } from './grants.ts'
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
    probe(
      () => read({ query: sql => ask(sql).catch(rethrowCause) }),
      error => mysqlFault(error, dsn.shown),
    )
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

const KEY_COLUMNS = new Map(
  [...Object.values(claimTables), ...Object.values(coordinationTables)].map(({ name, key }) => [
    name,
    key[0],
  ]),
)

/**
 * One statement per privilege that clients need. It matches no rows, so it only fails if the privilege is
 * missing.
 */
const TRIALS: readonly (readonly [privilege: string, trialOn: (table: string) => string])[] = [
  ['SELECT', table => `SELECT * FROM ${table} WHERE 1 = 0`],
  ['INSERT', table => `INSERT INTO ${table} SELECT * FROM ${table} WHERE 1 = 0`],
  [
    'UPDATE',
    table => `UPDATE ${table} SET ${KEY_COLUMNS.get(table)} = ${KEY_COLUMNS.get(table)} WHERE 1 = 0`,
  ],
  ['DELETE', table => `DELETE FROM ${table} WHERE 1 = 0`],
]

/** What this account lacks of the privileges that clients need. Tables are tried side by side, for speed. */
async function deniedOn(connections: Connections, deadline: Deadline): Promise<readonly Denied[]> {
  const isDenied = async (sql: string) => {
    try {
      await connections.use(deadline, query => query<RowDataPacket[] | ResultSetHeader>(sql))
      return false
    } catch (error) {
      const code = error instanceof PresenceError ? error.code : undefined
      if (code === 'access_denied') return true
      // The check of the schema reports a missing table.
      if (code === 'schema_missing') return false
      throw error
    }
  }
  const denied = CLIENT_GRANTS.map(async ([table, privileges]) => {
    const found: Denied[] = []
    for (const [privilege, trialOn] of TRIALS)
      if (privileges.includes(privilege) && (await isDenied(trialOn(table)))) found.push({ table, privilege })
    return found
  })
  return (await Promise.all(denied)).flat()
}

async function askRoom(ask: Ask): Promise<Room> {
  const [row] = await ask(
    `SELECT COUNT(*) AS total, COUNT(IF(expires_at > UTC_TIMESTAMP(3), 1, NULL)) AS live,
       COUNT(IF(expires_at < DATE_SUB(UTC_TIMESTAMP(3), INTERVAL ${LAPSED_KEPT_SECONDS} SECOND), 1, NULL)) AS due
     FROM presence_claims`,
  )
  return { rows: Number(row?.['total']), live: Number(row?.['live']), due: Number(row?.['due']) }
}
