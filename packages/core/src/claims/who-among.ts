import type { Deadline } from '../deadline.ts'
import type { Snapshot } from '../domain/claim.ts'
import { parseLimit } from '../domain/page.ts'
import { type SeenSession, sessionsIn } from '../domain/seen.ts'
import { viewOf } from '../domain/session-view.ts'
import type { SessionFilter, Store } from '../store/port/store.ts'
import type { Who, WhoOptions } from './who-answer.ts'

/**
 * One session, or a page of sessions sorted by id. That order does not change when sessions are seen in the
 * meantime.
 */
export async function whoAmong(
  store: Store,
  sessionId: string,
  options: WhoOptions,
  deadline: Deadline,
): Promise<Who> {
  const { of } = options
  if (of !== undefined) return one(store, sessionId, of, deadline)
  const snapshot = await store.read({ whole: true }, sessionId, deadline)
  const { sessions, next } = await page(store, snapshot, options, deadline)
  return {
    sessions,
    ...(next === undefined ? {} : { next }),
    asOf: snapshot.asOf,
    coClaims: viewOf(snapshot, sessionId).coClaims,
  }
}

/** The cost for one session does not depend on how full the board is. */
async function one(store: Store, sessionId: string, id: string, deadline: Deadline): Promise<Who> {
  const registered = await store.registered(id, deadline)
  const snapshot = await store.read({ mine: true }, id, deadline)
  const own = id === sessionId ? snapshot : await store.read({ mine: true }, sessionId, deadline)
  const seen = sessionsIn(snapshot, registered ? [registered] : [])
  return {
    sessions: seen.filter(({ session }) => session.id === id),
    asOf: own.asOf,
    coClaims: viewOf(own, sessionId).coClaims,
  }
}

/**
 * A session's claims also decide whether it is live or stale, so to filter by one of these states all current
 * sessions are read at once. All other lists are read page by page.
 */
async function page(
  store: Store,
  snapshot: Snapshot,
  { all, state, limit: asked, after = '' }: WhoOptions,
  deadline: Deadline,
): Promise<Pick<Who, 'sessions' | 'next'>> {
  const limit = parseLimit(asked)
  const which = whichOf(all, state)
  const atOnce = which === 'there' && state !== undefined
  const rows = limit + 1
  const found: SeenSession[] = []
  for (let place: string | undefined = after; place !== undefined && found.length <= limit; ) {
    const from: string = place
    const filter: SessionFilter = atOnce ? { which } : { which, page: { rows, after: from } }
    const registered = await store.sessions(filter, deadline)
    const last = atOnce || registered.length < rows ? undefined : registered.at(-1)?.session.id
    const read = sessionsIn(snapshot, registered)
      .filter(each => state === undefined || each.state === state)
      .filter(({ session: { id } }) => byId(id, from) > 0 && (last === undefined || byId(id, last) <= 0))
    found.push(...read.toSorted((a, b) => byId(a.session.id, b.session.id)))
    place = last
  }
  const sessions = found.slice(0, limit)
  const next = found.length > limit ? sessions.at(-1)?.session.id : undefined
  return { sessions, ...(next === undefined ? {} : { next }) }
}

function whichOf(all: WhoOptions['all'], state: WhoOptions['state']): SessionFilter['which'] {
  if (state === 'inactive') return 'gone'
  return all && state === undefined ? 'kept' : 'there'
}

/** Compares as the databases do, by code points. JavaScript compares UTF-16 units. */
function byId(a: string, b: string): number {
  // Nearly every id is ASCII, where both orders are the same.
  if (isAscii(a) && isAscii(b)) return a < b ? -1 : Number(a > b)
  return Buffer.compare(Buffer.from(a, 'utf8'), Buffer.from(b, 'utf8'))
}

function isAscii(text: string): boolean {
  return /^[\x20-\x7e]*$/.test(text)
}
