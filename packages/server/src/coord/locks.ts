import { createRoute, z } from '@hono/zod-openapi'
import { isExclusive, type Listed } from '@presence/core'
import type { ServerContext } from '../context.ts'
import { refuse } from '../faults.ts'
import type { AddRoutes } from '../route.ts'
import { callerOf, NOBODY } from './caller.ts'
import {
  Conflict,
  Ended,
  endedJson,
  type HeldClaim,
  Lock,
  lockJson,
  projectOf,
  stolenJson,
} from './lock-json.ts'
import { fromCursor, PAGE, pageEnd, pageOf, toCursor } from './page.ts'
import { conflict, refused } from './refusals.ts'
import { labelOf, resourceOf } from './resource.ts'
import { body, ERRORS, json, ProjectKey, prose, ResourceName, SessionId } from './schemas.ts'

const HOUR_SECONDS = 3_600

const Locks = pageOf('CoordLocks', {
  locks: z.array(Lock),
  stolen: z
    .array(Ended)
    .openapi({ description: 'With `session_id`: the locks that other sessions took from it' }),
})

const Acquired = Lock.extend({
  lapsed: z.array(Ended).openapi({
    description: "Others' claims on the resource that expired without a release: their work may be half done",
  }),
  ended: z.array(Ended).openapi({
    description:
      "This session's earlier claims on the resource that it did not release itself, and how each ended. Reported once",
  }),
}).openapi('CoordAcquiredLock')

const list = createRoute({
  method: 'get',
  path: '/api/coord/locks',
  summary: 'List the locks',
  request: {
    query: z.strictObject({
      project_key: ProjectKey.optional(),
      resource: ResourceName.optional(),
      session_id: SessionId.optional(),
      ...PAGE,
    }),
  },
  responses: { 200: json('The locks, by label', Locks), ...ERRORS },
})

const NewLock = z
  .strictObject({
    project_key: ProjectKey,
    session_id: SessionId,
    resource: ResourceName,
    description: prose(4_000)
      .optional()
      .openapi({ description: 'By default the description that this session gave last' }),
    ttl_hours: z.number().min(0).max(24).default(2).openapi({
      description: 'It expires this many hours after its session was last seen; 0: never',
    }),
  })
  .openapi('CoordNewLock')

const acquire = createRoute({
  method: 'post',
  path: '/api/coord/locks',
  summary: 'Lock a resource',
  description:
    'Makes an exclusive claim on the board. If the session holds it already, the call extends it, and updates its purpose if a `description` is given.',
  request: { body: body(NewLock) },
  responses: {
    201: json('The resource is locked for this session', Acquired),
    200: json('This session already held the lock', Acquired),
    409: json('Another session has a claim on it', Conflict),
    ...ERRORS,
  },
})

export const addLocks: AddRoutes = (app, { boards }) => {
  app.openapi(list, async c => {
    const query = c.req.valid('query')
    const { project_key: project, resource, session_id: sessionId, limit, after } = query
    const from = after === undefined ? '' : fromCursor(after)
    const found = await read(boards, { project, resource, sessionId }, c.req.raw.signal)
    const rows = found.claims
      .filter((claim): claim is HeldClaim => isExclusive(claim))
      .filter(claim => matches(claim, { project, resource, sessionId }, boards.kinds))
      .filter(claim => claim.label > from)
      .sort((a, b) => (a.label < b.label ? -1 : 1))
    const locks = rows.slice(0, limit).map(claim => lockJson(claim, found.asOf, boards.kinds))
    const next = rows.length > limit ? toCursor(locks.at(-1)?.label ?? '') : undefined
    const stolen = sessionId === undefined ? [] : stolenJson(found.stolen)
    return c.json({ locks, stolen, ...pageEnd({ next, asOf: found.asOf }) }, 200)
  })

  app.openapi(acquire, async c => {
    const {
      project_key: project,
      session_id: id,
      resource,
      description,
      ttl_hours: hours,
    } = c.req.valid('json')
    const asked = await callerOf(c, id, { project })
    const labelled = labelOf(project, resource, boards.kinds)
    if (!labelled.ok) return refuse(c, 422, 'invalid_resource', labelled.message, labelled.remedy)
    const known = await boards.find(id)
    // A registered session has described itself in more detail than its id does.
    const session = known?.isRegistered
      ? { ...known.session, place: { ...asked.place, ...known.session.place } }
      : asked
    const before = known?.holds.find(({ label }) => label === labelled.label)
    const purpose = description ?? before?.purpose ?? 'no description was given'
    const ttl = hours === 0 ? 'never' : Math.max(1, Math.round(hours * HOUR_SECONDS))
    const said = await boards.as(session).claimExclusively(labelled.label, { purpose, ttl })
    if (!said.ok) return 'holders' in said.refusal ? conflict(c, said.refusal) : refused(c, said.refusal)
    const { claim, asOf, lapsed, ended, isNew } = said
    const lock = {
      ...lockJson(claim, asOf, boards.kinds),
      lapsed: lapsed.map(endedJson),
      ended: ended.map(endedJson),
    }
    return isNew ? c.json(lock, 201) : c.json(lock, 200)
  })
}

interface Filter {
  readonly project: string | undefined
  readonly resource: string | undefined
  readonly sessionId: string | undefined
}

/** Reads the claims to filter. A known label or session keeps the read small. */
async function read(boards: ServerContext['boards'], filter: Filter, signal: AbortSignal): Promise<Listed> {
  const { project, resource, sessionId } = filter
  const board = boards.as(sessionId === undefined ? NOBODY : { ...NOBODY, id: sessionId }, { signal })
  const labelled =
    project === undefined || resource === undefined ? undefined : labelOf(project, resource, boards.kinds)
  const said =
    labelled?.ok && sessionId === undefined
      ? await board.peek(labelled.label)
      : await board.list({ mine: sessionId !== undefined })
  if (!said.ok) throw new TypeError(said.refusal.message)
  return said
}

function matches(claim: HeldClaim, filter: Filter, kinds: readonly string[]): boolean {
  const { project, resource, sessionId } = filter
  if (sessionId !== undefined && claim.session.id !== sessionId) return false
  const is = resourceOf(claim.label, kinds)
  // A query for a label ignores the holder's project.
  if (resource !== undefined) {
    if (project === undefined) return is.resource === resource || claim.label === resource
    const labelled = labelOf(project, resource, kinds)
    return labelled.ok && labelled.label === claim.label
  }
  return project === undefined || (is.project ?? projectOf(claim)) === project
}
