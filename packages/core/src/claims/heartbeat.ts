import type { Deadline } from '../deadline.ts'
import { isExclusive } from '../domain/claim.ts'
import { othersOn, type SessionView, viewOf } from '../domain/session-view.ts'
import type { Store } from '../store/port/store.ts'
import type { CallContext, Nothing } from './context.ts'

/**
 * Extends each live claim of the session by its own ttl. Returns what is live, what lapsed, and who else
 * holds those labels (G3). If a claim replaced a lapsed one, the heartbeat reports that too, once: the answer
 * to that claim may have been lost.
 */
export async function heartbeat(store: Store, sessionId: string, deadline: Deadline): Promise<SessionView> {
  // A claim shows when its session was last seen, so a session that holds claims writes only those.
  if ((await store.extend(sessionId, deadline)) === 0) await store.touch(sessionId, deadline)
  const before = viewOf(await store.read({ mine: true }, sessionId, deadline), sessionId)
  // Few sessions hold exclusive claims. All other sessions skip this statement.
  const extended = before.mine.some(isExclusive)
    ? await withLocksExtended(store, sessionId, deadline)
    : before
  const view = await withThoseWhoCame(store, sessionId, extended, deadline)
  if (view.mine.some(({ lapsedAt }) => lapsedAt)) await store.forgetLapses(sessionId, deadline)
  return view
}

async function withLocksExtended(store: Store, sessionId: string, deadline: Deadline): Promise<SessionView> {
  await store.locks.extend(sessionId, undefined, deadline)
  return viewOf(await store.read({ mine: true }, sessionId, deadline), sessionId)
}

/**
 * For claims of this session that ended and have no row any more, adds which other sessions hold the labels
 * now. Takes one statement for any number of claims.
 */
async function withThoseWhoCame(
  store: Store,
  sessionId: string,
  view: SessionView,
  deadline: Deadline,
): Promise<SessionView> {
  if (!view.lapsed.some(({ claim }) => claim.ended)) return view
  const beside = await store.read({ ended: true }, sessionId, deadline)
  return {
    ...view,
    lapsed: view.lapsed.map(({ claim, others }) => ({
      claim,
      others: claim.ended ? othersOn(beside, claim.label, sessionId) : others,
    })),
  }
}

export function heartbeatCall({ store, session, deadline }: CallContext, _: Nothing): Promise<SessionView> {
  return heartbeat(store, session.id, deadline())
}
