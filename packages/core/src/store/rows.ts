import { type Automatic, type Claim, type Ended, momentOf } from '../domain/claim.ts'
import { decisionIn, EVENTS, type EventName, type HistoryEvent } from '../domain/history.ts'
import type { Lock } from '../domain/lock.ts'
import type { RegisteredSession, SessionState } from '../domain/seen.ts'
import type { Place, Session } from '../domain/session.ts'
import type { LOCK_COLUMNS } from './columns.ts'
import type { ClaimRow, EventRow, LockRow, SessionRow } from './tables/claims.ts'

/**
 * A row as any store returns it: times as dates or in milliseconds. Other clients may have written anything.
 * `token` is set for an exclusive claim, whose `lapsed_at` holds its `active_at`. `ended` and the columns
 * after it tell how a claim ended that its session did not release.
 */
export type AnyRow = Any<ClaimRow> & {
  readonly token?: number | string | null
  readonly ended?: string | null
  readonly ended_at?: Date | number | null
  readonly ended_by?: string | null
  readonly note?: string | null
}
export type AnySessionRow = Any<SessionRow>
type Any<Row> = { readonly [Column in keyof Row]: Row[Column] | number | null }

export function toClaim(row: AnyRow): Claim {
  const isExclusive = row.token !== null && row.token !== undefined
  const lapsedAt = row.lapsed_at === null ? undefined : momentOf(row.lapsed_at)
  return {
    label: String(row.resource_label),
    session: toSession(row),
    purpose: String(row.purpose),
    claimedAt: momentOf(row.claimed_at ?? 0),
    expiresAt: momentOf(row.expires_at ?? 0),
    ttlSeconds: Number(row.ttl_seconds),
    lapsedAt: isExclusive ? undefined : lapsedAt,
    token: isExclusive ? Number(row.token) : undefined,
    ...(isExclusive && lapsedAt ? { activeAt: lapsedAt } : {}),
    ...(row.ended ? { ended: toEnded(row) } : {}),
    ...(Number(row.automatic ?? 0) > 0 ? { automatic: toAutomatic(row) } : {}),
  }
}

function toAutomatic({ purpose, outcome, exit_status, failed_command }: AnyRow): Automatic {
  const how = OUTCOMES.find(each => each === outcome)
  return {
    command: String(how === 'failed' && failed_command !== null ? failed_command : purpose),
    outcome: how,
    // While another command is running, the status of one that failed waits for the claim to be settled.
    exitStatus: how === undefined || exit_status == null ? undefined : Number(exit_status),
  }
}

const OUTCOMES = ['succeeded', 'failed', 'ended'] as const

function toEnded({ ended, ended_at, ended_by, note }: AnyRow): Ended {
  return {
    how: ended === 'stolen' || ended === 'resolved' ? ended : 'expired',
    at: momentOf(ended_at ?? 0),
    by: ended_by ?? undefined,
    note: note ?? undefined,
  }
}

/** A lock's row as any store returns it, with how many waiters are ahead in the wait queue. */
export type AnyLockRow = Any<Pick<LockRow, (typeof LOCK_COLUMNS)[number]>> & {
  readonly ahead: number | string
}

export function toLock(row: AnyLockRow, asOf: Date): Lock {
  const held = row.session_id === null ? undefined : { ...row, purpose: row.purpose ?? '' }
  return {
    token: Number(row.token),
    writeKey: String(row.nonce),
    overShared: Number(row.over_shared) === 1,
    tentative: held !== undefined && Number(row.tentative) === 1,
    claim: held && toClaim({ ...(held as unknown as AnyRow), lapsed_at: row.active_at }),
    ahead: Number(row.ahead),
    asOf,
  }
}

/** An event's row as any store returns it. */
export type AnyEventRow = { readonly [Column in keyof EventRow]: EventRow[Column] | number | null }

export function toEvent(row: AnyEventRow): HistoryEvent {
  return {
    event: eventOf(row),
    at: momentOf(row.at ?? 0),
    label: String(row.resource_label),
    session: toSession({ ...row, repo: null, branch: null, worktree: null } as Who),
    purpose: String(row.purpose),
    token: row.token === null ? undefined : Number(row.token),
    others: othersOf(row.others),
    note: row.note === null ? undefined : String(row.note),
    ...(row.detail === 'auto' ? { auto: true as const } : {}),
  }
}

function eventOf({ event, detail, resource_label }: AnyEventRow): EventName {
  const decision = EVENTS.find(each => each === detail)
  if (event === 'refused' && decision) return decisionIn(decision, String(resource_label)) ?? 'refused'
  return EVENTS.find(each => each === event) ?? 'claim'
}

/** Another client may have written anything here. */
function othersOf(text: unknown): readonly string[] {
  if (typeof text !== 'string') return []
  try {
    const others: unknown = JSON.parse(text)
    return Array.isArray(others) ? others.map(String) : []
  } catch {
    return [text]
  }
}

export function toRegistered(row: AnySessionRow): RegisteredSession {
  return {
    session: toSession(row),
    startedAt: momentOf(row.started_at ?? 0),
    lastHeartbeat: momentOf(row.last_heartbeat ?? 0),
    endedAt: row.ended_at === null ? undefined : momentOf(row.ended_at),
  }
}

type Who = Pick<AnyRow, 'session_id' | 'user' | 'host' | 'agent_name' | 'repo' | 'branch' | 'worktree'> & {
  readonly role?: string | number | null
}

function toSession(row: Who): Session {
  const place: Place = {
    ...(row.repo === null ? {} : { repo: String(row.repo) }),
    ...(row.branch === null ? {} : { branch: String(row.branch) }),
    ...(row.worktree === null ? {} : { worktree: String(row.worktree) }),
    ...(row.role === null || row.role === undefined ? {} : { role: String(row.role) }),
  }
  return {
    id: String(row.session_id),
    user: String(row.user),
    host: String(row.host),
    agent: String(row.agent_name ?? ''),
    ...(Object.keys(place).length === 0 ? {} : { place }),
  }
}

/**
 * How many sessions are `there` (not ended and seen within a day, or with a live claim), how many of these
 * are live, and how many sessions are `gone`.
 */
export interface SessionCounts {
  readonly there: number
  readonly live: number
  readonly gone: number
}

/** @param row the counts; a driver may return them as text */
export function statesOf(row: SessionCounts | undefined): Readonly<Record<SessionState, number>> {
  const [there, live, gone] = [row?.there, row?.live, row?.gone].map(Number)
  if (there === undefined || live === undefined || gone === undefined) throw new TypeError('no counts')
  return { live, stale: there - live, inactive: gone }
}
