import { parseLabel } from '../domain/label.ts'
import type { Outcome } from '../domain/refusal.ts'
import type { CallContext, OnLabel } from './context.ts'
import { type Listed, list } from './list.ts'

/** The call `peek`: lists the live claims on one label. */
export async function peekCall(
  { store, session, kinds, deadline }: CallContext,
  input: OnLabel,
): Promise<Outcome<Listed>> {
  const label = parseLabel(input.label, kinds)
  if (!label.ok) return label
  return {
    ok: true,
    ...(await list(store, session.id, { label: label.value.text, near: true }, false, deadline())),
  }
}
