import { A_DAY_AGO, AT_SCHEMA, after, FROM_BOARD, NOW, statement, THEN } from './terms.ts'

/**
 * A row is written only on a board of this code's schema: 0 affected rows means another schema, and nothing written.
 * SELECT rather than VALUES carries that condition; Dolt then has no VALUES() in the update, hence the repeated values.
 * `expires_at` is assigned last, since MySQL assigns from left to right.
 */
const put = (said: string) => `
  INSERT INTO presence_claims
    (session_id, resource_label, purpose, claimed_at, expires_at, host, user, agent_name, ttl_seconds, repo, branch, worktree)
  SELECT :session_id, :resource_label, :purpose, ${said}, ${after(':ttl_seconds', said)}, :host, :user, :agent_name, :ttl_seconds,
    :repo, :branch, :worktree
  ${FROM_BOARD}
  ON DUPLICATE KEY UPDATE
    purpose = :purpose, host = :host, user = :user, agent_name = :agent_name, ttl_seconds = :ttl_seconds,
    repo = :repo, branch = :branch, worktree = :worktree,
    lapsed_at = IF(presence_claims.expires_at > ${said}, presence_claims.lapsed_at, presence_claims.expires_at),
    claimed_at = IF(presence_claims.expires_at > ${said}, presence_claims.claimed_at, ${said}),
    expires_at = GREATEST(presence_claims.expires_at, ${after(':ttl_seconds', said)})`

const extend = (said: string) => `
  UPDATE presence_claims SET expires_at = GREATEST(expires_at, ${after('ttl_seconds', said)})
  WHERE session_id = :session_id AND expires_at > ${said} AND ${AT_SCHEMA}`

const REMOVE = `DELETE FROM presence_claims WHERE session_id = :session_id AND ${AT_SCHEMA}`

const released = `session_id = :session_id AND claimed_at <= ${THEN} AND ${AT_SCHEMA}`
const onLabel = 'AND resource_label = :resource_label'

export const claimsSql = {
  put: statement(put(NOW)),
  extend: statement(extend(NOW)),
  removeAll: statement(REMOVE),
  remove: statement(`${REMOVE} ${onLabel}`),
  undo: [
    statement(
      `UPDATE presence_claims SET claimed_at = LEAST(claimed_at, lapsed_at), expires_at = lapsed_at, lapsed_at = NULL
       WHERE session_id = :session_id ${onLabel} AND lapsed_at IS NOT NULL AND ${AT_SCHEMA}`,
    ),
    statement(`${REMOVE} ${onLabel} AND lapsed_at IS NULL AND expires_at > ${NOW}`),
  ],
  forgetLapses: statement(
    `UPDATE presence_claims SET lapsed_at = NULL
     WHERE session_id = :session_id AND expires_at > ${NOW} AND ${AT_SCHEMA}`,
  ),
  /** What went is an event before it goes. */
  pruneEvents: statement(
    `INSERT IGNORE INTO presence_events
       (resource_label, at, session_id, event, host, user, agent_name, purpose)
     SELECT resource_label, expires_at, session_id, 'expiry', host, user, agent_name, purpose
     FROM presence_claims WHERE expires_at < ${A_DAY_AGO} AND ${AT_SCHEMA} ORDER BY expires_at LIMIT :rows`,
  ),
  prune: statement(
    `DELETE FROM presence_claims WHERE expires_at < ${A_DAY_AGO} AND ${AT_SCHEMA} ORDER BY expires_at LIMIT :rows`,
  ),
}

const RELEASE_EVENTS = `
  INSERT IGNORE INTO presence_events (resource_label, at, session_id, event, host, user, agent_name, purpose)
  SELECT resource_label, ${THEN}, session_id, 'release', host, user, agent_name, purpose
  FROM presence_claims WHERE ${released} AND expires_at > ${THEN}`

/** What was said before: of what was released then, claims made since are left alone. With what it leaves in the history. */
export const replaySql = {
  claim: [
    statement(put(THEN)),
    statement(
      `INSERT IGNORE INTO presence_events (resource_label, at, session_id, event, host, user, agent_name, purpose)
       SELECT :resource_label, ${THEN}, :session_id, 'claim', :host, :user, :agent_name, :purpose ${FROM_BOARD}`,
    ),
  ],
  heartbeat: [statement(extend(THEN))],
  release: [
    statement(`${RELEASE_EVENTS} ${onLabel}`),
    statement(`DELETE FROM presence_claims WHERE ${released} ${onLabel}`),
  ],
  releaseAll: [statement(RELEASE_EVENTS), statement(`DELETE FROM presence_claims WHERE ${released}`)],
}

/** Queued operations that were done. */
export const replaysSql = {
  /** 0 affected rows say that it was done before, or that the schema is another one. */
  note: statement(
    `INSERT IGNORE INTO presence_replays (operation_id, replayed_at) SELECT :operation_id, ${NOW} ${FROM_BOARD}`,
  ),
  prune: statement(`DELETE FROM presence_replays WHERE replayed_at < ${A_DAY_AGO} AND ${AT_SCHEMA}`),
}
