import type { Session } from '@presence/core'
import type { Boards } from '@presence/core/internal'
import type { Context } from 'hono'
import { speaksAs } from '../context.ts'

/**
 * Stands for missing user, host and similar fields, and is the session id of a request that names no session.
 */
const UNKNOWN = 'unknown'

/** The session id of a request that names no session: the token's only session, else `unknown`. */
export function unnamed(c: Context): string {
  return c.get('caller')?.ownId ?? UNKNOWN
}

/**
 * The session that a request speaks as, after checking that it may.
 * Every route that names a session must use this.
 *
 * @param project the project that it works on, shown as its repository
 * @throws Denied 403
 */
export function callerOf(c: Context, id: string, project?: string): Session {
  speaksAs(c, id)
  return sessionOf(id, project)
}

/**
 * Derives a session's fields from its id: `user@host@…` as presence makes them, or `HOST/agent` as in seed
 * 003. Nothing else is known about a caller over HTTP.
 */
function sessionOf(id: string, project?: string): Session {
  const [, user, atHost] = /^([^@/]{1,64})@([^@/]{1,128})(?:@|$)/.exec(id) ?? []
  const [, host, agent] = /^([^@/]{1,128})\/([^/]{1,64})$/.exec(id) ?? []
  return {
    id,
    user: user ?? UNKNOWN,
    host: atHost ?? host ?? UNKNOWN,
    agent: agent ?? 'http',
    ...(project === undefined ? {} : { place: { repo: project } }),
  }
}

/** The session of a request that names no session and only reads. */
export const NOBODY: Session = { id: '', user: '', host: '', agent: '' }

/**
 * The board for a request that only reads. Its queries are aborted if the client disconnects.
 *
 * @param session the session that reads; by default none
 */
export function reading(c: Context, boards: Boards, session = NOBODY) {
  return boards.as(session, { signal: c.req.raw.signal })
}
