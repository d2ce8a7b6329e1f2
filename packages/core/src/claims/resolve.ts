import type { Deadline } from '../deadline.ts'
import { type Claim, isLapsed } from '../domain/claim.ts'
import type { HistoryEvent } from '../domain/history.ts'
import { type Label, parseLabel } from '../domain/label.ts'
import { parseNote } from '../domain/note.ts'
import type { Outcome } from '../domain/refusal.ts'
import type { Session } from '../domain/session.ts'
import type { CallContext, OnLabel } from './context.ts'
import { type Attempt, onceWith, onlyOnce } from './once.ts'

/** The result of a resolution. */
export interface Resolved {
  /** The lapsed claims that were cleared, the latest first. Their sessions are told at their next heartbeat or list. */
  readonly resolved: readonly Claim[]
  /** The database's time of the answer. */
  readonly asOf: Date
}

export interface ResolveInput extends OnLabel {
  readonly note: string
}

export async function resolveCall(context: CallContext, input: ResolveInput): Promise<Outcome<Resolved>> {
  const label = parseLabel(input.label, context.kinds)
  if (!label.ok) return label
  const note = parseNote(input.note, 'resolve', 'say what you found, such as "the drain had finished"')
  if (!note.ok) return note
  const deadline = context.deadline()
  return onlyOnce<Outcome<Resolved>, Outcome<Resolved>>(
    context,
    deadline,
    () => resolve(context, label.value, note.value, deadline),
    stored => stored,
  )
}

/** Clears the lapsed claims on a label, after somebody has checked the work that may be half done. */
async function resolve(
  { store, session, once }: CallContext,
  label: Label,
  note: string,
  deadline: Deadline,
): Promise<Attempt<Outcome<Resolved>>> {
  const { claims, asOf } = await store.read({ label: label.text }, session.id, deadline)
  const resolved = claims
    .filter(claim => claim.label === label.text && isLapsed(claim, asOf))
    .toSorted((a, b) => b.expiresAt.getTime() - a.expiresAt.getTime())
  const answer = { ok: true, resolved, asOf } as const
  if (resolved.length === 0) return { answer, isStored: false }
  const event = resolveEvent(label, session, resolved, note, asOf)
  if (once)
    return { answer, isStored: await store.history.resolveOnce(event, onceWith(once, answer), deadline) }
  await store.history.resolve(event, deadline)
  return { answer, isStored: true }
}

function resolveEvent(
  label: Label,
  session: Session,
  resolved: readonly Claim[],
  note: string,
  at: Date,
): HistoryEvent {
  const others = [...new Set(resolved.map(claim => claim.session.id))]
  const purpose = resolved[0]?.purpose ?? ''
  return { event: 'resolve', at, label: label.text, session, purpose, token: undefined, others, note }
}
