import { LOCK_STALE_SECONDS, WAITER_KEPT_SECONDS } from '../../../domain/limits.ts'
import { CALL_COLUMNS, COMMON_COLUMNS, callValues, LOCK_COLUMNS } from '../../columns.ts'
import type { LockStatements, WaiterStatements } from '../../sql/statements.ts'
import {
  A_DAY_AGO,
  AT_SCHEMA,
  after,
  deleteFrom,
  FROM_BOARD,
  HEADER_COLUMNS,
  JOIN_BOARD,
  NOW,
  THEN,
} from './terms.ts'

/** How many waiters are ahead of a waiter for a label; all of them if the caller isn't in the wait queue. */
const AHEAD = `(
  SELECT COUNT(*) FROM presence_waiters AS ahead
  WHERE ahead.resource_label = :resource_label AND ahead.expires_at > ${NOW} AND NOT EXISTS (
    SELECT 1 FROM presence_waiters AS mine
    WHERE mine.resource_label = :resource_label AND mine.waiter_id = :waiter_id
      AND (mine.queued_at < ahead.queued_at OR (mine.queued_at = ahead.queued_at AND mine.waiter_id <= ahead.waiter_id))))`

/** A ttl of 0 means that the claim never expires. */
const UNTIL = `IF(:ttl_seconds = 0, CAST('9999-12-31' AS DATETIME(3)), ${after(':ttl_seconds')})`

const TAKEN = `
  UPDATE presence_locks SET
    nonce = :write_key, revision = UUID(), over_shared = :over_shared, token = token + 1, session_id = :session_id, purpose = :purpose, claimed_at = ${NOW},
    expires_at = ${UNTIL}, ttl_seconds = :ttl_seconds, host = :host, user = :user,
    agent_name = :agent_name, repo = :repo, branch = :branch, worktree = :worktree, active_at = ${NOW},
    tentative = :tentative
  WHERE resource_label = :resource_label AND ${AT_SCHEMA}`

const freedAs = (key: string) => `
  UPDATE presence_locks SET nonce = ${key}, revision = UUID(), session_id = NULL, expires_at = LEAST(expires_at, ${NOW})
  WHERE ${AT_SCHEMA}`
const FREED = freedAs('UUID()')

/** The claim exactly as its taker's own writes left it. */
const UNTOUCHED = `resource_label = :resource_label AND session_id = :session_id AND nonce = :write_key
  AND (tentative = 1 OR revision = :write_key)`

const EXTENDED = `
  UPDATE presence_locks SET revision = UUID(), active_at = ${NOW}, expires_at = GREATEST(expires_at, ${after('ttl_seconds')})
  WHERE session_id = :session_id AND expires_at > ${NOW} AND tentative = 0 AND ${AT_SCHEMA}`

/**
 * The claim that is taken over or cleared, exactly as it was read: a later claim has another token, and an
 * expired claim can't become live again.
 */
const MAKES_WAY = `FROM presence_locks ${JOIN_BOARD} AND resource_label = :resource_label AND token = :token
  AND session_id IS NOT NULL AND (:stolen = 1 OR expires_at <= ${NOW})
  AND (:stale = 0 OR active_at IS NULL OR active_at <= ${after(-LOCK_STALE_SECONDS)})`

const IS_ENDED = `AND EXISTS (SELECT 1 FROM presence_ended
  WHERE presence_ended.resource_label = :resource_label AND presence_ended.token = :token)`

const COLUMNS = COMMON_COLUMNS.filter(column => column !== 'expires_at').join(', ')

const MADE_WAY = [
  `INSERT IGNORE INTO presence_ended (${COLUMNS}, expires_at, token, ended, ended_at, ended_by, note)
   SELECT ${COLUMNS}, LEAST(expires_at, ${NOW}), token, :ended, LEAST(expires_at, ${NOW}), :ended_by, :note
   ${MAKES_WAY}`,
  `INSERT IGNORE INTO presence_events
     (resource_label, at, session_id, event, host, user, agent_name, purpose, token, others, note)
   SELECT resource_label, LEAST(expires_at, ${NOW}), IF(:stolen = 1, :session_id, session_id), :event,
     IF(:stolen = 1, :host, host), IF(:stolen = 1, :user, user), IF(:stolen = 1, :agent_name, agent_name),
     IF(:stolen = 1, :purpose, purpose), token + :stolen, IF(:stolen = 1, JSON_ARRAY(session_id), NULL), :note
   ${MAKES_WAY}`,
]

const STOOD_THEN = `session_id = :session_id AND tentative = 0 AND claimed_at <= ${THEN}`

/** Releases the exclusive claims that the session had when an entry of the outbox was made. */
export const freeThen = (onLabel = '') => [
  `INSERT IGNORE INTO presence_events
     (resource_label, at, session_id, event, host, user, agent_name, purpose, token)
   SELECT resource_label, ${THEN}, session_id, 'release', host, user, agent_name, purpose, token
   FROM presence_locks ${JOIN_BOARD} AND ${STOOD_THEN} AND expires_at > ${THEN} ${onLabel}`,
  `${FREED} AND ${STOOD_THEN} ${onLabel}`,
]

export const locksSql: LockStatements = {
  take: `${TAKEN} AND session_id IS NULL AND ${AHEAD} = 0`,
  make: `
    INSERT IGNORE INTO presence_locks (resource_label, token, nonce, revision, expires_at, ttl_seconds)
    SELECT :resource_label, 0, UUID(), UUID(), ${NOW}, 0 ${FROM_BOARD}`,
  read: `SELECT ${LOCK_COLUMNS.join(', ')}, ${AHEAD} AS ahead, ${HEADER_COLUMNS} FROM presence_locks WHERE resource_label = :resource_label`,
  extendAll: EXTENDED,
  extend: `${EXTENDED} AND resource_label = :resource_label AND token = :token`,
  // The revision is set before `tentative`, because MySQL assigns from left to right.
  confirm: `
    UPDATE presence_locks SET revision = IF(tentative = 1, :write_key, revision), tentative = 0
    WHERE resource_label = :resource_label AND session_id = :session_id AND nonce = :write_key
      AND expires_at > ${NOW} AND ${AT_SCHEMA}`,
  renew: `
    UPDATE presence_locks SET nonce = UUID(), revision = UUID(), active_at = ${NOW}, purpose = :purpose,
      ttl_seconds = IF(ttl_seconds = 0 OR :ttl_seconds = 0, 0, GREATEST(ttl_seconds, :ttl_seconds)),
      expires_at = GREATEST(expires_at, ${UNTIL})
    WHERE session_id = :session_id AND resource_label = :resource_label AND token = :token
      AND expires_at > ${NOW} AND tentative = 0 AND ${AT_SCHEMA}`,
  free: `${freedAs(':freed_key')} AND session_id = :session_id`,
  takeBack: `${FREED} AND ${UNTOUCHED}`,
  dropTentative: `${FREED} AND resource_label = :resource_label AND nonce = :write_key AND tentative = 1`,
  takeOver: [...MADE_WAY, `${TAKEN} AND token = :token AND session_id IS NOT NULL ${IS_ENDED}`],
  noteTaken: `INSERT IGNORE INTO presence_replays (${CALL_COLUMNS})
     SELECT ${callValues(NOW)} FROM presence_locks ${JOIN_BOARD} AND resource_label = :resource_label
       AND token = :token + 1 AND nonce = :write_key`,
  clear: [
    ...MADE_WAY,
    `UPDATE presence_locks SET nonce = :write_key, revision = UUID(), token = token + 1, session_id = NULL,
       expires_at = LEAST(expires_at, ${NOW})
     WHERE resource_label = :resource_label AND token = :token AND session_id IS NOT NULL AND ${AT_SCHEMA} ${IS_ENDED}`,
  ],
}

export const waitersSql: WaiterStatements = {
  wait: `
    INSERT INTO presence_waiters (resource_label, waiter_id, session_id, queued_at, expires_at)
    SELECT :resource_label, :waiter_id, :session_id, ${NOW}, ${after(WAITER_KEPT_SECONDS)} ${FROM_BOARD}
    ON DUPLICATE KEY UPDATE expires_at = ${after(WAITER_KEPT_SECONDS)}`,
  leave: `
    ${deleteFrom('presence_waiters')}
    AND resource_label = :resource_label AND waiter_id = :waiter_id AND session_id = :session_id`,
  prune: `DELETE FROM presence_waiters WHERE expires_at < ${A_DAY_AGO} AND ${AT_SCHEMA} LIMIT :rows`,
}
