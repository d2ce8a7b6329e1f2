import type { Deadline } from '../deadline.ts'
import { type Claim, isLive } from '../domain/claim.ts'
import type { Store } from '../store/port.ts'

/** Is a token the current one? */
export interface Verified {
  /** True only while the claim that this token was given to lives. */
  readonly current: boolean
  /** Who holds the label exclusively now. */
  readonly holder: Claim | undefined
  /** The last token that was given out; 0 where none was. */
  readonly token: number
  /** The database's now. */
  readonly asOf: Date
}

/** Asks at the moment of change whether the lease that it rests on is still held (G4). */
export async function verify(
  store: Store,
  label: string,
  token: number,
  deadline: Deadline,
): Promise<Verified> {
  const lock = await store.locks.read(label, undefined, deadline)
  if (!lock) return { current: false, holder: undefined, token: 0, asOf: await store.now(deadline) }
  const { asOf } = lock
  // Nobody was told of a tentative claim's token.
  const claim = lock.tentative ? undefined : lock.claim
  const holder = claim && isLive(claim, asOf) ? claim : undefined
  return { current: holder?.token === token, holder, token: lock.token, asOf }
}
