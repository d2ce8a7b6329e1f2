import { createRoute, z } from '@hono/zod-openapi'
import { isExclusive, isIdle } from '@presence/core'
import type { ServerContext } from '../context.ts'
import { refuse } from '../faults.ts'
import type { AddRoutes } from '../route.ts'
import { callerOf, LEAVES_NOTHING, NOBODY } from './caller.ts'
import { type Acquisition, parseLockId } from './lock-id.ts'
import { Conflict, type HeldClaim, Lock, lockJson } from './lock-json.ts'
import { conflict } from './refusals.ts'
import { ERRORS, Flag, json, LockId, NOT_FOUND, prose, SessionId } from './schemas.ts'

/** A character can take 12 bytes in a URL, and the URL and headers together may have 8 KiB. */
const REASON_LENGTH_MAX = 500

const one = createRoute({
  method: 'delete',
  path: '/api/coord/locks/{id}',
  summary: 'Release a lock',
  description:
    "Only the lock's session can release it. Another session can take away an idle lock (`stale`) with `force=true` and a `reason`. That is recorded, and the lock's session is told.",
  request: {
    params: z.object({ id: LockId }),
    query: z.strictObject({
      session_id: SessionId,
      force: Flag.optional(),
      reason: prose(REASON_LENGTH_MAX).optional(),
    }),
  },
  responses: {
    204: { description: 'The lock is released' },
    409: json('Another session holds the lock, and it is idle', Conflict),
    ...NOT_FOUND,
    ...ERRORS,
  },
})

const all = createRoute({
  method: 'delete',
  path: '/api/coord/locks',
  summary: 'Release all locks of a session',
  request: { query: z.strictObject({ session_id: SessionId, release_all: z.literal('true') }) },
  responses: {
    200: json(
      'The released locks, and their number',
      z.object({ released: z.number().int(), locks: z.array(Lock) }).openapi('CoordReleasedLocks'),
    ),
    ...ERRORS,
  },
})

export const addLockRelease: AddRoutes = (app, { boards }) => {
  app.openapi(one, async c => {
    const { session_id: sessionId, force, reason } = c.req.valid('query')
    const caller = await callerOf(c, sessionId, LEAVES_NOTHING)
    const acquisition = parseLockId(c.req.valid('param').id)
    if (!acquisition) return refuse(c, 404, 'not_found', 'there is no such lock', 'see GET /api/coord/locks')
    const { claim, asOf } = await boards.acquisitions.on(acquisition.label)
    if (claim?.token !== acquisition.token) return gone(await howItEnded(boards, sessionId, acquisition))
    if (claim.session.id === sessionId)
      return (await boards.acquisitions.release(claim)) ? c.body(null, 204) : gone()
    if (!isIdle(claim, asOf)) return anothers(claim)
    if (force !== 'true')
      return conflict(c, {
        message: `${claim.label} is held by ${claim.session.id}, idle since ${lockJson(claim, asOf, boards.kinds).active_at}`,
        label: claim.label,
        holders: [claim],
        asOf,
        coClaims: [],
      })
    if (reason === undefined)
      return refuse(
        c,
        422,
        'invalid_note',
        'reason: it is required to take a lock away',
        'say why: the reason is kept in the history',
      )
    if (await boards.acquisitions.clear(caller, acquisition, reason)) return c.body(null, 204)
    const now = await boards.acquisitions.on(acquisition.label)
    return now.claim?.token === acquisition.token ? anothers(now.claim) : gone()

    function gone(how = 'it was released or has expired') {
      return refuse(c, 404, 'not_found', `there is no such lock any more: ${how}`, 'see GET /api/coord/locks')
    }

    function anothers(held: HeldClaim) {
      const { id } = held.session
      const message = `the lock on ${held.label} is held by ${id}, not by ${sessionId}`
      return refuse(
        c,
        403,
        'not_holder',
        message,
        `ask ${id} to release it; once it is idle (stale), it can be taken away`,
      )
    }
  })

  app.openapi(all, async c => {
    const { session_id: sessionId } = c.req.valid('query')
    const session = await callerOf(c, sessionId, LEAVES_NOTHING)
    const said = await boards.as(session).list({ mine: true })
    if (!said.ok) throw new TypeError(said.refusal.message)
    const released: HeldClaim[] = []
    for (const claim of said.claims.filter(isExclusive))
      if (await boards.acquisitions.release(claim)) released.push(claim)
    const locks = released.map(claim => lockJson(claim, said.asOf, boards.kinds))
    return c.json({ released: locks.length, locks }, 200)
  })
}

/** If the lock was taken from this session: who took it, when and why. Else undefined. */
async function howItEnded(
  boards: ServerContext['boards'],
  sessionId: string,
  { label, token }: Acquisition,
): Promise<string | undefined> {
  const said = await boards.as({ ...NOBODY, id: sessionId }).list({ mine: true })
  const stolen = said.ok
    ? said.stolen.find(({ claim }) => claim.label === label && claim.token === token)
    : undefined
  const ended = stolen?.claim.ended
  return ended && `${ended.by} took it at ${ended.at.toISOString()}: ${ended.note}`
}
