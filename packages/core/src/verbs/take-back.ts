import type { Deadline } from '../deadline.ts'
import { isExclusive, isLive } from '../domain/claim.ts'
import { type HistoryEvent, releaseEvent } from '../domain/history.ts'
import type { Before, Store } from '../store/port.ts'

/** What became of a claim that one of its writes was taken back from. */
interface TakenBack {
  /** No other write of it was left. */
  readonly gone: boolean
  /** What the history is to say of it. */
  readonly event: HistoryEvent | undefined
}

/** Ends what one write claimed; what other processes of the session claimed on the label stays. */
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
