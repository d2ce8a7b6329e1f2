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
import { A_DAY_AGO, NOW, oldest, THEN } from './terms.ts'

const KEYS = `IFNULL(write_keys, '${ANY_WRITE}')`

/** A live claim's keys plus this write's key, once only, because a statement may be sent twice. */
const KEYS_WITH_MINE = `
  CASE WHEN instr(${KEYS}, excluded.write_keys) > 0 THEN write_keys
    WHEN length(${KEYS}) > ${WRITE_KEYS_LENGTH_MAX} THEN '${ANY_WRITE}' || excluded.write_keys
    ELSE ${KEYS} || excluded.write_keys END`

/** In an upsert, a bare column is the existing row's, and `excluded` is the new row. */
const put = (said: string) => `
  INSERT INTO presence_claims
    (session_id, resource_label, purpose, claimed_at, expires_at, host, user, agent_name, ttl_seconds, repo, branch, worktree,
     write_keys)
  VALUES (:session_id, :resource_label, :purpose, ${said}, ${said} + :ttl_seconds * 1000, :host, :user, :agent_name, :ttl_seconds,
    :repo, :branch, :worktree, :write_key)
  ON CONFLICT (session_id, resource_label) DO UPDATE SET
    purpose = excluded.purpose, host = excluded.host, user = excluded.user,
    agent_name = excluded.agent_name,
    ttl_seconds = IIF(expires_at > excluded.claimed_at, MAX(ttl_seconds, excluded.ttl_seconds), excluded.ttl_seconds),
    repo = excluded.repo, branch = excluded.branch, worktree = excluded.worktree,
    write_keys = IIF(expires_at > excluded.claimed_at, ${KEYS_WITH_MINE}, excluded.write_keys),
    lapsed_at = IIF(expires_at > excluded.claimed_at, lapsed_at, IIF(${NOT_QUIET}, expires_at, NULL)),
    automatic = 0, hold_until = NULL, outcome = NULL, exit_status = NULL, failed_command = NULL,
    claimed_at = IIF(expires_at > excluded.claimed_at, claimed_at, excluded.claimed_at),
    expires_at = MAX(expires_at, excluded.expires_at)`

/** A live claim keeps everything but its keys. A lapsed one also keeps what `undo` could not restore. */
const putAutomatic = (labels: readonly string[]) => `
  INSERT INTO presence_claims
    (session_id, resource_label, purpose, claimed_at, expires_at, host, user, agent_name, ttl_seconds, repo, branch, worktree,
     write_keys, automatic, hold_until)
  VALUES ${labels
    .map(
      label => `(:session_id, :${label}, :purpose, ${NOW}, ${NOW} + :live_seconds * 1000, :host, :user, :agent_name,
        :ttl_seconds, :repo, :branch, :worktree, :write_key, 1, ${NOW} + :hold_seconds * 1000)`,
    )
    .join(', ')}
  ON CONFLICT (session_id, resource_label) DO UPDATE SET
    write_keys = CASE WHEN expires_at <= excluded.claimed_at THEN excluded.write_keys
      WHEN automatic > 0 THEN ${KEYS_WITH_MINE} ELSE write_keys END,
    lapsed_at = IIF(expires_at > excluded.claimed_at, lapsed_at, expires_at),
    claimed_at = IIF(expires_at > excluded.claimed_at, claimed_at, excluded.claimed_at),
    automatic = IIF(expires_at > excluded.claimed_at OR automatic > 0, automatic, ${UNDECIDED}),
    expires_at = IIF(expires_at > excluded.claimed_at, expires_at, excluded.expires_at)`

const extend = (said: string) => `
  UPDATE presence_claims SET expires_at =
    MAX(expires_at, CASE WHEN hold_until < ${said} + ttl_seconds * 1000 THEN hold_until ELSE ${said} + ttl_seconds * 1000 END)
  WHERE session_id = :session_id AND expires_at > ${said}`

const REMOVE = 'DELETE FROM presence_claims WHERE session_id = :session_id'
const onLabel = 'AND resource_label = :resource_label'

const WITHOUT_MINE = `write_keys = replace(write_keys, :write_key, '')
  WHERE session_id = :session_id ${onLabel} AND instr(write_keys, :write_key) > 0`
const IS_LATEST = 'substr(write_keys, -length(:write_key)) = :write_key'

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
      purpose = IIF(${IS_LATEST}, :purpose, purpose), ttl_seconds = IIF(${IS_LATEST}, :ttl_seconds, ttl_seconds),
      ${WITHOUT_MINE}`,
  lapseAgain: `
    UPDATE presence_claims
    SET claimed_at = MIN(claimed_at, lapsed_at), expires_at = lapsed_at, lapsed_at = NULL, write_keys = NULL,
      automatic = IIF(automatic = ${UNDECIDED}, 0, automatic)
    WHERE session_id = :session_id ${onLabel} AND write_keys = '' AND lapsed_at IS NOT NULL`,
  removeUnclaimed: `${REMOVE} ${onLabel} AND write_keys = ''`,
  forgetLapses: `
    UPDATE presence_claims SET lapsed_at = NULL WHERE session_id = :session_id AND expires_at > ${NOW}`,
  pruneEvents: `
    INSERT OR IGNORE INTO presence_events
      (resource_label, at, session_id, event, host, user, agent_name, purpose, detail)
    SELECT resource_label, expires_at, session_id, ${END_EVENT}, host, user, agent_name, purpose, ${CLAIM_DETAIL}
    FROM presence_claims WHERE expires_at < ${A_DAY_AGO} ORDER BY expires_at LIMIT :rows`,
  prune: oldest('presence_claims', `expires_at < ${A_DAY_AGO}`, 'expires_at'),
}

const RELEASED = `session_id = :session_id AND claimed_at <= ${THEN}`

const RELEASE_EVENTS = `
  INSERT OR IGNORE INTO presence_events (resource_label, at, session_id, event, host, user, agent_name, purpose)
  SELECT resource_label, ${THEN}, session_id, 'release', host, user, agent_name, purpose
  FROM presence_claims WHERE ${RELEASED} AND expires_at > ${THEN}`

export const outboxSql: OutboxStatements = {
  note: `INSERT OR IGNORE INTO presence_replays (${CALL_COLUMNS}) VALUES (${callValues(NOW)})`,
  noted: `SELECT ${CALL_COLUMNS} FROM presence_replays WHERE operation_id = :operation_id`,
  apply: {
    claim: [
      put(THEN),
      `INSERT OR IGNORE INTO presence_events (resource_label, at, session_id, event, host, user, agent_name, purpose)
       VALUES (:resource_label, ${THEN}, :session_id, 'claim', :host, :user, :agent_name, :purpose)`,
    ],
    heartbeat: [extend(THEN)],
    release: [
      `${RELEASE_EVENTS} ${onLabel}`,
      `DELETE FROM presence_claims WHERE ${RELEASED} ${onLabel}`,
      ...freeThen(onLabel),
    ],
    releaseWrite: [
      claimsSql.takeBack,
      `${RELEASE_EVENTS} ${onLabel} AND write_keys = ''`,
      claimsSql.removeUnclaimed,
    ],
    releaseAll: [RELEASE_EVENTS, `DELETE FROM presence_claims WHERE ${RELEASED}`, ...freeThen()],
  },
  prune: oldest(
    'presence_replays',
    `replayed_at < ${NOW} - ${KEYED_KEPT_SECONDS * 1_000}
     AND (call_name IS NOT NULL OR replayed_at < ${NOW} - ${ENTRIES_KEPT_SECONDS * 1_000})`,
    'replayed_at',
  ),
}
