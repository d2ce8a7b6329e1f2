import type { CallContext } from '../claims/context.ts'
import { ownWork } from '../deadline.ts'
import type { Call } from './call.ts'
import { type Ask, CALLS, storesAnswer } from './table.ts'

/** Makes calls on a store, as the session of the context. */
export function askStore(context: CallContext): Ask {
  return async (name, input, { deadline, key } = {}) => {
    // The compiler can't relate a name to its own input here.
    const { run } = CALLS[name] as unknown as Call<unknown, never>
    const timed = deadline ? { ...context, deadline: () => deadline } : context
    if (key === undefined || !storesAnswer(name)) return run(timed, input)
    const { hashOf } = await ownWork(() => import('./hash.ts'))
    const inputHash = hashOf(JSON.stringify(input))
    return run({ ...timed, once: { key, sessionId: context.session.id, name, inputHash } }, input)
  }
}
