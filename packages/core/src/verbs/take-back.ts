import type { Deadline } from '../deadline.ts'
import { isExclusive, isLive } from '../domain/claim.ts'
import { type HistoryEvent, releaseEvent } from '../domain/history.ts'
import type { Before, Store } from '../store/port.ts'

/** What happened to a claim after one of its writes was taken back. */
interface TakenBack {
  /** Whether no other write of the claim was left. */
  readonly gone: boolean
  /** The event to write to the history. */
  readonly event: HistoryEvent | undefined
}

/** Ends the claim that one write made. Claims on the label by other processes of the session stay. */
export async function takeBack(
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
  return { gone, event: gone && claim && isLive(claim, asOf) ? releaseEvent(claim, asOf) : undefined }
}
