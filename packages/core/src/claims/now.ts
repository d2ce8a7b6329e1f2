import type { CallContext, Nothing } from './context.ts'

/** The call `now`: the database's current time. */
export async function nowCall({ store, deadline }: CallContext, _: Nothing): Promise<{ readonly now: Date }> {
  return { now: await store.now(deadline()) }
}

/** A server's report about itself. */
export interface About {
  /** The version of presence on the server. */
  readonly version: string
  /** The address of its board, without user or password. */
  readonly board: string
  /** The database's current time. */
  readonly now: Date
}

/** The call `about`. Only a server answers it with a version. */
export async function aboutCall(context: CallContext, _: Nothing): Promise<About> {
  const { version = '', board = '' } = context.server ?? {}
  return { version, board, ...(await nowCall(context, _)) }
}
