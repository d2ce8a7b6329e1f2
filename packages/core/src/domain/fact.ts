import type { Claim } from './claim.ts'
import { type Decision, decisionIn, type HistoryEvent } from './history.ts'
import { TTL_SECONDS_DEFAULT } from './limits.ts'

/**
 * One thing that happened. Its key is the same whether it is reported by an event of the history or by a
 * comparison of two snapshots. A row is a place on the board for one claim at a time.
 */
export interface Fact {
  readonly key: string
  readonly row: string
  readonly at: Date
  /**
   * Set if only the effect was seen, not the event. An event that arrives later for this row, with a time
   * within this range, is the same fact.
   */
  readonly standsFor?: { readonly what: 'claimed' | 'ended'; readonly from: number; readonly to: number }
}

/** A fact as an event of the history reports it. */
export interface ToldFact extends Fact {
  readonly what: 'claimed' | 'released' | 'expired' | 'stolen' | 'resolved' | Decision
  /** The session whose claim it is. For a steal or a resolution it differs from the session of the event. */
  readonly whose: string
  readonly event: HistoryEvent
  /**
   * Set on the claim that a steal event implies for the thief. If the label was only cleared, there is no
   * such claim. So it is not reported before the claim itself or its end is seen.
   */
  readonly isMaybe?: true
}

/**
 * A shared claim's row belongs to its session on the label. An exclusive claim has a row of its own,
 * identified by its token.
 */
function rowOf(label: string, sessionId: string, token: number | undefined): string {
  return token === undefined ? `${label}\0${sessionId}` : `${label}\0\0${token}`
}

export function rowOfClaim({ label, session, token }: Claim): string {
  return rowOf(label, session.id, token)
}

const isExclusiveRow = (row: string) => row.includes('\0\0')

export function claimedKey(row: string, claimedAt: Date): string {
  return isExclusiveRow(row) ? `c\0${row}` : `c\0${row}\0${claimedAt.getTime()}`
}

export function endedKey(row: string, at: Date): string {
  return isExclusiveRow(row) ? `e\0${row}` : `e\0${row}\0${at.getTime()}`
}

/** Whether a fact is a decision of the guard, which changes no claim. */
export function isDecision(what: ToldFact['what']): what is Decision {
  return what === 'paused' || what === 'proceeded' || what === 'refused'
}

/** The facts that an event reports. */
export function factsOf(event: HistoryEvent): readonly ToldFact[] {
  const { at, label, session, token, others } = event
  const row = rowOf(label, session.id, token)
  const common = { at, event, whose: session.id }
  switch (event.event) {
    case 'claim':
    case 'co-claim':
      return [{ ...common, what: 'claimed', row, key: claimedKey(row, at) }]
    case 'release':
      return [{ ...common, what: 'released', row, key: endedKey(row, at) }]
    case 'expiry':
      return [{ ...common, what: 'expired', row, key: endedKey(row, at) }]
    case 'steal': {
      const victim = rowOf(label, others[0] ?? '', (token ?? 1) - 1)
      return [
        { ...common, what: 'stolen', whose: others[0] ?? '', row: victim, key: endedKey(victim, at) },
        { ...common, what: 'claimed', row, key: claimedKey(row, at), isMaybe: true },
      ]
    }
    case 'resolve':
      return others.map(whose => {
        const row = rowOf(label, whose, undefined)
        return { ...common, what: 'resolved', whose, row, key: `x\0${row}\0${at.getTime()}` }
      })
    case 'paused':
    case 'proceeded':
    case 'refused':
      return decisionFacts(event, row)
  }
}

/** Nothing, for a token that a server refused. */
function decisionFacts(event: HistoryEvent, row: string): readonly ToldFact[] {
  const { at, label, session } = event
  const what = decisionIn(event.event, label)
  if (!what) return []
  return [{ at, event, whose: session.id, what, row, key: `g\0${row}\0${what}\0${at.getTime()}` }]
}

/**
 * The claim that a fact is about, if only events are known of it. An event has neither ttl nor end: `endedAt`
 * is the time at which the claim ended, if that is known.
 */
export function claimOf(
  { event, whose, row, at }: ToldFact,
  claimedAt: Date = at,
  endedAt: Date = new Date(at.getTime() + TTL_SECONDS_DEFAULT * 1_000),
): Claim {
  const unknown = { id: whose, user: 'unknown', host: 'unknown', agent: 'unknown' }
  const [label = '', , token] = row.split('\0')
  return {
    label,
    session: whose === event.session.id ? event.session : unknown,
    purpose: event.purpose,
    claimedAt,
    expiresAt: endedAt,
    ttlSeconds: TTL_SECONDS_DEFAULT,
    lapsedAt: undefined,
    token: token === undefined ? undefined : Number(token),
    ...(event.auto
      ? { automatic: { command: event.purpose, outcome: undefined, exitStatus: undefined } }
      : {}),
  }
}

/** A claim that another session ended, together with that session and its reason. */
export function endedBy(claim: Claim, { event, what, at }: ToldFact): Claim {
  if (what !== 'stolen' && what !== 'resolved') return claim
  const expiresAt = what === 'stolen' && claim.expiresAt > at ? at : claim.expiresAt
  return { ...claim, expiresAt, ended: { how: what, at, by: event.session.id, note: event.note } }
}
