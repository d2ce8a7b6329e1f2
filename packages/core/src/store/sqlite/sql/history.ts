import { EVENTS_KEPT_SECONDS } from '../../../domain/limits.ts'
import { CLAIM_DETAIL, COMMON_COLUMNS, END_EVENT, EVENT_COLUMNS, NOT_QUIET } from '../../columns.ts'
import type { HistoryStatements } from '../../sql/statements.ts'
import { A_DAY_AGO, NEW_KEY, NOW, oldest, readable } from './terms.ts'

const COLUMNS = COMMON_COLUMNS.join(', ')
const EVENT_VALUES = EVENT_COLUMNS.map(column => `:${column}`).join(', ')

/** Only claims have the columns of automatic ones. */
const endOf = (table: string) => (table === 'presence_claims' ? END_EVENT : `'expiry'`)
const detailOf = (table: string) => (table === 'presence_claims' ? CLAIM_DETAIL : 'NULL')

/** The claims on a label that had lapsed when it was read. */
const LAPSED = 'resource_label = :resource_label AND expires_at <= :as_of'
const IN_CLAIMS = `${LAPSED} AND ${NOT_QUIET}`
const IN_LOCKS = `${LAPSED} AND session_id IS NOT NULL AND tentative = 0`

const resolved = (table: string, token: string, where: string) => `
  INSERT OR IGNORE INTO presence_ended (${COLUMNS}, token, ended, ended_at, ended_by, note)
  SELECT ${COLUMNS}, ${token}, 'resolved', ${NOW}, :session_id, :note FROM ${table} WHERE ${where}`

const expired = (table: string, token: string, where: string) => `
  INSERT OR IGNORE INTO presence_events (resource_label, at, session_id, event, host, user, agent_name, purpose, token)
  SELECT resource_label, expires_at, session_id, 'expiry', host, user, agent_name, purpose, ${token}
  FROM ${table} WHERE ${where}`

/**
 * Rows of other tables as events: a lapsed claim that was not touched since has no event in `presence_events`
 * yet.
 */
const lapsedAsEvents = (table: string, token: string) => `
  SELECT resource_label, expires_at AS at, session_id, ${endOf(table)} AS event, host, user, agent_name, purpose,
    ${token} AS token, NULL AS others, NULL AS note, ${detailOf(table)} AS detail, ${NOW} AS read_at
  FROM ${table}
  WHERE expires_at <= ${NOW} AND expires_at > ${NOW} - :seconds * 1000 AND session_id IS NOT NULL
    AND (:resource_label IS NULL OR resource_label = :resource_label)
    AND (:session_id IS NULL OR session_id = :session_id)`

const EVENTS = `
  SELECT ${EVENT_COLUMNS.filter(column => column !== 'at').join(', ')}, ${readable('presence_events', 'at')},
    ${NOW} AS read_at
  FROM presence_events WHERE at > ${NOW} - :seconds * 1000
    AND (:resource_label IS NULL OR resource_label = :resource_label)
    AND (:session_id IS NULL OR session_id = :session_id)`

/**
 * Other sessions' events that name the session. They are on labels that the session itself was on or, if a
 * caller was not allowed to speak as this session, on the server's label. Searching the text of all events
 * would read the whole history. CROSS JOIN keeps the order of look-ups.
 */
const CONCERNING = `
  SELECT ${EVENT_COLUMNS.filter(column => column !== 'at')
    .map(column => `other.${column} AS ${column}`)
    .join(', ')}, ${readable('other', 'at')}, ${NOW} AS read_at
  FROM (${['presence_events', 'presence_claims', 'presence_locks', 'presence_ended']
    .map(table => `SELECT resource_label FROM ${table} WHERE session_id = :session_id`)
    .join(' UNION ')} UNION SELECT :server_label) AS mine
  CROSS JOIN presence_events AS other ON other.resource_label = mine.resource_label
  WHERE other.at > ${NOW} - :seconds * 1000 AND other.session_id <> :session_id AND instr(other.others, :quoted) > 0
    AND (:resource_label IS NULL OR other.resource_label = :resource_label)`

const latest = (sql: string) =>
  `SELECT ${EVENT_COLUMNS.join(', ')}, read_at FROM (${sql} ORDER BY at DESC LIMIT :rows)`

export const RECORD = `INSERT OR IGNORE INTO presence_events (${EVENT_COLUMNS.join(', ')}) VALUES (${EVENT_VALUES})`
const LOG = [
  EVENTS,
  CONCERNING,
  lapsedAsEvents('presence_claims', 'NULL'),
  `${lapsedAsEvents('presence_locks', 'token')} AND tentative = 0`,
]
  .map(latest)
  .join(' UNION ALL ')

const expiredSince = (table: string, token: string) => `
  SELECT resource_label, expires_at AS at, session_id, ${endOf(table)} AS event, host, user, agent_name, purpose,
    ${token} AS token, NULL AS others, NULL AS note, ${detailOf(table)} AS detail
  FROM ${table}
  WHERE expires_at <= ${NOW} AND expires_at >= :since AND session_id IS NOT NULL
    AND (:resource_label IS NULL OR resource_label = :resource_label)`

const eventsSince = `
  SELECT ${EVENT_COLUMNS.filter(column => column !== 'at').join(', ')}, ${readable('presence_events', 'at')}
  FROM presence_events WHERE at >= :since AND (event <> 'refused' OR detail IS NOT NULL)
    AND (:resource_label IS NULL OR resource_label = :resource_label)`

/** The earliest first. */
const SINCE = [
  eventsSince,
  expiredSince('presence_claims', 'NULL'),
  `${expiredSince('presence_locks', 'token')} AND tentative = 0`,
]
  .map(sql => `SELECT ${EVENT_COLUMNS.join(', ')} FROM (${sql} ORDER BY at LIMIT :rows)`)
  .join(' UNION ALL ')

/** When the board was created: the row of the first step never changes. */
export const BORN = 'SELECT MIN(applied_at) AS born FROM presence_migrations'

const FORGET = 'DELETE FROM presence_ended WHERE session_id = :session_id'

export const historySql: HistoryStatements = {
  log: () => LOG,
  since: () => SINCE,
  resolve: [
    resolved('presence_claims', 'NULL', IN_CLAIMS),
    resolved('presence_locks', 'token', IN_LOCKS),
    expired('presence_claims', 'NULL', IN_CLAIMS),
    expired('presence_locks', 'token', IN_LOCKS),
    `DELETE FROM presence_claims WHERE ${IN_CLAIMS}`,
    `UPDATE presence_locks SET nonce = ${NEW_KEY}, revision = ${NEW_KEY}, session_id = NULL WHERE ${IN_LOCKS}`,
    `UPDATE presence_ended SET ended = 'resolved', ended_at = ${NOW}, ended_by = :session_id, note = :note
     WHERE resource_label = :resource_label AND ended = 'expired'`,
    RECORD.replace(':at', NOW),
  ],
  forgetAll: FORGET,
  forget: `${FORGET} AND resource_label = :resource_label`,
  pruneEnded: oldest('presence_ended', `ended_at < ${A_DAY_AGO}`, 'ended_at'),
  pruneEvents: `
    DELETE FROM presence_events WHERE rowid IN (
      SELECT rowid FROM presence_events WHERE at < ${NOW} - ${EVENTS_KEPT_SECONDS * 1000} LIMIT :rows)`,
}
