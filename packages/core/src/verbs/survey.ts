import type { Deadline } from '../deadline.ts'
import { isExclusive } from '../domain/claim.ts'
import type { Session } from '../domain/session.ts'
import { type Standing, standingOf } from '../domain/standing.ts'
import type { Store } from '../store/port.ts'
import { type Listed, listedOf } from './list.ts'

export interface Survey {
  /** How this session stands, its claims extended. */
  readonly standing: Standing
  /** Everybody's claims, of the same moment. */
  readonly listed: Listed
}

/**
 * A heartbeat and the whole board in one: what an agent's hook wants of both, in three round trips in place of five.
 *
 * @param register says that the session is there, where it may not have said so yet
 */
export async function survey(
  store: Store,
  session: Session,
  register: boolean,
  deadline: Deadline,
): Promise<Survey> {
  const extended = await store.extend(session.id, deadline)
  if (register) await store.register(session, deadline)
  else if (extended === 0) await store.touch(session.id, deadline)
  const whole = () => store.read({ whole: true }, session.id, deadline)
  let snapshot = await whole()
  if (standingOf(snapshot, session.id).mine.some(isExclusive)) {
    await store.locks.extend(session.id, undefined, deadline)
    snapshot = await whole()
  }
  const standing = standingOf(snapshot, session.id)
  if (standing.mine.some(({ lapsedAt }) => lapsedAt)) await store.forgetLapses(session.id, deadline)
  return { standing, listed: listedOf(snapshot, session.id) }
}
