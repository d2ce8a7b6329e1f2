import type { Deadline } from '../deadline.ts'
import { isExclusive, isLive } from '../domain/claim.ts'
import { type HistoryEvent, releaseEvent } from '../domain/history.ts'
import { parseLabel } from '../domain/label.ts'
import { parsePurpose } from '../domain/purpose.ts'
import type { Outcome } from '../domain/refusal.ts'
import { parseWriteKey } from '../domain/write-key.ts'
import type { Before, Store } from '../store/port/store.ts'
import type { CallContext, OnLabel } from './context.ts'

/** The result of taking back one write of a claim. */
interface TakenBack {
  /** Whether no other write of the claim was left. */
  readonly gone: boolean
  /** The event to write to the history. */
  readonly event: HistoryEvent | undefined
}

/** Ends the claim that one write made. Claims on the label by other processes of the session stay. */
async function takeBack(
  store: Store,
  sessionId: string,
  label: string,
  { writeKey, before }: { readonly writeKey: string; readonly before: Before | undefined },
  deadline: Deadline,
): Promise<TakenBack> {
  const { claims, asOf } = await store.read({ mine: true }, sessionId, deadline)
  const gone = await store.takeBack(sessionId, label, writeKey, before, deadline)
  const claim = claims.find(
    each => each.session.id === sessionId && each.label === label && !isExclusive(each) && !each.ended,
  )
  // An earlier attempt, whose answer was lost, may have taken it back: then the label is released already.
  const holds = claims.some(each => each.session.id === sessionId && each.label === label && !each.ended)
  const event = gone && claim && isLive(claim, asOf) ? releaseEvent(claim, asOf) : undefined
  return { gone: gone || !holds, event }
}

export interface TakeBackInput extends OnLabel {
  readonly writeKey: string
  readonly before?: Before
}

export async function takeBackCall(
  { store, session, kinds, deadline, recorder }: CallContext,
  { label: text, writeKey, before }: TakeBackInput,
): Promise<Outcome<{ readonly gone: boolean }>> {
  const label = parseLabel(text, kinds)
  if (!label.ok) return label
  const key = parseWriteKey(writeKey)
  if (!key.ok) return key
  // A client of the 8-column table may have written an invalid purpose: then keep the current one.
  const kept = before && parsePurpose(before.purpose).ok ? before : undefined
  const write = { writeKey, before: kept }
  const taken = await takeBack(store, session.id, label.value.text, write, deadline())
  if (taken.event) recorder.afterAnswer([taken.event])
  return { ok: true, gone: taken.gone }
}
