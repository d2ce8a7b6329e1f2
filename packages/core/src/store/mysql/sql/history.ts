import { EVENTS_KEPT_SECONDS } from '../../../domain/limits.ts'
import { CLAIM_DETAIL, COMMON_COLUMNS, END_EVENT, EVENT_COLUMNS, NOT_QUIET } from '../../columns.ts'
import type { Values } from '../../sql/database.ts'
import type { HistoryStatements } from '../../sql/statements.ts'
import { fill } from '../literal.ts'
import {
  A_DAY_AGO,
  AT_SCHEMA,
  after,
  deleteFrom,
  FROM_BOARD,
  HEADER_COLUMNS,
  JOIN_BOARD,
  NOW,
  SCHEMA,
} from './terms.ts'

const COLUMNS = COMMON_COLUMNS.join(', ')
const EVENT_VALUES = EVENT_COLUMNS.map(column => `:${column}`).join(', ')

/** Only claims have the columns of automatic ones. */
const endOf = (table: string) => (table === 'presence_claims' ? END_EVENT : `'expiry'`)
const detailOf = (table: string) => (table === 'presence_claims' ? CLAIM_DETAIL : 'NULL')

/** The claims on a label that had lapsed when it was read. */
const LAPSED = 'resource_label = :resource_label AND expires_at <= :as_of'
const IN_CLAIMS = `${LAPSED} AND ${NOT_QUIET}`
const IN_LOCKS = `${LAPSED} AND session_id IS NOT NULL AND tentative = 0`

const resolved = (table: string, token: string, where: string) =>
  `INSERT IGNORE INTO presence_ended (${COLUMNS}, token, ended, ended_at, ended_by, note)
   SELECT ${COLUMNS}, ${token}, 'resolved', ${NOW}, :session_id, :note FROM ${table} ${JOIN_BOARD} AND ${where}`

const expired = (table: string, token: string, where: string) =>
  `INSERT IGNORE INTO presence_events
     (resource_label, at, session_id, event, host, user, agent_name, purpose, token)
   SELECT resource_label, expires_at, session_id, 'expiry', host, user, agent_name, purpose, ${token}
   FROM ${table} ${JOIN_BOARD} AND ${where}`

/**
 * Rows of other tables as events: a lapsed claim that was not touched since has no event in `presence_events`
 * yet.
 */
const expiredAsEvents = (table: string, token: string) =>
  `SELECT resource_label, expires_at AS at, session_id, ${endOf(table)} AS event, host, user, agent_name, purpose,
     ${token} AS token, NULL AS others, NULL AS note, ${detailOf(table)} AS detail, ${HEADER_COLUMNS}
   FROM ${table} WHERE expires_at <= ${NOW} AND session_id IS NOT NULL`
const lapsedAsEvents = (table: string, token: string) =>
  `${expiredAsEvents(table, token)} AND expires_at > ${after('-:seconds')}`

/** When the board was created: the row of the first step never changes. */
export const BORN = `SELECT (SELECT MIN(applied_at) FROM presence_migrations) AS born, ${HEADER_COLUMNS}`

/**
 * Other sessions' events whose list of others contains this session's id, in its JSON form. They are on
 * labels that the session itself was on or, if a caller was not allowed to speak as this session, on the
 * server's label. Searching the text of all events would read the whole history. For the hint, see `beside`
 * in read.ts.
 */
const concerning = (onLabel: string) =>
  `SELECT /*+ JOIN_ORDER(mine, other) LOOKUP_JOIN(mine, other) */
     ${EVENT_COLUMNS.map(column => `other.${column} AS ${column}`).join(', ')}, ${HEADER_COLUMNS}
   FROM (${['presence_events', 'presence_claims', 'presence_locks', 'presence_ended']
     .map(table => `SELECT resource_label FROM ${table} WHERE session_id = :session_id${onLabel}`)
     .join(' UNION ')} UNION SELECT :server_label) AS mine
   JOIN presence_events AS other ON other.resource_label = mine.resource_label
   WHERE other.at > ${after('-:seconds')} AND other.session_id <> :session_id AND LOCATE(:quoted, other.others) > 0
     ${onLabel && 'AND other.resource_label = :resource_label'}`

/** One statement for at most 100 events, with its values filled in. */
export const recordSql = (events: readonly Values[]) =>
  `INSERT IGNORE INTO presence_events (${EVENT_COLUMNS.join(', ')})
   ${events.map(event => fill(`SELECT ${EVENT_VALUES} ${FROM_BOARD}`, { ...event, ...SCHEMA })).join(' UNION ALL ')}`

const onThisLabel = (label: string | undefined) =>
  label === undefined ? '' : ' AND resource_label = :resource_label'

export const historySql: HistoryStatements = {
  log: ({ label, sessionId }) => {
    const onLabel = onThisLabel(label)
    const own = sessionId === undefined ? '' : ' AND session_id = :session_id'
    const part = (sql: string) => `SELECT * FROM (${sql} ORDER BY at DESC LIMIT :rows) AS part`
    const events = `SELECT ${EVENT_COLUMNS.join(', ')}, ${HEADER_COLUMNS} FROM presence_events
      WHERE at > ${after('-:seconds')}${onLabel}${own}`
    const parts = [
      part(events),
      ...(sessionId === undefined ? [] : [part(concerning(onLabel))]),
      part(lapsedAsEvents('presence_claims', 'NULL') + onLabel + own),
      part(`${lapsedAsEvents('presence_locks', 'token')} AND tentative = 0${onLabel}${own}`),
    ]
    return parts.join(' UNION ALL ')
  },
  since: label => {
    // Don't CAST the time: with a CAST, Dolt ignores the index and reads the whole table.
    const part = (sql: string, time: string) =>
      `SELECT * FROM (${sql} AND ${time} >= :since${onThisLabel(label)} ORDER BY ${time} LIMIT :rows) AS part`
    const events = `SELECT ${EVENT_COLUMNS.join(', ')}, ${HEADER_COLUMNS} FROM presence_events WHERE (event <> 'refused' OR detail IS NOT NULL)`
    const parts = [
      part(events, 'at'),
      part(expiredAsEvents('presence_claims', 'NULL'), 'expires_at'),
      part(`${expiredAsEvents('presence_locks', 'token')} AND tentative = 0`, 'expires_at'),
    ]
    return parts.join(' UNION ALL ')
  },
  resolve: [
    resolved('presence_claims', 'NULL', IN_CLAIMS),
    resolved('presence_locks', 'token', IN_LOCKS),
    expired('presence_claims', 'NULL', IN_CLAIMS),
    expired('presence_locks', 'token', IN_LOCKS),
    `${deleteFrom('presence_claims')} AND ${IN_CLAIMS}`,
    `UPDATE presence_locks SET nonce = UUID(), revision = UUID(), session_id = NULL WHERE ${IN_LOCKS} AND ${AT_SCHEMA}`,
    `UPDATE presence_ended SET ended = 'resolved', ended_at = ${NOW}, ended_by = :session_id, note = :note
     WHERE resource_label = :resource_label AND ended = 'expired' AND ${AT_SCHEMA}`,
    `INSERT IGNORE INTO presence_events (${EVENT_COLUMNS.join(', ')})
     SELECT ${EVENT_VALUES.replace(':at', NOW)} ${FROM_BOARD}`,
  ],
  forgetAll: `${deleteFrom('presence_ended')} AND session_id = :session_id`,
  forget: `${deleteFrom('presence_ended')} AND session_id = :session_id AND resource_label = :resource_label`,
  pruneEnded: `DELETE FROM presence_ended WHERE ended_at < ${A_DAY_AGO} AND ${AT_SCHEMA} LIMIT :rows`,
  pruneEvents: `DELETE FROM presence_events WHERE at < ${after(-EVENTS_KEPT_SECONDS)} AND ${AT_SCHEMA} LIMIT :rows`,
}
