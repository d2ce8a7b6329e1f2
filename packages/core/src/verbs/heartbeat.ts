import type { Deadline } from '../deadline.ts'
import { isExclusive } from '../domain/claim.ts'
import { othersOn, type Standing, standingOf } from '../domain/standing.ts'
import type { Store } from '../store/port.ts'

/**
 * Extends each live claim of the session by its own ttl; says what lives, what had lapsed and who is beside it (G3).
 * A claim that took the place of a lapsed one says so here too, once: the answer to that claim may have been lost.
 */
export async function heartbeat(store: Store, sessionId: string, deadline: Deadline): Promise<Standing> {
  // A claim tells when its session was heard of: one that holds some writes them alone.
  if ((await store.extend(sessionId, deadline)) === 0) await store.touch(sessionId, deadline)
  const before = standingOf(await store.read({ mine: true }, sessionId, deadline), sessionId)
  // Few sessions hold anything exclusively: those that don't are spared the statement.
  const extended = before.mine.some(isExclusive)
    ? await withLocksExtended(store, sessionId, deadline)
    : before
  const standing = await withThoseWhoCame(store, sessionId, extended, deadline)
  if (standing.mine.some(({ lapsedAt }) => lapsedAt)) await store.forgetLapses(sessionId, deadline)
  return standing
}

async function withLocksExtended(store: Store, sessionId: string, deadline: Deadline): Promise<Standing> {
  await store.locks.extend(sessionId, undefined, deadline)
  return standingOf(await store.read({ mine: true }, sessionId, deadline), sessionId)
}

/** Who came after claims that have no row of their own any more: one statement, however many have ended. */
async function withThoseWhoCame(
  store: Store,
  sessionId: string,
  standing: Standing,
  deadline: Deadline,
): Promise<Standing> {
  if (!standing.lapsed.some(({ claim }) => claim.ended)) return standing
  const beside = await store.read({ ended: true }, sessionId, deadline)
  return {
    ...standing,
    lapsed: standing.lapsed.map(({ claim, others }) => ({
      claim,
      others: claim.ended ? othersOn(beside, claim.label, sessionId) : others,
    })),
  }
}
