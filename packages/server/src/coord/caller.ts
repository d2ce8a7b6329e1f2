import type { Session } from '@presence/core'
import type { Context } from 'hono'
import { speaksAs } from '../context.ts'

/** In the place of what isn't said; also the session of a request that names none. */
const UNKNOWN = 'unknown'

/** Who speaks where a request may leave that out: the one session that its token is for, else nobody known. */
export function unnamed(c: Context): string {
  return c.get('caller')?.ownId ?? UNKNOWN
}

/**
 * The session that a request speaks as, if it may. Every route that names one comes through here.
 *
 * @param project what it works on, shown as its repository
 * @throws Denied 403
 */
export function callerOf(c: Context, id: string, project?: string): Session {
  speaksAs(c, id)
  return sessionOf(id, project)
}

/**
 * What an id says of its session: `user@host@…` as presence makes them, `HOST/agent` as seed 003 writes them. Of a caller
 * over HTTP nothing else is known.
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

/** Whoever asks without saying who: reads only. */
export const NOBODY: Session = { id: '', user: '', host: '', agent: '' }
