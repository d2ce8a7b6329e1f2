import type { CallContext, Nothing } from './context.ts'

/** The call `register`: the session and where it works, before it claims anything. */
export async function registerCall({ store, session, deadline }: CallContext, _: Nothing): Promise<Nothing> {
  await store.register(session, deadline())
  return {}
}
