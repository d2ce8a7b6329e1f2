import type { Deadline } from '../deadline.ts'
import { type Claim, isLive } from '../domain/claim.ts'
import type { Outcome } from '../domain/refusal.ts'
import type { Store } from '../store/port/store.ts'
import { type CallContext, labelOfToken, type OnToken } from './context.ts'

/** The result of checking a token. */
export interface Verified {
  /** True only while the claim that received this token is live. */
  readonly current: boolean
  /** The exclusive holder's claim on the label now. */
  readonly holder: Claim | undefined
  /** The last token that was issued, 0 if none was. */
  readonly token: number
  /** The database's time. */
  readonly asOf: Date
}

/** Checks, right before a change, whether the lease that the change relies on is still held (G4). */
export async function verify(
  store: Store,
  label: string,
  token: number,
  deadline: Deadline,
): Promise<Verified> {
  const lock = await store.locks.read(label, undefined, deadline)
  if (!lock) return { current: false, holder: undefined, token: 0, asOf: await store.now(deadline) }
  const { asOf } = lock
  // Nobody was told the token of a tentative claim.
  const claim = lock.tentative ? undefined : lock.claim
  const holder = claim && isLive(claim, asOf) ? claim : undefined
  return { current: holder?.token === token, holder, token: lock.token, asOf }
}

export async function verifyCall(context: CallContext, input: OnToken): Promise<Outcome<Verified>> {
  const label = labelOfToken(context, input)
  if (!label.ok) return label
  return { ok: true, ...(await verify(context.store, label.value, input.token, context.deadline())) }
}

/** The call `renew`: extends the exclusive claim that has this token, and then checks the token. */
export async function renewCall(context: CallContext, input: OnToken): Promise<Outcome<Verified>> {
  const label = labelOfToken(context, input)
  if (!label.ok) return label
  const { store, session } = context
  const deadline = context.deadline()
  await store.locks.extend(session.id, { label: label.value, token: input.token }, deadline)
  return { ok: true, ...(await verify(store, label.value, input.token, deadline)) }
}
