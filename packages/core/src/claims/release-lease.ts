import { releaseEvent } from '../domain/history.ts'
import type { Outcome } from '../domain/refusal.ts'
import { type CallContext, labelOfToken, type OnToken } from './context.ts'
import { verify } from './verify.ts'

export interface ReleaseLeaseInput extends OnToken {
  /** The write key of the claim. If another process of the session has claimed the label since, it stays. */
  readonly writeKey?: string
}

/**
 * The call `release-lease`: releases the exclusive claim that has this token, and no other. `held` tells whether
 * it was still there.
 */
export async function releaseLeaseCall(
  context: CallContext,
  { label: text, token, writeKey }: ReleaseLeaseInput,
): Promise<Outcome<{ readonly held: boolean }>> {
  const checked = labelOfToken(context, { label: text, token })
  if (!checked.ok) return checked
  const label = checked.value
  const { store, session, recorder } = context
  const deadline = context.deadline()
  const claim = (await store.locks.read(label, undefined, deadline))?.claim
  const only = { label, token, ...(writeKey === undefined ? {} : { writeKey }) }
  const freed = await store.locks.free(session.id, only, deadline)
  if (freed === 0 && writeKey !== undefined)
    return { ok: true, held: (await verify(store, label, token, deadline)).current }
  if (freed > 0 && claim?.token === token)
    recorder.afterAnswer(async () => [releaseEvent(claim, await store.now(context.deadline()))])
  return { ok: true, held: freed > 0 }
}
