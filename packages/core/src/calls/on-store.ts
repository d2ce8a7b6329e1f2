import type { CallContext } from '../claims/context.ts'
import { type Ask, CALLS } from './table.ts'

/** Makes calls on a store, as the session of the context. */
export function askStore(context: CallContext): Ask {
  return (name, input, { deadline } = {}) => {
    // The compiler can't relate a name to its own input here.
    const run = CALLS[name].run as (context: CallContext, input: unknown) => Promise<never>
    return run(deadline ? { ...context, deadline: () => deadline } : context, input)
  }
}
