import { BACKGROUND_SECONDS, SETTLED_SECONDS } from '../../domain/limits.ts'
import { NOT_QUIET } from '../columns.ts'
import type { Terms } from '../coordination/terms.ts'

/** The columns of a tally besides `kind` and `day`. */
export const TALLIES = [
  'changed',
  'by_hand',
  'automatic',
  'met',
  'paused',
  'passed_pauses',
  'went_on',
  'refused',
  'reported',
] as const

const COUNTED: Readonly<Record<(typeof TALLIES)[number], string>> = {
  changed: `decision = 'through'`,
  by_hand: `decision = 'through' AND covered_by = 'by-hand'`,
  automatic: `decision = 'through' AND covered_by = 'auto'`,
  // A pause that was passed later is counted with the command that passed it.
  met: 'collided = 1 AND passed = 0',
  paused: `reason = 'paused'`,
  passed_pauses: `reason = 'paused' AND passed = 1`,
  went_on: 'proceeded = 1',
  refused: `reason IN ('denied', 'required', 'exclusive')`,
  reported: 'wrong = 1',
}

const OF_CALL = 'session_id = :session_id AND call_id = :call_id'
const IS_RUNNING = `state IN ('running', 'background')`

/** The statements of `Commands` that are the same in both dialects. */
export function commandSql({ now, after, ago, greatest, least, header, atSchema, day }: Terms) {
  const onLabels = (labels: string) =>
    `session_id = :session_id AND resource_label IN (${labels}) AND ${atSchema}`
  /** The automatic claims of a command, unless they have lapsed and were made again since it began. */
  const ofCommand = (labels: string) => `${onLabels(labels)} AND automatic > 0 AND claimed_at <= :began_at`
  /**
   * A claim ends soon after its command succeeded. After a failure it stands until its ttl is over, so that it lapses.
   */
  const settledEnd = `CASE WHEN expires_at <= ${now} THEN expires_at
    WHEN failed_command IS NULL THEN ${after(SETTLED_SECONDS)}
    ELSE ${least}(expires_at, ${after('ttl_seconds')}) END`
  return {
    /**
     * Also for a lapsed claim that `put` made live again. Not if the session has claimed the label by hand in the
     * meantime: the claim then has further keys. `expires_at` and `outcome` come after the columns that depend on
     * them, because MySQL assigns from left to right.
     */
    begin: (labels: string) => `
      UPDATE presence_claims SET
        purpose = :purpose, host = :host, user = :user, agent_name = :agent_name, repo = :repo, branch = :branch,
        worktree = :worktree, automatic = 1,
        failed_command = CASE WHEN outcome IS NULL AND lapsed_at IS NULL THEN failed_command END,
        exit_status = CASE WHEN outcome IS NULL AND lapsed_at IS NULL THEN exit_status END,
        lapsed_at = CASE WHEN ${NOT_QUIET} THEN lapsed_at END,
        hold_until = CASE WHEN outcome IS NULL AND hold_until > ${after(':hold_seconds')} THEN hold_until
          ELSE ${after(':hold_seconds')} END,
        outcome = NULL,
        ttl_seconds = ${greatest}(ttl_seconds, :ttl_seconds),
        expires_at = ${greatest}(expires_at, ${after(':live_seconds')})
      WHERE ${onLabels(labels)} AND (automatic = 1 OR write_keys = :write_key)`,
    of: `SELECT event_id, resource_label, decision, reason, state, purpose, started_at, ${header}
      FROM presence_commands WHERE ${OF_CALL}`,
    hasClaimed: `SELECT 1 AS one, ${header} FROM presence_commands
      WHERE session_id = :session_id AND covered_by = 'auto' AND call_id <> :call_id LIMIT 1`,
    pass: (labels: string, seconds: number) => `
      UPDATE presence_commands SET passed = 1
      WHERE ${onLabels(labels)} AND reason = 'paused' AND passed = 0 AND started_at > ${ago(seconds)}`,
    end: `UPDATE presence_commands SET state = :outcome, ended_at = ${now}, exit_status = :exit_status
      WHERE ${OF_CALL} AND ${IS_RUNNING} AND ${atSchema}`,
    /** Kept until the claim is settled, also if another command on the label succeeds later. */
    fail: (labels: string) => `
      UPDATE presence_claims SET failed_command = :purpose, exit_status = :exit_status
      WHERE ${ofCommand(labels)}`,
    /**
     * Leaves a claim alone on which another command is running, and one that a client without automatic claims has
     * made its own: its purpose is then no command's.
     */
    settle: (labels: string) => `
      UPDATE presence_claims SET
        hold_until = ${settledEnd},
        ttl_seconds = CASE WHEN failed_command IS NULL AND expires_at > ${now} THEN ${SETTLED_SECONDS} ELSE ttl_seconds END,
        expires_at = ${settledEnd},
        exit_status = CASE WHEN failed_command IS NULL THEN :exit_status ELSE exit_status END,
        outcome = CASE WHEN failed_command IS NULL THEN :outcome ELSE 'failed' END
      WHERE ${ofCommand(labels)}
        AND EXISTS (SELECT 1 FROM presence_commands AS made WHERE made.session_id = :session_id
          AND made.resource_label = presence_claims.resource_label AND made.purpose = presence_claims.purpose)
        AND NOT EXISTS (SELECT 1 FROM presence_commands AS other WHERE other.session_id = :session_id
          AND other.resource_label = presence_claims.resource_label
          AND other.state IN ('running', 'background') AND other.runs_until > ${now})`,
    detach: `UPDATE presence_commands SET state = 'background', runs_until = ${after(BACKGROUND_SECONDS)}
      WHERE ${OF_CALL} AND state = 'running' AND ${atSchema}`,
    hold: (labels: string) => `
      UPDATE presence_claims SET
        hold_until = CASE WHEN hold_until > ${after(BACKGROUND_SECONDS)} THEN hold_until ELSE ${after(BACKGROUND_SECONDS)} END,
        expires_at = ${greatest}(expires_at, ${after(BACKGROUND_SECONDS)})
      WHERE ${ofCommand(labels)} AND outcome IS NULL`,
    markWrong: `UPDATE presence_commands SET wrong = 1, note = COALESCE(:note, note)
      WHERE event_id = :event_id AND ${atSchema}`,
    tally: `SELECT tally.*, ${header} FROM (
      SELECT kind, ${day('started_at')} AS day,
        ${TALLIES.map(name => `SUM(CASE WHEN ${COUNTED[name]} THEN 1 ELSE 0 END) AS ${name}`).join(', ')}
      FROM presence_commands WHERE started_at >= :since GROUP BY kind, ${day('started_at')}) AS tally`,
  }
}
