import { A_DAY_AGO, NOW, THEN } from './terms.ts'

/** In an upsert, a bare column is the row as it stands and `excluded` the one that comes. */
const put = (said: string) => `
  INSERT INTO presence_claims
    (session_id, resource_label, purpose, claimed_at, expires_at, host, user, agent_name, ttl_seconds, repo, branch, worktree)
  VALUES (:session_id, :resource_label, :purpose, ${said}, ${said} + :ttl_seconds * 1000, :host, :user, :agent_name, :ttl_seconds,
    :repo, :branch, :worktree)
  ON CONFLICT (session_id, resource_label) DO UPDATE SET
    purpose = excluded.purpose, host = excluded.host, user = excluded.user,
    agent_name = excluded.agent_name, ttl_seconds = excluded.ttl_seconds,
    repo = excluded.repo, branch = excluded.branch, worktree = excluded.worktree,
    lapsed_at = IIF(expires_at > excluded.claimed_at, lapsed_at, expires_at),
    claimed_at = IIF(expires_at > excluded.claimed_at, claimed_at, excluded.claimed_at),
    expires_at = MAX(expires_at, excluded.expires_at)`

const extend = (said: string) => `
  UPDATE presence_claims SET expires_at = MAX(expires_at, ${said} + ttl_seconds * 1000)
  WHERE session_id = :session_id AND expires_at > ${said}`

export const PUT = put(NOW)
export const EXTEND = extend(NOW)

/** Notes a queued operation as done; no change says that it was done before. */
export const NOTE_REPLAY = `INSERT OR IGNORE INTO presence_replays (operation_id, replayed_at) VALUES (:operation_id, ${NOW})`

const RELEASED = `session_id = :session_id AND claimed_at <= ${THEN}
  AND (:resource_label IS NULL OR resource_label = :resource_label)`

/** What was said before: of what was released then, claims made since are left alone. With what it leaves in the history. */
export const REPLAY = {
  claim: [
    put(THEN),
    `INSERT OR IGNORE INTO presence_events (resource_label, at, session_id, event, host, user, agent_name, purpose)
     VALUES (:resource_label, ${THEN}, :session_id, 'claim', :host, :user, :agent_name, :purpose)`,
  ],
  heartbeat: [extend(THEN)],
  release: [
    `INSERT OR IGNORE INTO presence_events (resource_label, at, session_id, event, host, user, agent_name, purpose)
     SELECT resource_label, ${THEN}, session_id, 'release', host, user, agent_name, purpose
     FROM presence_claims WHERE ${RELEASED} AND expires_at > ${THEN}`,
    `DELETE FROM presence_claims WHERE ${RELEASED}`,
  ],
}

export const FORGET_LAPSES = `
  UPDATE presence_claims SET lapsed_at = NULL WHERE session_id = :session_id AND expires_at > ${NOW}`

export const UNDO = [
  `UPDATE presence_claims SET claimed_at = MIN(claimed_at, lapsed_at), expires_at = lapsed_at, lapsed_at = NULL
   WHERE session_id = :session_id AND resource_label = :resource_label AND lapsed_at IS NOT NULL`,
  `DELETE FROM presence_claims
   WHERE session_id = :session_id AND resource_label = :resource_label AND lapsed_at IS NULL AND expires_at > ${NOW}`,
]

/** All of the session's claims, or the one on a label that is given. */
export const REMOVE = `
  DELETE FROM presence_claims
  WHERE session_id = :session_id AND (:resource_label IS NULL OR resource_label = :resource_label)`

export const oldest = (table: string, where: string, order: string) =>
  `DELETE FROM ${table} WHERE rowid IN (SELECT rowid FROM ${table} WHERE ${where} ORDER BY ${order} LIMIT :rows)`

/** What went is an event before it goes. */
export const PRUNE_EVENTS = `
  INSERT OR IGNORE INTO presence_events (resource_label, at, session_id, event, host, user, agent_name, purpose)
  SELECT resource_label, expires_at, session_id, 'expiry', host, user, agent_name, purpose
  FROM presence_claims WHERE expires_at < ${A_DAY_AGO} ORDER BY expires_at LIMIT :rows`
export const PRUNE = oldest('presence_claims', `expires_at < ${A_DAY_AGO}`, 'expires_at')
export const FORGET_REPLAYS = oldest('presence_replays', `replayed_at < ${A_DAY_AGO}`, 'replayed_at')
