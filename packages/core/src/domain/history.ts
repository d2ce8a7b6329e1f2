import type { Claim } from './claim.ts'
import { SESSION_ID_LENGTH_MAX } from './limits.ts'
import type { Session } from './session.ts'
import { cutTo, oneLine } from './text.ts'

/**
 * What is kept of what became of claims. `expiry` is the end of one that nobody released; `refused` is about no claim: a server
 * refused that a token speaks as a session.
 */
export const EVENTS = ['claim', 'co-claim', 'release', 'expiry', 'steal', 'resolve', 'refused'] as const
export type EventName = (typeof EVENTS)[number]

/** One thing that became of a claim. */
export interface HistoryEvent {
  readonly event: EventName
  /** The database's time of it. */
  readonly at: Date
  readonly label: string
  /** Who did it; of an expiry, whose claim it was. */
  readonly session: Session
  /** What the claim was for. */
  readonly purpose: string
  /** Of an exclusive claim. */
  readonly token: number | undefined
  /** Sessions that it concerns too: who was there already, from whom it was stolen, whose lapsed claim was resolved, as whom one spoke. */
  readonly others: readonly string[]
  /** Why, where it says so. */
  readonly note: string | undefined
}

/** What `refused` stands under, for an event has a label. */
export const SERVER_LABEL = 'infra:presence-server'

/** A token that was refused a session. Both are anybody's words: as long as a column holds. */
export interface RefusedSession {
  readonly token: string
  readonly sessionId: string
  /** What was asked for. */
  readonly what: string
}

export function refusedEvent({ token, sessionId, what }: RefusedSession, at: Date): HistoryEvent {
  const id = cutTo(oneLine(`token:${token}`), SESSION_ID_LENGTH_MAX)
  return {
    event: 'refused',
    at,
    label: SERVER_LABEL,
    session: { id, user: 'unknown', host: 'unknown', agent: 'http' },
    purpose: 'spoke as a session that is not its own',
    token: undefined,
    others: [cutTo(oneLine(sessionId), SESSION_ID_LENGTH_MAX)],
    note: what,
  }
}

/** So many others are kept with an event: enough to see that it was crowded. */
const OTHERS_MAX = 20

/** A claim as an event. With others beside it, it is a co-claim. */
function claimEvent(claim: Claim, others: readonly Claim[]): HistoryEvent {
  const event = others.length === 0 ? 'claim' : 'co-claim'
  return eventOf(event, claim, claim.claimedAt, { others: others.map(({ session }) => session.id) })
}

/** What a claim that was just made leaves in the history: an earlier one of the session's that had expired, too. */
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

/** The same of an exclusive one. */
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

/** The same of a release: what had expired before it is cleared with it. */
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

/** @param at when it expired, where the claim itself no longer says so */
function expiryEvent(claim: Claim, at = claim.expiresAt): HistoryEvent {
  return eventOf('expiry', claim, at)
}

function eventOf(
  event: EventName,
  { label, session, purpose, token }: Claim,
  at: Date,
  { others = [], note }: { readonly others?: readonly string[]; readonly note?: string } = {},
): HistoryEvent {
  return { event, at, label, session, purpose, token, others: others.slice(0, OTHERS_MAX), note }
}
