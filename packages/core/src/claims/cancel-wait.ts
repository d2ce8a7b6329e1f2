import { parseLabel } from '../domain/label.ts'
import type { Outcome } from '../domain/refusal.ts'
import type { CallContext, Nothing, OnLabel } from './context.ts'

export interface CancelWaitInput extends OnLabel {
  /** The place in the wait queue to give up. */
  readonly waiter?: string
  /** The write key of a claim that a lost answer may have granted. */
  readonly writeKey?: string
}

/** The call `cancel-wait`: leaves the wait queue, and takes back the exclusive claim with this write key. */
export async function cancelWaitCall(
  { store: { locks }, session, kinds, deadline }: CallContext,
  { label: text, waiter, writeKey }: CancelWaitInput,
): Promise<Outcome<Nothing>> {
  const label = parseLabel(text, kinds)
  if (!label.ok) return label
  const on = label.value.text
  if (waiter !== undefined) await locks.leave(on, { id: waiter, sessionId: session.id }, deadline())
  if (writeKey !== undefined) await locks.takeBack(on, session.id, writeKey, deadline())
  return { ok: true }
}
