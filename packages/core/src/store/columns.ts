import { type Claim, type Ended, momentOf } from '../domain/claim.ts'
import { EVENTS, type HistoryEvent } from '../domain/history.ts'
import type { Lock } from '../domain/lock.ts'
import { type Said, writeKeyOf } from '../domain/operation.ts'
import type { RegisteredSession, SessionState } from '../domain/seen.ts'
import type { Place, Session } from '../domain/session.ts'
import type { MakesWay, OwnClaim } from './port/locks.ts'
import type { Once } from './port/once.ts'
import type { Before } from './port/store.ts'
import type { ClaimRow, EventRow, LockRow, SessionRow } from './tables/claims.ts'

/** The claim table's columns, as in every dialect and in every read. */
export const CLAIM_COLUMNS = [
  'session_id',
  'resource_label',
  'purpose',
  'claimed_at',
  'expires_at',
  'host',
  'user',
  'agent_name',
  'ttl_seconds',
  'lapsed_at',
  'repo',
  'branch',
  'worktree',
] as const satisfies readonly (keyof ClaimRow)[]

/** The columns for a call that was made: an outbox entry, or a keyed call. */
export const CALL_COLUMNS = [
  'operation_id',
  'replayed_at',
  'attempt',
  'session_id',
  'call_name',
  'input_hash',
  'answer',
].join(', ')

/**
 * The values of `CALL_COLUMNS` in a statement. A keyed call may be recorded together with another session's
 * event.
 */
export const callValues = (now: string) =>
  `:operation_id, ${now}, :attempt, :key_session, :call_name, :input_hash, :answer`

/** @param attempt unique to this attempt */
export function columnsOfCall(id: string, attempt: string, once?: Once) {
  return {
    operation_id: id,
    attempt,
    key_session: once?.sessionId ?? null,
    call_name: once?.name ?? null,
    input_hash: once?.inputHash ?? null,
    answer: once?.answer ?? null,
  }
}

/** Stands for writes of a claim that have no key of their own; only a release takes them back. */
export const ANY_WRITE = '*'
/**
 * Above this length, the keys of a claim's earlier writes become `ANY_WRITE`. The column holds 512
 * characters.
 */
export const WRITE_KEYS_LENGTH_MAX = 400

/** A write key as stored in a list of keys: in brackets, so that no key is part of another. */
export function columnOfWriteKey(writeKey: string) {
  return { write_key: `(${writeKey})` }
}

/** One write of a claim, and the claim's values after it is taken back, by column. */
export function columnsOfWrite(
  sessionId: string,
  label: string,
  writeKey: string,
  before: Before | undefined,
) {
  return {
    session_id: sessionId,
    resource_label: label,
    ...columnOfWriteKey(writeKey),
    ...(before ? { purpose: before.purpose, ttl_seconds: before.ttlSeconds } : {}),
  }
}

/** A claim's values by column. The database sets its times. */
export function columnsOfOwn({ session, label, purpose, ttlSeconds }: OwnClaim) {
  return {
    ...columnsOfSession(session),
    resource_label: label,
    purpose,
    ttl_seconds: ttlSeconds,
  }
}

/** The columns for taking over another session's exclusive claim. */
export function columnsOfTakeOver(
  own: OwnClaim,
  { writeKey, overShared }: { readonly writeKey: string; readonly overShared: boolean },
  from: MakesWay,
) {
  const stolen = from.how === 'stolen'
  return {
    ...columnsOfOwn(own),
    write_key: writeKey,
    over_shared: Number(overShared),
    token: from.token,
    // A steal takes the label from any holder, so it is final at once: nothing has to be read first.
    tentative: stolen ? 0 : 1,
    stolen: stolen ? 1 : 0,
    stale: 0,
    event: stolen ? 'steal' : 'expiry',
    ended: from.how,
    ended_by: stolen ? own.session.id : null,
    note: stolen ? from.reason : null,
  }
}

/**
 * The columns for clearing an idle exclusive claim: as for a steal, but the label is free afterwards.
 */
export function columnsOfClearing(
  session: Session,
  { label, token, reason }: { readonly label: string; readonly token: number; readonly reason: string },
  writeKey: string,
) {
  const own = { session, label, purpose: reason, ttlSeconds: 0 }
  const from = { token, how: 'stolen', reason } as const
  return { ...columnsOfTakeOver(own, { writeKey, overShared: false }, from), stale: 1 }
}

/** A session and its place, by column. */
export function columnsOfSession({ id, host, user, agent, place = {} }: Session) {
  return {
    session_id: id,
    host,
    user,
    agent_name: agent,
    repo: place.repo ?? null,
    branch: place.branch ?? null,
    worktree: place.worktree ?? null,
    role: place.role ?? null,
  }
}

/** An outbox entry's values by column. */
export function columnsOfQueued(operation: Exclude<Said, { verb: 'message' | 'component' }>) {
  const { session } = operation
  const writeKey = columnOfWriteKey(writeKeyOf(operation))
  if (operation.verb === 'claim') return { ...columnsOfOwn(operation), ...writeKey }
  const label = operation.verb === 'release' ? operation.label : undefined
  return { session_id: session.id, ...writeKey, ...(label === undefined ? {} : { resource_label: label }) }
}

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
  }
}

function toEnded({ ended, ended_at, ended_by, note }: AnyRow): Ended {
  return {
    how: ended === 'stolen' || ended === 'resolved' ? ended : 'expired',
    at: momentOf(ended_at ?? 0),
    by: ended_by ?? undefined,
    note: note ?? undefined,
  }
}

/** The columns that claims, locks and ended claims have in common. */
export const COMMON_COLUMNS = CLAIM_COLUMNS.filter(column => column !== 'lapsed_at')

/** The columns that a lock's read selects, by name, so that a column added later changes nothing. */
export const LOCK_COLUMNS = [
  ...COMMON_COLUMNS,
  'token',
  'nonce',
  'over_shared',
  'active_at',
  'tentative',
] as const satisfies readonly (keyof LockRow)[]

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

export const EVENT_COLUMNS = [
  'resource_label',
  'at',
  'session_id',
  'event',
  'host',
  'user',
  'agent_name',
  'purpose',
  'token',
  'others',
  'note',
] as const satisfies readonly (keyof EventRow)[]

/** An event's values by column. The store sets its time. */
export function columnsOfEvent({ event, label, session, purpose, token, others, note }: HistoryEvent) {
  return {
    resource_label: label,
    session_id: session.id,
    event,
    host: session.host,
    user: session.user,
    agent_name: session.agent,
    purpose,
    token: token ?? null,
    others: others.length === 0 ? null : JSON.stringify(others),
    note: note ?? null,
  }
}

/** An event's row as any store returns it. */
export type AnyEventRow = { readonly [Column in keyof EventRow]: EventRow[Column] | number | null }

export function toEvent(row: AnyEventRow): HistoryEvent {
  return {
    event: EVENTS.find(event => event === row.event) ?? 'claim',
    at: momentOf(row.at ?? 0),
    label: String(row.resource_label),
    session: toSession({ ...row, repo: null, branch: null, worktree: null } as Who),
    purpose: String(row.purpose),
    token: row.token === null ? undefined : Number(row.token),
    others: othersOf(row.others),
    note: row.note === null ? undefined : String(row.note),
  }
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

/** The session table's columns, as in every read. */
export const SESSION_COLUMNS = [
  'session_id',
  'host',
  'user',
  'agent_name',
  'repo',
  'branch',
  'worktree',
  'started_at',
  'last_heartbeat',
  'ended_at',
  'role',
] as const satisfies readonly (keyof SessionRow)[]

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
