import type { CallContext } from '../claims/context.ts'
import { ownWork } from '../deadline.ts'
import type { Call } from './call.ts'
import { type Ask, CALLS, type CallName } from './table.ts'

/** Makes calls on a store, as the session of the context. */
export function askStore(context: CallContext): Ask {
  return async (name, input, { deadline, key } = {}) => {
    // The compiler can't relate a name to its own input here.
    const { run, once } = CALLS[name] as unknown as Call<unknown, never>
    const timed = deadline ? { ...context, deadline: () => deadline } : context
    if (key === undefined || once === undefined) return run(timed, input)
    const { hashOf } = await ownWork(() => import('./hash.ts'))
    if (once !== 'answer') return run(timed, { [once]: hashOf(key), ...(input as object) })
    return run({ ...timed, once: keyed(context, name, key, hashOf(JSON.stringify(input))) }, input)
  }
}

function keyed({ session }: CallContext, name: CallName, key: string, inputHash: string) {
  return { key, sessionId: session.id, name, inputHash }
}
