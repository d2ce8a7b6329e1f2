import type { Claim } from './claim.ts'
import { SESSION_ID_LENGTH_MAX } from './limits.ts'
import type { Session } from './session.ts'
import { cutTo, oneLine } from './text.ts'

/**
 * The kinds of event in the history of claims.
 *
 * | event | meaning |
 * | --- | --- |
 * | `claim` | a session claimed a label that no other session held |
 * | `co-claim` | a session claimed a label that others held |
 * | `release` | a session released a claim |
 * | `expiry` | a claim ended that nobody released |
 * | `steal` | a session took an exclusive claim from another |
 * | `resolve` | a session resolved lapsed claims |
 * | `paused` | the guard refused a command, because its agent had not been told yet who else is there |
 * | `proceeded` | the command ran, after its agent was told of them |
 * | `refused` | the guard refused a command. On the label `infra:presence-server`: a server refused a token that tried to act as another session |
 */
export const EVENTS = [
  'claim',
  'co-claim',
  'release',
  'expiry',
  'steal',
  'resolve',
  'paused',
  'proceeded',
  'refused',
] as const
/** The kind of an event: one of {@link EVENTS}. */
export type EventName = (typeof EVENTS)[number]

/** One event in the life of a claim. */
export interface HistoryEvent {
  /** What happened. */
  readonly event: EventName
  /** The database's time of the event. */
  readonly at: Date
  /** The label that it happened on. */
  readonly label: string
  /** The session that caused the event. For an expiry: the session whose claim expired. */
  readonly session: Session
  /** The purpose of the claim. */
  readonly purpose: string
  /** The fencing token of an exclusive claim. */
  readonly token: number | undefined
  /**
   * Other sessions that the event concerns: those already on the label, the victim of a steal, those whose
   * lapsed claims were resolved, or the session that a refused token tried to act as.
   */
  readonly others: readonly string[]
  /** The reason, if one was given. */
  readonly note: string | undefined
  /** Set if the event is about a claim that the guard made. */
  readonly auto?: true
}

/** The label of a server's own `refused` events, because every event needs a label. */
export const SERVER_LABEL = 'infra:presence-server'

/** What the guard decided on a command. */
export type Decision = 'paused' | 'proceeded' | 'refused'

/** The decision that an event is about. Undefined for an event of a claim, and for a token that a server refused. */
export function decisionIn(event: EventName, label: string): Decision | undefined {
  if (event === 'paused' || event === 'proceeded') return event
  return event === 'refused' && label !== SERVER_LABEL ? event : undefined
}

/**
 * A refused request: its token may not act as its session. Token and session are arbitrary text, so they are
 * cut to the length of their column.
 */
export interface RefusedSession {
  readonly token: string
  readonly sessionId: string
  /** The request. */
  readonly what: string
}

export function refusedEvent({ token, sessionId, what }: RefusedSession, at: Date): HistoryEvent {
  const id = cutTo(oneLine(`token:${token}`), SESSION_ID_LENGTH_MAX)
  return {
    event: 'refused',
    at,
    label: SERVER_LABEL,
    session: { id, user: 'unknown', host: 'unknown', agent: 'http' },
    purpose: 'used with a session id that it does not allow',
    token: undefined,
    others: [cutTo(oneLine(sessionId), SESSION_ID_LENGTH_MAX)],
    note: what,
  }
}

/** How many other sessions are kept with an event: enough to see that the label was crowded. */
const OTHERS_MAX = 20

/** The event of a new claim. If others hold the label, it is a co-claim. */
function claimEvent(claim: Claim, others: readonly Claim[]): HistoryEvent {
  const event = others.length === 0 ? 'claim' : 'co-claim'
  return eventOf(event, claim, claim.claimedAt, { others: others.map(({ session }) => session.id) })
}

/**
 * The events of a new claim. If it replaced a lapsed claim of its session, that claim's expiry is among them.
 */
export function eventsOfClaim({
  claim,
  others,
}: {
  readonly claim: Claim
  readonly others: readonly Claim[]
}): readonly HistoryEvent[] {
  const before = claim.lapsedAt ? [expiryEvent(claim, claim.lapsedAt)] : []
  return [...before, claimEvent(claim, others)]
}

/** The events of a new exclusive claim. */
export function eventsOfAcquisition({
  claim,
  others,
  ended,
  isNew,
}: {
  readonly claim: Claim
  readonly others: readonly Claim[]
  readonly ended: readonly Claim[]
  readonly isNew: boolean
}): readonly HistoryEvent[] {
  const before = ended.filter(each => !each.ended).map(each => expiryEvent(each))
  return isNew ? [...before, claimEvent(claim, others)] : before
}

/**
 * The events of a release. Earlier claims that had lapsed are cleared with it, so their expiries are among
 * them.
 */
export function eventsOfRelease({
  released,
  lapsed,
  asOf,
}: {
  readonly released: readonly Claim[]
  readonly lapsed: readonly Claim[]
  readonly asOf: Date
}): readonly HistoryEvent[] {
  return [
    ...lapsed.filter(({ ended }) => !ended).map(claim => expiryEvent(claim)),
    ...released.map(claim => releaseEvent(claim, asOf)),
  ]
}

export function releaseEvent(claim: Claim, at: Date): HistoryEvent {
  return eventOf('release', claim, at)
}

/** @param at when it expired, if the claim itself no longer shows it */
function expiryEvent(claim: Claim, at = claim.expiresAt): HistoryEvent {
  return eventOf('expiry', claim, at)
}

function eventOf(
  event: EventName,
  { label, session, purpose, token, automatic }: Claim,
  at: Date,
  { others = [], note }: { readonly others?: readonly string[]; readonly note?: string } = {},
): HistoryEvent {
  const auto = automatic ? { auto: true as const } : {}
  return { event, at, label, session, purpose, token, others: others.slice(0, OTHERS_MAX), note, ...auto }
}

/** A decision of the guard on one label. */
export function guardEvent(
  event: Decision,
  command: Pick<HistoryEvent, 'at' | 'label' | 'session' | 'purpose'>,
  others: readonly Claim[],
  note: string,
): HistoryEvent {
  const ids = [...new Set(others.map(({ session }) => session.id))].slice(0, OTHERS_MAX)
  return { event, ...command, token: undefined, others: ids, note }
}
