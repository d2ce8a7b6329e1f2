import type { Deadline } from '../deadline.ts'
import { type Claim, isExclusive, isLive } from '../domain/claim.ts'
import { EVENTS_KEPT_SECONDS } from '../domain/limits.ts'
import type { Lock } from '../domain/lock.ts'
import { nearTo } from '../domain/near.ts'
import { parseNote } from '../domain/note.ts'
import { type Outcome, refuse } from '../domain/refusal.ts'
import { othersOn } from '../domain/session-view.ts'
import { newKey } from '../domain/write-key.ts'
import type { OwnClaim } from '../store/port/locks.ts'
import type { KeyedCall } from '../store/port/once.ts'
import type { Store } from '../store/port/store.ts'
import { type Acquired, heldBy, leaveBehind, pauseForTentative, pauseOrGiveUp } from './acquire.ts'
import { type CallContext, type OnLabel, ownClaimIn } from './context.ts'
import { onceWith, onlyOnce } from './once.ts'

/** Another session's exclusive claim now belongs to this session. */
export interface Stolen extends Acquired {
  /** The claim as it was before. Its session is told at its next claim, heartbeat, list, peek or release. */
  readonly from: Claim
}

/**
 * Takes a label from the session that holds it exclusively, even if others wait for it or hold shared claims
 * on it. The end of the old claim and the new holder are written together, so that every steal is recorded
 * (G5). One call steals only once: if another session stole the label in turn before this call's answer, the
 * answer names that session.
 *
 * @returns undefined if another attempt of the keyed call was faster
 */
export async function steal(
  store: Store,
  own: OwnClaim,
  reason: string,
  deadline: Deadline,
  once?: KeyedCall,
): Promise<Outcome<Stolen> | undefined> {
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
    const writeKey = newKey()
    await store.locks.takeOver(
      own,
      { writeKey, overShared: true },
      { token: from.token ?? 0, how: 'stolen', reason },
      deadline,
      once && onceWith(once, { from, asOf }),
    )
    const token = (from.token ?? 0) + 1
    const after = await store.locks.read(label, undefined, deadline)
    // Another process of this session may have extended or released it since, so a different write key proves
    // nothing.
    const taken = { label, token, reason, since: asOf }
    if (after?.writeKey !== writeKey && !(await isTaken(store, taken, session.id, deadline))) {
      // Its key was used meanwhile, by another attempt or for another call, so nothing was taken.
      if (once && (await store.made(once.key, deadline))) return undefined
      await pauseOrGiveUp(label, deadline)
      continue
    }
    return stolenNow(store, own, { from, asOf }, after, deadline)
  }
}

/** The claim that a steal took, and a moment before the steal. */
interface Took {
  readonly from: Claim
  readonly asOf: Date
}

/** The answer to a steal that took the label, as the board is now. */
async function stolenNow(
  store: Store,
  own: OwnClaim,
  { from, asOf }: Took,
  lock: Lock | undefined,
  deadline: Deadline,
): Promise<Outcome<Stolen>> {
  const { label, session } = own
  const token = (from.token ?? 0) + 1
  const claim = lock?.claim
  const isMine = claim && isExclusive(claim) && claim.token === token && claim.session.id === session.id
  if (!lock || !isMine || !isLive(claim, lock.asOf)) return endedSince(label, lock, session.id, asOf)
  const snapshot = await store.read({ held: label }, session.id, deadline)
  const others = othersOn(snapshot, label, session.id)
  const ended = await leaveBehind(store, own, snapshot, deadline)
  const near = nearTo(snapshot, label, session.id)
  return { ok: true, asOf: lock.asOf, claim, others, ...near, lapsed: [], ended, from, isNew: true }
}

/** A claim that may have been taken over. */
interface Taken {
  readonly label: string
  /** The token that the taker got. */
  readonly token: number
  /** The caller's reason. It distinguishes this steal from one by another process of the session. */
  readonly reason: string
  /** A moment before the call: tokens start again if somebody drops the table of the exclusive claims. */
  readonly since: Date
}

/** How many of a session's latest events on a label are searched for the one written just now. */
const EVENTS_LOOKED_AT = 20

/**
 * Whether a session took over an exclusive claim. The event is written in the same step, and is kept even if
 * the claim is lost later.
 */
export async function isTaken(
  store: Store,
  { label, token, reason, since }: Taken,
  sessionId: string,
  deadline: Deadline,
): Promise<boolean> {
  const filter = { label, sessionId, seconds: EVENTS_KEPT_SECONDS, rows: EVENTS_LOOKED_AT }
  const { events } = await store.history.log(filter, deadline)
  return events.some(
    each =>
      each.event === 'steal' &&
      each.token === token &&
      each.session.id === sessionId &&
      each.note === reason &&
      each.at >= since,
  )
}

/**
 * The steal succeeded, but the new claim ended before this answer. The steal is not repeated: a second one
 * could take the label from a session that the caller did not mean. If another session stole it in turn, this
 * session is told at its next claim, heartbeat, list, peek or release.
 */
function endedSince(label: string, lock: Lock | undefined, me: string, before: Date): Outcome<Stolen> {
  const asOf = lock?.asOf ?? before
  const holder = lock?.tentative ? undefined : lock?.claim
  if (holder && isLive(holder, asOf)) return heldBy(label, holder, asOf, me)
  return refuse({
    code: 'not_held',
    message: `this session stole ${label}, and that claim has ended since: nobody holds the label exclusively`,
    remedy: 'claim it exclusively, or look at its history',
    label,
    holders: [],
    asOf,
    coClaims: [],
  })
}

function notHeld(label: string, who: string, asOf: Date, holder: Claim | undefined) {
  return refuse({
    code: 'not_held',
    message: `${who} ${label} exclusively: there is nothing to steal`,
    remedy: 'claim it exclusively, or see who is on it',
    label,
    holders: holder && isLive(holder, asOf) ? [holder] : [],
    asOf,
    coClaims: [],
  })
}

export interface StealInput extends OnLabel {
  readonly reason: string
  /** @default the reason */
  readonly purpose?: string
  readonly ttl?: string | number
}

export async function stealCall(
  context: CallContext,
  { reason, purpose = reason, ...input }: StealInput,
): Promise<Outcome<Stolen>> {
  const why = parseNote(reason, 'steal', 'say why, such as "its host is down, and the node must go back"')
  if (!why.ok) return why
  const own = ownClaimIn(context, { ...input, purpose })
  if (!own.ok) return own
  const { store, once } = context
  const deadline = context.deadline()
  return onlyOnce<Took, Outcome<Stolen>>(
    context,
    deadline,
    async () => {
      const answer = await steal(store, own.value, why.value, deadline, once)
      return answer && { answer, isStored: answer.ok }
    },
    async took => {
      const lock = await store.locks.read(own.value.label, undefined, deadline)
      return stolenNow(store, own.value, took, lock, deadline)
    },
  )
}
