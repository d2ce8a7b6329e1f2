import type { Deadline } from '../deadline.ts'
import type { Snapshot } from '../domain/claim.ts'
import { PAGE_ROWS_MAX } from '../domain/limits.ts'
import { parseLimit } from '../domain/page.ts'
import { type SeenSession, sessionsIn } from '../domain/seen.ts'
import { standingOf } from '../domain/standing.ts'
import type { SessionFilter, Store } from '../store/port.ts'
import type { Who, WhoOptions } from './who.ts'

/** One session, or a page of sessions in the order of their ids: that is the same however many are heard of meanwhile. */
export async function whoAmong(
  store: Store,
  sessionId: string,
  options: WhoOptions,
  deadline: Deadline,
): Promise<Who> {
  const snapshot = await store.read({ whole: true }, sessionId, deadline)
  const { of } = options
  const found = of === undefined ? await page(store, snapshot, options, deadline) : undefined
  const { sessions, next } = found ?? {
    sessions: await one(store, snapshot, of ?? '', deadline),
    next: undefined,
  }
  return {
    sessions,
    ...(next === undefined ? {} : { next }),
    asOf: snapshot.asOf,
    coClaims: standingOf(snapshot, sessionId).coClaims,
  }
}

async function one(store: Store, snapshot: Snapshot, id: string, deadline: Deadline) {
  const registered = await store.registered(id, deadline)
  return sessionsIn(snapshot, registered ? [registered] : []).filter(({ session }) => session.id === id)
}

/**
 * Live claims are few and all there; of the registered sessions so many are read as the page needs. Whether one is live or
 * stale its claims tell too, and so one page may take several reads of those that are there.
 */
async function page(
  store: Store,
  snapshot: Snapshot,
  { all, state, limit: asked, after = '' }: WhoOptions,
  deadline: Deadline,
): Promise<Pick<Who, 'sessions' | 'next'>> {
  const limit = parseLimit(asked)
  const which = whichOf(all, state)
  const rows = state === undefined ? limit + 1 : PAGE_ROWS_MAX + 1
  const found: SeenSession[] = []
  for (let place: string | undefined = after; place !== undefined && found.length <= limit; ) {
    const from: string = place
    const registered = await store.sessions({ which, page: { rows, after: from } }, deadline)
    const last = registered.length < rows ? undefined : registered.at(-1)?.session.id
    const read = sessionsIn(snapshot, registered)
      .filter(({ session: { id } }) => byId(id, from) > 0 && (last === undefined || byId(id, last) <= 0))
      .filter(each => state === undefined || each.state === state)
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

/** As the databases order them: by their code points, where JavaScript compares halves of them. */
function byId(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a, 'utf8'), Buffer.from(b, 'utf8'))
}
