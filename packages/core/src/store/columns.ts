import { decisionIn, type HistoryEvent } from '../domain/history.ts'
import { type Said, writeKeyOf } from '../domain/operation.ts'
import type { Session } from '../domain/session.ts'
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

/** The columns that only automatic claims use, as in every read of claims. */
export const AUTOMATIC_COLUMNS = [
  'automatic',
  'outcome',
  'exit_status',
  'failed_command',
] as const satisfies readonly (keyof ClaimRow)[]

/**
 * The value of `automatic` for a claim that was made by hand and had lapsed, until the guard has decided on the command
 * that it was written for.
 */
export const UNDECIDED = 2

/** True for a claim that doesn't end quietly: a successful command's automatic claim ends without having lapsed. */
export const NOT_QUIET = `(outcome IS NULL OR outcome = 'failed')`

/** The event of a claim's end that nobody reported. */
export const END_EVENT = `CASE WHEN ${NOT_QUIET} THEN 'expiry' ELSE 'release' END`

/** The detail of the events of a row of claims. */
export const CLAIM_DETAIL = `CASE WHEN automatic > 0 THEN 'auto' END`

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
  'detail',
] as const satisfies readonly (keyof EventRow)[]

/** An event's values by column. The store sets its time. */
export function columnsOfEvent({ event, label, session, purpose, token, others, note, auto }: HistoryEvent) {
  const isDecision = decisionIn(event, label) !== undefined
  return {
    resource_label: label,
    session_id: session.id,
    // Clients that don't know the guard pass over an event of this name.
    event: isDecision ? 'refused' : event,
    detail: isDecision ? event : auto ? 'auto' : null,
    host: session.host,
    user: session.user,
    agent_name: session.agent,
    purpose,
    token: token ?? null,
    others: others.length === 0 ? null : JSON.stringify(others),
    note: note ?? null,
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
