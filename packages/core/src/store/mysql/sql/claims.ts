import { ENTRIES_KEPT_SECONDS, KEYED_KEPT_SECONDS } from '../../../domain/limits.ts'
import {
  ANY_WRITE,
  CALL_COLUMNS,
  CLAIM_DETAIL,
  callValues,
  END_EVENT,
  NOT_QUIET,
  UNDECIDED,
  WRITE_KEYS_LENGTH_MAX,
} from '../../columns.ts'
import type { ClaimStatements, OutboxStatements } from '../../sql/statements.ts'
import { freeThen } from './locks.ts'
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

const KEYS = `COALESCE(presence_claims.write_keys, '${ANY_WRITE}')`

/** A live claim's keys plus this write's key, once only, because a statement may be sent twice. */
const KEYS_WITH_MINE = `
  CASE WHEN INSTR(${KEYS}, :write_key) > 0 THEN presence_claims.write_keys
    WHEN CHAR_LENGTH(${KEYS}) > ${WRITE_KEYS_LENGTH_MAX} THEN CONCAT('${ANY_WRITE}', :write_key)
    ELSE CONCAT(${KEYS}, :write_key) END`

/**
 * Writes a row only on a board with this code's schema: 0 affected rows mean another schema, and nothing
 * written. That condition needs SELECT instead of VALUES; Dolt then lacks VALUES() in the update, so the
 * values are repeated. `expires_at` is assigned last, because MySQL assigns from left to right.
 */
const put = (said: string) => `
  INSERT INTO presence_claims
    (session_id, resource_label, purpose, claimed_at, expires_at, host, user, agent_name, ttl_seconds, repo, branch, worktree,
     write_keys)
  SELECT :session_id, :resource_label, :purpose, ${said}, ${after(':ttl_seconds', said)}, :host, :user, :agent_name, :ttl_seconds,
    :repo, :branch, :worktree, :write_key
  ${FROM_BOARD}
  ON DUPLICATE KEY UPDATE
    purpose = :purpose, host = :host, user = :user, agent_name = :agent_name,
    ttl_seconds = IF(presence_claims.expires_at > ${said}, GREATEST(presence_claims.ttl_seconds, :ttl_seconds), :ttl_seconds),
    repo = :repo, branch = :branch, worktree = :worktree,
    write_keys = IF(presence_claims.expires_at > ${said}, ${KEYS_WITH_MINE}, :write_key),
    lapsed_at = IF(presence_claims.expires_at > ${said}, presence_claims.lapsed_at, IF(${NOT_QUIET}, presence_claims.expires_at, NULL)),
    automatic = 0, hold_until = NULL, outcome = NULL, exit_status = NULL, failed_command = NULL,
    claimed_at = IF(presence_claims.expires_at > ${said}, presence_claims.claimed_at, ${said}),
    expires_at = GREATEST(presence_claims.expires_at, ${after(':ttl_seconds', said)})`

/** A live claim keeps everything but its keys. A lapsed one also keeps what `undo` could not restore. */
const putAutomatic = (labels: readonly string[]) => `
  INSERT INTO presence_claims
    (session_id, resource_label, purpose, claimed_at, expires_at, host, user, agent_name, ttl_seconds, repo, branch, worktree,
     write_keys, automatic, hold_until)
  ${labels
    .map(
      label => `SELECT :session_id, :${label}, :purpose, ${NOW}, ${after(':live_seconds')}, :host, :user, :agent_name,
        :ttl_seconds, :repo, :branch, :worktree, :write_key, 1, ${after(':hold_seconds')} ${FROM_BOARD}`,
    )
    .join(' UNION ALL ')}
  ON DUPLICATE KEY UPDATE
    write_keys = CASE WHEN presence_claims.expires_at <= ${NOW} THEN :write_key
      WHEN presence_claims.automatic > 0 THEN ${KEYS_WITH_MINE} ELSE presence_claims.write_keys END,
    lapsed_at = IF(presence_claims.expires_at > ${NOW}, presence_claims.lapsed_at, presence_claims.expires_at),
    claimed_at = IF(presence_claims.expires_at > ${NOW}, presence_claims.claimed_at, ${NOW}),
    automatic = IF(presence_claims.expires_at > ${NOW} OR presence_claims.automatic > 0, presence_claims.automatic, ${UNDECIDED}),
    expires_at = IF(presence_claims.expires_at > ${NOW}, presence_claims.expires_at, ${after(':live_seconds')})`

/** Not COALESCE, whose result is no time on Dolt. */
const extend = (said: string) => `
  UPDATE presence_claims SET expires_at = GREATEST(expires_at,
    CASE WHEN hold_until < ${after('ttl_seconds', said)} THEN hold_until ELSE ${after('ttl_seconds', said)} END)
  WHERE session_id = :session_id AND expires_at > ${said} AND ${AT_SCHEMA}`

const REMOVE = `${deleteFrom('presence_claims')} AND session_id = :session_id`

const released = `session_id = :session_id AND claimed_at <= ${THEN}`
const onLabel = 'AND resource_label = :resource_label'

const WITHOUT_MINE = `write_keys = REPLACE(write_keys, :write_key, '')
  WHERE session_id = :session_id ${onLabel} AND INSTR(write_keys, :write_key) > 0 AND ${AT_SCHEMA}`
const IS_LATEST = 'RIGHT(write_keys, CHAR_LENGTH(:write_key)) = :write_key'

export const claimsSql: ClaimStatements = {
  put: put(NOW),
  putAutomatic,
  extend: extend(NOW),
  removeAll: REMOVE,
  remove: `${REMOVE} ${onLabel}`,
  removeLapsed: `${REMOVE} ${onLabel} AND expires_at <= ${NOW}`,
  takeBack: `UPDATE presence_claims SET ${WITHOUT_MINE}`,
  restore: `
    UPDATE presence_claims SET
      purpose = IF(${IS_LATEST}, :purpose, purpose), ttl_seconds = IF(${IS_LATEST}, :ttl_seconds, ttl_seconds),
      ${WITHOUT_MINE}`,
  lapseAgain: `
    UPDATE presence_claims
    SET claimed_at = LEAST(claimed_at, lapsed_at), expires_at = lapsed_at, lapsed_at = NULL, write_keys = NULL,
      automatic = IF(automatic = ${UNDECIDED}, 0, automatic)
    WHERE session_id = :session_id ${onLabel} AND write_keys = '' AND lapsed_at IS NOT NULL AND ${AT_SCHEMA}`,
  removeUnclaimed: `${REMOVE} ${onLabel} AND write_keys = ''`,
  forgetLapses: `
    UPDATE presence_claims SET lapsed_at = NULL
    WHERE session_id = :session_id AND expires_at > ${NOW} AND ${AT_SCHEMA}`,
  pruneEvents: `
    INSERT IGNORE INTO presence_events
      (resource_label, at, session_id, event, host, user, agent_name, purpose, detail)
    SELECT resource_label, expires_at, session_id, ${END_EVENT}, host, user, agent_name, purpose, ${CLAIM_DETAIL}
    FROM presence_claims WHERE expires_at < ${A_DAY_AGO} AND ${AT_SCHEMA} ORDER BY expires_at LIMIT :rows`,
  prune: `DELETE FROM presence_claims WHERE expires_at < ${A_DAY_AGO} AND ${AT_SCHEMA} ORDER BY expires_at LIMIT :rows`,
}

const RELEASE_EVENTS = `
  INSERT IGNORE INTO presence_events (resource_label, at, session_id, event, host, user, agent_name, purpose)
  SELECT resource_label, ${THEN}, session_id, 'release', host, user, agent_name, purpose
  FROM presence_claims ${JOIN_BOARD} AND ${released} AND expires_at > ${THEN}`

export const outboxSql: OutboxStatements = {
  /** 0 affected rows mean that the entry was applied before, or that the schema is another one. */
  note: `
    INSERT IGNORE INTO presence_replays (${CALL_COLUMNS}) SELECT ${callValues(NOW)} ${FROM_BOARD}`,
  noted: `SELECT ${CALL_COLUMNS}, ${HEADER_COLUMNS} FROM presence_replays WHERE operation_id = :operation_id`,
  apply: {
    claim: [
      put(THEN),
      `INSERT IGNORE INTO presence_events (resource_label, at, session_id, event, host, user, agent_name, purpose)
       SELECT :resource_label, ${THEN}, :session_id, 'claim', :host, :user, :agent_name, :purpose ${FROM_BOARD}`,
    ],
    heartbeat: [extend(THEN)],
    release: [
      `${RELEASE_EVENTS} ${onLabel}`,
      `${deleteFrom('presence_claims')} AND ${released} ${onLabel}`,
      ...freeThen(onLabel),
    ],
    releaseWrite: [
      claimsSql.takeBack,
      `${RELEASE_EVENTS} ${onLabel} AND write_keys = ''`,
      claimsSql.removeUnclaimed,
    ],
    releaseAll: [RELEASE_EVENTS, `${deleteFrom('presence_claims')} AND ${released}`, ...freeThen()],
  },
  prune: `DELETE FROM presence_replays WHERE replayed_at < ${after(-KEYED_KEPT_SECONDS)}
     AND (call_name IS NOT NULL OR replayed_at < ${after(-ENTRIES_KEPT_SECONDS)}) AND ${AT_SCHEMA} LIMIT :rows`,
}
