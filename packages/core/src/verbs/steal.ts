import type { Deadline } from '../deadline.ts'
import { type Claim, isExclusive, isLive } from '../domain/claim.ts'
import { type Held, type Outcome, type Refused, refuse } from '../domain/refusal.ts'
import { othersOn } from '../domain/standing.ts'
import type { OwnClaim, Store } from '../store/port.ts'
import { type Acquired, heldBy, leaveBehind, newNonce, pauseForTentative, pauseOrGiveUp } from './acquire.ts'

/** Another's exclusive claim is mine now. */
export interface Stolen extends Acquired {
  /** What it was until now: its session is told at its next call. */
  readonly from: Claim
}

/**
 * Takes a label from the session that holds it exclusively, whoever waits for it and whoever holds shared claims on it.
 * How its claim ended and who has it now are written together, so that no steal goes unrecorded (G5). One call steals once:
 * where another session has stolen the label in turn before this call's answer, the answer names that one.
 */
export async function steal(
  store: Store,
  own: OwnClaim,
  reason: string,
  deadline: Deadline,
): Promise<Outcome<Stolen>> {
  const { label, session } = own
  for (;;) {
    const before = await store.locks.read(label, undefined, deadline)
    const from = before?.claim
    const asOf = before?.asOf ?? (await store.now(deadline))
    if (before?.tentative) {
      await pauseForTentative(store, label, before, deadline)
      continue
    }
    if (!from || !isLive(from, asOf)) return notHeld(label, 'nobody holds', asOf, from)
    if (from.session.id === session.id) return notHeld(label, 'this session itself holds', asOf, from)
    const nonce = newNonce()
    await store.locks.takeOver(
      own,
      { nonce, overShared: true },
      { token: from.token ?? 0, how: 'stolen', reason },
      deadline,
    )
    const after = await store.locks.read(label, undefined, deadline)
    const claim = after?.claim
    if (!after || after.nonce !== nonce || !claim || !isExclusive(claim)) {
      const lost = await stolenSince(store, own, (from.token ?? 0) + 1, deadline)
      if (lost) return lost
      await pauseOrGiveUp(label, deadline)
      continue
    }
    const snapshot = await store.read({ held: label }, session.id, deadline)
    const others = othersOn(snapshot, label, session.id)
    const ended = await leaveBehind(store, own, snapshot, deadline)
    return { ok: true, asOf: after.asOf, claim, others, lapsed: [], ended, from, isNew: true }
  }
}

/**
 * Was this steal done, and the label then stolen by another session before this one could read that it had it? A second
 * steal would take the label from a session that nobody was asked about. The session is told how it lost the label at its next
 * call.
 *
 * @param token what this steal gave out, if it was done
 */
async function stolenSince(
  store: Store,
  { label, session }: OwnClaim,
  token: number,
  deadline: Deadline,
): Promise<Refused<Held> | undefined> {
  const { claims, asOf } = await store.read({ label }, session.id, deadline)
  const onLabel = claims.filter(claim => claim.label === label)
  const wasMine = onLabel.some(
    each => each.session.id === session.id && each.token === token && each.ended?.how === 'stolen',
  )
  const holder = onLabel.find(each => isExclusive(each) && !each.ended && isLive(each, asOf))
  return wasMine && holder && holder.session.id !== session.id ? heldBy(label, holder, asOf) : undefined
}

function notHeld(label: string, who: string, asOf: Date, holder: Claim | undefined) {
  return refuse({
    code: 'not_held',
    message: `${who} ${label} exclusively: there is nothing to steal`,
    remedy: `presence claim ${label} --exclusive, or presence peek ${label}`,
    label,
    holders: holder && isLive(holder, asOf) ? [holder] : [],
    asOf,
    coClaims: [],
  })
}
