import { LOCK_STALE_SECONDS, WAITER_KEPT_SECONDS } from '../../../domain/limits.ts'
import { CALL_COLUMNS, COMMON_COLUMNS, callValues, LOCK_COLUMNS } from '../../columns.ts'
import type { LockStatements, WaiterStatements } from '../../sql/statements.ts'
import { A_DAY_AGO, NEW_KEY, NOW, oldest, THEN } from './terms.ts'

/** How many waiters are ahead of a waiter for a label; all of them if the caller isn't in the wait queue. */
const AHEAD = `(
  SELECT COUNT(*) FROM presence_waiters AS ahead
  WHERE ahead.resource_label = :resource_label AND ahead.expires_at > ${NOW} AND NOT EXISTS (
    SELECT 1 FROM presence_waiters AS mine
    WHERE mine.resource_label = :resource_label AND mine.waiter_id = :waiter_id
      AND (mine.queued_at < ahead.queued_at OR (mine.queued_at = ahead.queued_at AND mine.waiter_id <= ahead.waiter_id))))`

/** A ttl of 0 means that the claim never expires: it lasts until the last day of 9999. */
const UNTIL = `IIF(:ttl_seconds = 0, 253402214400000, ${NOW} + :ttl_seconds * 1000)`

const TAKEN = `
  UPDATE presence_locks SET
    nonce = :write_key, revision = ${NEW_KEY}, over_shared = :over_shared, token = token + 1, session_id = :session_id, purpose = :purpose, claimed_at = ${NOW},
    expires_at = ${UNTIL}, ttl_seconds = :ttl_seconds, host = :host, user = :user,
    agent_name = :agent_name, repo = :repo, branch = :branch, worktree = :worktree, active_at = ${NOW},
    tentative = :tentative
  WHERE resource_label = :resource_label`

const freedAs = (key: string) =>
  `UPDATE presence_locks SET nonce = ${key}, revision = ${NEW_KEY}, session_id = NULL, expires_at = MIN(expires_at, ${NOW})`
const FREED = freedAs(NEW_KEY)

/** The claim exactly as its taker's own writes left it. */
const UNTOUCHED = `resource_label = :resource_label AND session_id = :session_id AND nonce = :write_key
  AND (tentative = 1 OR revision = :write_key)`

const EXTENDED = `
  UPDATE presence_locks SET revision = ${NEW_KEY}, active_at = ${NOW}, expires_at = MAX(expires_at, ${NOW} + ttl_seconds * 1000)
  WHERE session_id = :session_id AND expires_at > ${NOW} AND tentative = 0`

/**
 * The claim that is taken over or cleared, exactly as it was read: a later claim has another token, and an
 * expired claim can't become live again.
 */
const MAKES_WAY = `FROM presence_locks WHERE resource_label = :resource_label AND token = :token
  AND session_id IS NOT NULL AND (:stolen = 1 OR expires_at <= ${NOW})
  AND (:stale = 0 OR active_at IS NULL OR active_at <= ${NOW} - ${LOCK_STALE_SECONDS * 1000})`

const IS_ENDED = `AND EXISTS (SELECT 1 FROM presence_ended
  WHERE presence_ended.resource_label = :resource_label AND presence_ended.token = :token)`

const COLUMNS = COMMON_COLUMNS.filter(column => column !== 'expires_at').join(', ')

const MADE_WAY = [
  `INSERT OR IGNORE INTO presence_ended (${COLUMNS}, expires_at, token, ended, ended_at, ended_by, note)
   SELECT ${COLUMNS}, MIN(expires_at, ${NOW}), token, :ended, MIN(expires_at, ${NOW}), :ended_by, :note
   ${MAKES_WAY}`,
  `INSERT OR IGNORE INTO presence_events
     (resource_label, at, session_id, event, host, user, agent_name, purpose, token, others, note)
   SELECT resource_label, MIN(expires_at, ${NOW}), IIF(:stolen = 1, :session_id, session_id), :event,
     IIF(:stolen = 1, :host, host), IIF(:stolen = 1, :user, user), IIF(:stolen = 1, :agent_name, agent_name),
     IIF(:stolen = 1, :purpose, purpose), token + :stolen, IIF(:stolen = 1, json_array(session_id), NULL), :note
   ${MAKES_WAY}`,
]

const STOOD_THEN = `session_id = :session_id AND tentative = 0 AND claimed_at <= ${THEN}`

/** Releases the exclusive claims that the session had when an entry of the outbox was made. */
export const freeThen = (onLabel = '') => [
  `INSERT OR IGNORE INTO presence_events
     (resource_label, at, session_id, event, host, user, agent_name, purpose, token)
   SELECT resource_label, ${THEN}, session_id, 'release', host, user, agent_name, purpose, token
   FROM presence_locks WHERE ${STOOD_THEN} AND expires_at > ${THEN} ${onLabel}`,
  `${FREED} WHERE ${STOOD_THEN} ${onLabel}`,
]

export const locksSql: LockStatements = {
  take: `${TAKEN} AND session_id IS NULL AND ${AHEAD} = 0`,
  make: `
    INSERT OR IGNORE INTO presence_locks (resource_label, token, nonce, revision, expires_at, ttl_seconds)
    VALUES (:resource_label, 0, ${NEW_KEY}, ${NEW_KEY}, ${NOW}, 0)`,
  read: `
    SELECT ${LOCK_COLUMNS.join(', ')}, ${AHEAD} AS ahead, ${NOW} AS read_at FROM presence_locks WHERE resource_label = :resource_label`,
  extendAll: EXTENDED,
  extend: `${EXTENDED} AND resource_label = :resource_label AND token = :token`,
  confirm: `
    UPDATE presence_locks SET revision = IIF(tentative = 1, :write_key, revision), tentative = 0
    WHERE resource_label = :resource_label AND session_id = :session_id AND nonce = :write_key AND expires_at > ${NOW}`,
  renew: `
    UPDATE presence_locks SET nonce = ${NEW_KEY}, revision = ${NEW_KEY}, active_at = ${NOW}, purpose = :purpose,
      ttl_seconds = IIF(ttl_seconds = 0 OR :ttl_seconds = 0, 0, MAX(ttl_seconds, :ttl_seconds)),
      expires_at = MAX(expires_at, ${UNTIL})
    WHERE session_id = :session_id AND resource_label = :resource_label AND token = :token AND expires_at > ${NOW}
      AND tentative = 0`,
  free: `${freedAs(':freed_key')} WHERE session_id = :session_id`,
  takeBack: `${FREED} WHERE ${UNTOUCHED}`,
  dropTentative: `${FREED} WHERE resource_label = :resource_label AND nonce = :write_key AND tentative = 1`,
  takeOver: [...MADE_WAY, `${TAKEN} AND token = :token AND session_id IS NOT NULL ${IS_ENDED}`],
  noteTaken: `INSERT OR IGNORE INTO presence_replays (${CALL_COLUMNS})
     SELECT ${callValues(NOW)} FROM presence_locks WHERE resource_label = :resource_label
       AND token = :token + 1 AND nonce = :write_key`,
  clear: [
    ...MADE_WAY,
    `UPDATE presence_locks SET nonce = :write_key, revision = ${NEW_KEY}, token = token + 1, session_id = NULL,
       expires_at = MIN(expires_at, ${NOW})
     WHERE resource_label = :resource_label AND token = :token AND session_id IS NOT NULL ${IS_ENDED}`,
  ],
}

export const waitersSql: WaiterStatements = {
  wait: `
    INSERT INTO presence_waiters (resource_label, waiter_id, session_id, queued_at, expires_at)
    VALUES (:resource_label, :waiter_id, :session_id, ${NOW}, ${NOW} + ${WAITER_KEPT_SECONDS * 1000})
    ON CONFLICT (resource_label, waiter_id) DO UPDATE SET expires_at = excluded.expires_at`,
  leave:
    'DELETE FROM presence_waiters WHERE resource_label = :resource_label AND waiter_id = :waiter_id AND session_id = :session_id',
  prune: oldest('presence_waiters', `expires_at < ${A_DAY_AGO}`, 'expires_at'),
}
