import type { Deadline } from '../deadline.ts'
import { labelOf, nameOf } from '../domain/agent-text.ts'
import { type Claim, isExclusive, isLive, type Snapshot } from '../domain/claim.ts'
import { eventsOfRelease } from '../domain/history.ts'
import { type Label, parseLabel } from '../domain/label.ts'
import { type Outcome, type Refused, refuse } from '../domain/refusal.ts'
import { type CoClaim, othersOn, viewOf } from '../domain/session-view.ts'
import type { Releasing } from '../store/port/store.ts'
import type { CallContext, Nothing, OnLabel } from './context.ts'
import { type Attempt, onceWith, onlyOnce } from './once.ts'

/** The result of a release. */
export interface Released {
  /** The database's time of the answer. */
  readonly asOf: Date
  /** This session's live claims that were released. */
  readonly released: readonly Claim[]
  /** This session's claims that had already ended without a release, and were cleared now. */
  readonly lapsed: readonly Claim[]
  /** The labels that this session still holds and other sessions also hold. */
  readonly coClaims: readonly CoClaim[]
}

/**
 * Releases one label of the session, or all of them. Never touches other sessions' claims (G5). A label that
 * only others hold is refused. A label that nobody holds is not refused, because the requested state already
 * exists.
 */
async function release(
  context: CallContext,
  label: Label | undefined,
  { endsSession = false } = {},
): Promise<Outcome<Released>> {
  const deadline = context.deadline()
  return onlyOnce<Outcome<Released>, Outcome<Released>>(
    context,
    deadline,
    () => attempt(context, label, endsSession, deadline),
    stored => stored,
  )
}

async function attempt(
  { store, session, recorder, once }: CallContext,
  label: Label | undefined,
  endsSession: boolean,
  deadline: Deadline,
): Promise<Attempt<Outcome<Released>>> {
  const isMine = (claim: Claim) =>
    claim.session.id === session.id && (label === undefined || claim.label === label.text)
  const own = await store.read({ mine: true }, session.id, deadline)
  // Other claims on the label matter only if this session has none.
  const snapshot =
    label && !own.claims.some(isMine) ? await store.read({ label: label.text }, session.id, deadline) : own
  const mine = snapshot.claims.filter(isMine)
  const holders = label && mine.length === 0 ? othersOn(snapshot, label.text, session.id) : []
  if (label && holders.length > 0)
    return { answer: notHolder(label, holders, snapshot, session.id), isStored: false }
  const answer = { ok: true, ...releasedOf(snapshot, mine, session.id) } as const
  const what: Releasing = {
    label: label?.text,
    // Do this even if only an exclusive claim is visible: a shared claim may exist beside it.
    claims: mine.some(({ ended }) => !ended),
    ended: mine.some(({ ended }) => ended),
    locks: mine.some(claim => isExclusive(claim) && !claim.ended),
    session: endsSession,
  }
  const isStored = await store.release(session.id, what, deadline, once && onceWith(once, answer))
  if (isStored) recorder.afterAnswer(eventsOfRelease(answer))
  return { answer, isStored }
}

function releasedOf(snapshot: Snapshot, mine: readonly Claim[], sessionId: string): Released {
  const live = (claim: Claim) => isLive(claim, snapshot.asOf)
  return {
    asOf: snapshot.asOf,
    released: mine.filter(live),
    lapsed: mine.filter(claim => !live(claim)),
    coClaims: viewOf(snapshot, sessionId).coClaims.filter(
      coClaim => !mine.some(claim => claim.label === coClaim.label),
    ),
  }
}

function notHolder(
  { text: label }: Label,
  holders: readonly Claim[],
  snapshot: Snapshot,
  sessionId: string,
): Refused {
  const who = holders.map(({ session }) => nameOf(session.id)).join(', ')
  return refuse({
    code: 'not_holder',
    message: `${labelOf(label)} is held by ${who}, not by this session`,
    remedy: 'only the holder releases a claim: ask it to, or let it expire',
    label,
    holders,
    asOf: snapshot.asOf,
    coClaims: viewOf(snapshot, sessionId).coClaims,
  })
}

export async function releaseCall(context: CallContext, input: OnLabel): Promise<Outcome<Released>> {
  const label = parseLabel(input.label, context.kinds)
  return label.ok ? release(context, label.value) : label
}

export function releaseAllCall(context: CallContext, _: Nothing): Promise<Outcome<Released>> {
  return release(context, undefined)
}

/** The call `deregister`: releases all claims of the session, and ends it. */
export function deregisterCall(context: CallContext, _: Nothing): Promise<Outcome<Released>> {
  return release(context, undefined, { endsSession: true })
}
