import { z } from '@hono/zod-openapi'
import type { SeenSession } from '@presence/core'
import { Moment } from './schemas.ts'

export const SessionState = z.enum(['live', 'stale', 'inactive'])

export const SessionJson = z
  .object({
    session_id: z.string(),
    user: z.string(),
    host: z.string(),
    agent: z.string(),
    role: z.string().nullable(),
    repo: z.string().nullable(),
    branch: z.string().nullable(),
    worktree: z.string().nullable(),
    state: SessionState.openapi({ description: 'inactive: it has ended, or has not been seen for a day' }),
    stale: z.boolean().openapi({ description: 'Not seen for more than 300 s' }),
    last_heartbeat: Moment,
    seconds_since_heartbeat: z.number().int(),
    ended_at: Moment.nullable(),
    holds: z.array(z.string()).openapi({ description: 'The labels that it holds, shared or exclusively' }),
  })
  .openapi('CoordSession')

export function sessionJson(seen: SeenSession): z.infer<typeof SessionJson> {
  const { id, user, host, agent, place = {} } = seen.session
  return {
    session_id: id,
    user,
    host,
    agent,
    role: place.role ?? null,
    repo: place.repo ?? null,
    branch: place.branch ?? null,
    worktree: place.worktree ?? null,
    state: seen.state,
    stale: seen.stale,
    last_heartbeat: seen.lastSeen.toISOString(),
    seconds_since_heartbeat: seen.secondsSince,
    ended_at: seen.endedAt?.toISOString() ?? null,
    holds: seen.holds.map(({ label }) => label),
  }
}
