import type { Deadline } from '../deadline.ts'
import { isExclusive } from '../domain/claim.ts'
import type { Session } from '../domain/session.ts'
import { type SessionView, viewOf } from '../domain/session-view.ts'
import type { Store } from '../store/port/store.ts'
import type { CallContext } from './context.ts'
import { type Listed, listedOf } from './list.ts'

/** The answer to {@link Board.heartbeatAndList}. */
export interface HeartbeatAndList {
  /** This session's view, with its claims extended. */
  readonly view: SessionView
  /**
   * The latest claims of all sessions, at the same moment: at most 200 shared and 200 exclusive ones, plus
   * this session's own claims and other sessions' claims on the same labels.
   */
  readonly listed: Listed
}

/** How many of the latest claims are listed. An agent is shown 20, those of its own repository first. */
const CLAIMS_LISTED = 200

/**
 * A heartbeat and a list of the board's latest claims in one call: what an agent's hook needs of both, in
 * three round trips instead of five.
 *
 * @param register registers the session too, in case it has not registered yet
 */
async function heartbeatAndList(
  store: Store,
  session: Session,
  register: boolean,
  deadline: Deadline,
): Promise<HeartbeatAndList> {
  const extended = await store.extend(session.id, deadline)
  if (register) await store.register(session, deadline)
  else if (extended === 0) await store.touch(session.id, deadline)
  const latest = () => store.read({ latest: CLAIMS_LISTED }, session.id, deadline)
  let snapshot = await latest()
  if (viewOf(snapshot, session.id).mine.some(isExclusive)) {
    await store.locks.extend(session.id, undefined, deadline)
    snapshot = await latest()
  }
  const view = viewOf(snapshot, session.id)
  if (view.mine.some(({ lapsedAt }) => lapsedAt)) await store.forgetLapses(session.id, deadline)
  return { view, listed: listedOf(snapshot, session.id) }
}

export interface HeartbeatAndListInput {
  /** Registers the session too. @default false */
  readonly register?: boolean
}

export function heartbeatAndListCall(
  { store, session, deadline }: CallContext,
  { register = false }: HeartbeatAndListInput,
): Promise<HeartbeatAndList> {
  return heartbeatAndList(store, session, register, deadline())
}
