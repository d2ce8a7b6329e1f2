import type { Deadline } from '../deadline.ts'
import { labelOf, nameOf } from '../domain/agent-text.ts'
import { type Claim, isExclusive, isLive } from '../domain/claim.ts'
import { eventsOfRelease } from '../domain/history.ts'
import { type Label, parseLabel } from '../domain/label.ts'
import { type Outcome, refuse } from '../domain/refusal.ts'
import { type CoClaim, othersOn, standingOf } from '../domain/standing.ts'
import type { Store } from '../store/port.ts'
import type { CallContext, Nothing, OnLabel } from './context.ts'

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
  store: Store,
  sessionId: string,
  label: Label | undefined,
  deadline: Deadline,
): Promise<Outcome<Released>> {
  const isMine = (claim: Claim) =>
    claim.session.id === sessionId && (label === undefined || claim.label === label.text)
  const own = await store.read({ mine: true }, sessionId, deadline)
  // Other claims on the label matter only if this session has none.
  const snapshot =
    label && !own.claims.some(isMine) ? await store.read({ label: label.text }, sessionId, deadline) : own
  const mine = snapshot.claims.filter(isMine)
  const holders = label && mine.length === 0 ? othersOn(snapshot, label.text, sessionId) : []
  if (label && holders.length > 0)
    return refuse({
      code: 'not_holder',
      message: `${labelOf(label.text)} is held by ${holders.map(({ session }) => nameOf(session.id)).join(', ')}, not by this session`,
      remedy: 'only the holder releases a claim: ask it to, or let it expire',
      label: label.text,
      holders,
      asOf: snapshot.asOf,
      coClaims: standingOf(snapshot, sessionId).coClaims,
    })
  // Do this even if only an exclusive claim is visible: a shared claim may exist beside it.
  if (mine.some(({ ended }) => !ended)) await store.remove(sessionId, label?.text, deadline)
  if (mine.some(({ ended }) => ended)) await store.history.forget(sessionId, label?.text, deadline)
  if (mine.some(claim => isExclusive(claim) && !claim.ended))
    await store.locks.free(sessionId, label ? { label: label.text } : {}, deadline)
  const live = (claim: Claim) => isLive(claim, snapshot.asOf)
  return {
    ok: true,
    asOf: snapshot.asOf,
    released: mine.filter(live),
    lapsed: mine.filter(claim => !live(claim)),
    coClaims: standingOf(snapshot, sessionId).coClaims.filter(
      coClaim => !mine.some(claim => claim.label === coClaim.label),
    ),
  }
}

/** The call `release`. */
export async function releaseCall(context: CallContext, input: OnLabel): Promise<Outcome<Released>> {
  const label = parseLabel(input.label, context.kinds)
  return label.ok ? releaseAndRecord(context, label.value, context.deadline()) : label
}

/** The call `release-all`. */
export function releaseAllCall(context: CallContext, _: Nothing): Promise<Outcome<Released>> {
  return releaseAndRecord(context, undefined, context.deadline())
}

/** The call `deregister`: releases all claims of the session, and ends it. */
export async function deregisterCall(context: CallContext, _: Nothing): Promise<Outcome<Released>> {
  const deadline = context.deadline()
  const released = await releaseAndRecord(context, undefined, deadline)
  await context.store.end(context.session.id, deadline)
  return released
}

async function releaseAndRecord(
  { store, session, recorder }: CallContext,
  label: Label | undefined,
  deadline: Deadline,
): Promise<Outcome<Released>> {
  const released = await release(store, session.id, label, deadline)
  if (released.ok) recorder.afterAnswer(eventsOfRelease(released))
  return released
}
