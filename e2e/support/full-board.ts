import type { DatabaseSync } from 'node:sqlite'

export interface Fullness {
  /** Sessions, each with one live claim. */
  readonly sessions: number
  readonly events: number
  readonly messages: number
}

const FULL: Fullness = { sessions: 10_000, events: 100_000, messages: 10_000 }

/** How a dialect writes times: now, and a number of seconds from now. */
interface Dialect {
  readonly now: string
  readonly from: (seconds: string) => string
  readonly concat: (...parts: readonly string[]) => string
  readonly div: (n: string, by: number) => string
}

const MYSQL: Dialect = {
  now: 'UTC_TIMESTAMP(3)',
  from: seconds => `DATE_ADD(UTC_TIMESTAMP(3), INTERVAL ${seconds} SECOND)`,
  concat: (...parts) => `CONCAT(${parts.join(', ')})`,
  div: (n, by) => `FLOOR(${n} / ${by})`,
}

const NOW = `CAST(ROUND(unixepoch('subsec') * 1000) AS INTEGER)`
const SQLITE: Dialect = {
  now: NOW,
  from: seconds => `${NOW} + (${seconds}) * 1000`,
  concat: (...parts) => parts.join(' || '),
  div: (n, by) => `(${n}) / ${by}`,
}

/** The numbers below `count`, as a table `n` with one column `i`: a cross join of digits. */
function numbers(count: number): string {
  const digits = `(${Array.from({ length: 10 }, (_, at) => `SELECT ${at} AS d`).join(' UNION ALL ')})`
  const places = Array.from({ length: String(count - 1).length }, (_, at) => at)
  const sum = places.map(at => `d${at}.d * ${10 ** at}`).join(' + ')
  return `(SELECT ${sum} AS i FROM ${places.map(at => `${digits} AS d${at}`).join(' CROSS JOIN ')} WHERE ${sum} < ${count}) AS n`
}

/**
 * The statements that fill a migrated board: sessions `s0`, `s1`, …, each registered and with a live claim on
 * `node:n0`, `node:n1`, …; a label `node:hot` that 100 of them also hold; events over 20 days; messages to
 * all and to `s0`; components, workflows and items.
 */
function statements({ sessions, events, messages }: Fullness, sql: Dialect): readonly string[] {
  const who = `'h', 'u', 'a'`
  const session = sql.concat(`'s'`, 'n.i')
  return [
    `INSERT INTO presence_sessions (session_id, host, user, agent_name, started_at, last_heartbeat, ended_at)
     SELECT ${session}, ${who}, ${sql.now}, ${sql.from('-n.i % 200')}, NULL FROM ${numbers(sessions)}`,
    `INSERT INTO presence_sessions (session_id, host, user, agent_name, started_at, last_heartbeat, ended_at)
     SELECT ${sql.concat(`'gone'`, 'n.i')}, ${who}, ${sql.from('-90000')}, ${sql.from('-90000')}, ${sql.now}
     FROM ${numbers(sessions)}`,
    `INSERT INTO presence_claims
       (session_id, resource_label, purpose, claimed_at, expires_at, host, user, agent_name, ttl_seconds)
     SELECT ${session}, ${sql.concat(`'node:n'`, 'n.i')}, 'fills the board', ${sql.now}, ${sql.from('3600')}, ${who}, 3600
     FROM ${numbers(sessions)}`,
    `INSERT INTO presence_claims
       (session_id, resource_label, purpose, claimed_at, expires_at, host, user, agent_name, ttl_seconds)
     SELECT ${session}, 'node:hot', 'on one label', ${sql.now}, ${sql.from('3600')}, ${who}, 3600
     FROM ${numbers(100)}`,
    `INSERT INTO presence_events (resource_label, at, session_id, event, host, user, agent_name, purpose, others)
     SELECT ${sql.concat(`'node:n'`, `n.i % ${sessions}`)}, ${sql.from('-n.i * 17')}, ${sql.concat(`'s'`, `n.i % ${sessions}`)}, 'claim',
       ${who}, 'history', NULL FROM ${numbers(events)}`,
    `INSERT INTO presence_messages (id, from_session, to_session, project_key, kind, subject, body, sent_at)
     SELECT ${sql.concat(`'m'`, 'n.i')}, 's1', CASE WHEN n.i % 10 = 0 THEN 's0' ELSE NULL END, NULL, 'MESSAGE', 'subject',
       'body', ${sql.from('-n.i * 200')} FROM ${numbers(messages)}`,
    `INSERT INTO presence_components (project_key, component, state, updated_by, updated_at, change_id)
     SELECT 'full', ${sql.concat(`'c'`, 'n.i')}, 'ready', 's0', ${sql.from('-n.i')}, ${sql.concat(`'c'`, 'n.i')}
     FROM ${numbers(1_000)}`,
    `INSERT INTO presence_component_history (id, project_key, component, state, updated_by, updated_at)
     SELECT ${sql.concat(`'c'`, 'n.i')}, 'full', ${sql.concat(`'c'`, 'n.i % 1000')}, 'ready', 's0', ${sql.from('-n.i')}
     FROM ${numbers(sessions)}`,
    `INSERT INTO presence_workflows
       (id, project_key, name, status, created_by, created_at, updated_at, moved_by, revision)
     SELECT ${sql.concat(`'w'`, 'n.i')}, 'full', 'workflow', 'active', 's0', ${sql.from('-n.i')}, ${sql.now}, 's0', 'r'
     FROM ${numbers(1_000)}`,
    `INSERT INTO presence_work_items
       (id, workflow_id, project_key, title, status, priority, created_by, created_at, updated_at, moved_by, revision)
     SELECT ${sql.concat(`'i'`, 'n.i')}, ${sql.concat(`'w'`, 'n.i % 1000')}, 'full', 'item', 'pending', n.i % 100, 's0',
       ${sql.from('-n.i')}, ${sql.now}, 's0', 'r' FROM ${numbers(sessions)}`,
  ]
}

/**
 * Fills the board of a database server.
 * @param run runs a statement there
 */
export async function fillServer(
  run: (sql: string) => Promise<unknown>,
  fullness: Fullness = FULL,
): Promise<void> {
  for (const statement of statements(fullness, MYSQL)) await run(statement)
}

/** Fills the board in a file. */
export function fillFile(db: DatabaseSync, fullness: Fullness = FULL): void {
  for (const statement of statements(fullness, SQLITE)) db.exec(statement)
}
