import { type CallContext, ownClaimIn } from '../claims/context.ts'
import { type Replay, replay } from '../claims/replay.ts'
import { ownWork } from '../deadline.ts'
import { parseId } from '../domain/id.ts'
import type { QueuedVerb } from '../domain/operation.ts'
import { accept, type Checked, type Outcome } from '../domain/refusal.ts'

/** One outbox entry of the caller's, in the database's time. */
export type ReplayInput = QueuedVerb & { readonly id: string; readonly saidAt: Date }

/** The call `replay`: checks the entry as if it were requested now. */
export async function replayCall(
  context: CallContext,
  { saidAt, ...entry }: ReplayInput,
): Promise<Outcome<Replay>> {
  const { store, session } = context
  const checked = await checkedEntry(context, entry)
  if (!checked.ok) return checked
  // Databases reject times that are too early, so use 1970 at the earliest.
  const moment = new Date(Math.max(saidAt.getTime(), 0))
  return replay(store, { ...entry, session }, moment, context.deadline())
}

async function checkedEntry(
  context: CallContext,
  entry: QueuedVerb & { readonly id: string },
): Promise<Checked<unknown>> {
  const id = parseId(entry.id)
  if (!id.ok) return id
  if (entry.verb === 'claim') return ownClaimIn(context, { ...entry, ttl: entry.ttlSeconds })
  if (entry.verb === 'message') {
    const { checkMessage } = await ownWork(() => import('../coordination/messages.ts'))
    return checkMessage(entry, context.session.id)
  }
  if (entry.verb === 'component') {
    const { checkState } = await ownWork(() => import('../coordination/components.ts'))
    return checkState(entry, context.session.id)
  }
  return accept(entry)
}
