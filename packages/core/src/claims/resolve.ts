import type { Deadline } from '../deadline.ts'
import { type Claim, isLapsed } from '../domain/claim.ts'
import { type Label, parseLabel } from '../domain/label.ts'
import { parseNote } from '../domain/note.ts'
import type { Outcome } from '../domain/refusal.ts'
import type { Session } from '../domain/session.ts'
import type { Store } from '../store/port.ts'
import type { CallContext, OnLabel } from './context.ts'

export interface Resolved {
  /** The lapsed claims that were cleared, the latest first. Their sessions are told at their next call. */
  readonly resolved: readonly Claim[]
  /** The database's time of the answer. */
  readonly asOf: Date
}

/** Clears the lapsed claims on a label, after somebody has checked the work that may be half done. */
async function resolve(
  store: Store,
  session: Session,
  label: Label,
  note: string,
  deadline: Deadline,
): Promise<Resolved> {
  const { claims, asOf } = await store.read({ label: label.text }, session.id, deadline)
  const resolved = claims
    .filter(claim => claim.label === label.text && isLapsed(claim, asOf))
    .toSorted((a, b) => b.expiresAt.getTime() - a.expiresAt.getTime())
  if (resolved.length === 0) return { resolved, asOf }
  const others = [...new Set(resolved.map(claim => claim.session.id))]
  const purpose = resolved[0]?.purpose ?? ''
  await store.history.resolve(
    { event: 'resolve', at: asOf, label: label.text, session, purpose, token: undefined, others, note },
    deadline,
  )
  return { resolved, asOf }
}

export interface ResolveInput extends OnLabel {
  readonly note: string
}

/** The call `resolve`. */
export async function resolveCall(
  { store, session, kinds, deadline }: CallContext,
  input: ResolveInput,
): Promise<Outcome<Resolved>> {
  const label = parseLabel(input.label, kinds)
  if (!label.ok) return label
  const note = parseNote(input.note, 'resolve', '--note "looked at it: the drain had finished"')
  if (!note.ok) return note
  return { ok: true, ...(await resolve(store, session, label.value, note.value, deadline())) }
}
