import type { Session } from '@presence/core'
import type { Boards } from '@presence/core/internal'
import type { Context } from 'hono'
import type { Acting } from '../access/own-sessions.ts'
import { speaksAs } from '../context.ts'
import { Denied } from '../faults.ts'

/**
 * Stands for missing user, host and similar fields, and is the session id of a request that names no session.
 */
const UNKNOWN = 'unknown'

/**
 * The session id of a request that names no session: the token's only session, else `unknown`.
 *
 * @throws Denied 403 with a token for its own sessions, of which none can be meant
 */
export function unnamed(c: Context): string {
  const caller = c.get('caller')
  const { actsAs = 'any' } = caller ?? {}
  if (actsAs === 'own')
    throw new Denied(403, {
      code: 'forbidden',
      message: `a request with token "${caller?.name}" must name its session`,
      remedy: 'name it in created_by or updated_by',
    })
  const [only, ...more] = actsAs === 'any' ? [] : actsAs
  return only !== undefined && more.length === 0 && !only.includes('*') ? only : UNKNOWN
}

/**
 * The session that a request acts as, after checking that it may.
 * Every route that names a session must use this.
 *
 * @param project the project that it works on, shown as its repository
 * @throws Denied 403
 */
export async function callerOf(
  c: Context,
  id: string,
  { project, ...acting }: Acting & { readonly project?: string } = {},
): Promise<Session> {
  await speaksAs(c, id, acting)
  return sessionOf(id, project)
}

/** Whether the caller may not act as this session. Records nothing. */
export async function isRefused(c: Context, id: string): Promise<boolean> {
  return (await c.get('caller')?.refusal(id, LEAVES_NOTHING)) !== undefined
}

/** A request that only reads, or that extends or ends what its session has: its session needs no token. */
export const LEAVES_NOTHING: Acting = { keeps: false }

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
