import { type Deadline, ownWork } from '../deadline.ts'
import { sessionsIn } from '../domain/seen.ts'
import { viewOf } from '../domain/session-view.ts'
import type { Store } from '../store/port/store.ts'
import type { CallContext } from './context.ts'
import type { Who, WhoOptions } from './who-answer.ts'

/** Lists the sessions on the board and what each holds, the last seen first. */
async function who(store: Store, sessionId: string, deadline: Deadline): Promise<Who> {
  const registered = await store.sessions({ which: 'there' }, deadline)
  const snapshot = await store.read({ whole: true }, sessionId, deadline)
  return {
    sessions: sessionsIn(snapshot, registered),
    asOf: snapshot.asOf,
    coClaims: viewOf(snapshot, sessionId).coClaims,
  }
}

/** The call `who`. A page or one session is rarely asked for, so its code is loaded only then. */
export async function whoCall({ store, session, deadline }: CallContext, options: WhoOptions): Promise<Who> {
  if (Object.values(options).every(option => option === undefined || option === false))
    return who(store, session.id, deadline())
  const { whoAmong } = await ownWork(() => import('./who-among.ts'))
  return whoAmong(store, session.id, options, deadline())
}
