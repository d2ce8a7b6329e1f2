import type { Deadline } from '../deadline.ts'
import { type Claim, isLive } from '../domain/claim.ts'
import type { Store } from '../store/port.ts'

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
