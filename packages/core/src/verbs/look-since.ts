import type { Deadline } from '../deadline.ts'
import type { Looked } from '../domain/follower.ts'
import type { HistoryEvent } from '../domain/history.ts'
import type { Scope, Store } from '../store/port.ts'

/** The repeated request of a follower to its board. */
export interface Looks {
  /** @param since reads events from this moment on. Without it, no events are read */
  look(
    label: string | undefined,
    sessionId: string,
    since: Date | undefined,
    deadline: Deadline,
  ): Promise<Looked>
}

/** Events per statement. */
const PAGE_ROWS = 1_000

/**
 * Reads the events first and the snapshot second, so that the snapshot contains the effect of each event. In
 * the other order, a claim whose event was read could be missing from the snapshot and look ended.
 */
export function looksOn(store: Pick<Store, 'read' | 'history'>): Looks {
  return {
    look: async (label, sessionId, since, deadline) => {
      const told = since && (await eventsSince(store, label, since, deadline))
      const scope: Scope = label === undefined ? { whole: true } : { label }
      return { events: [], ...told, snapshot: await store.read(scope, sessionId, deadline) }
    },
  }
}

/**
 * Returns all events since a moment, page by page. An event may occur more than once.
 * @param rowsMax stops once there are more than this many
 */
export async function eventsSince(
  { history }: Pick<Store, 'history'>,
  label: string | undefined,
  since: Date,
  deadline: Deadline,
  rowsMax = Number.POSITIVE_INFINITY,
): Promise<{ readonly events: readonly HistoryEvent[]; readonly born: Date }> {
  const all: HistoryEvent[] = []
  for (let from = since; ; ) {
    const { events, born } = await history.since({ label, since: from, rows: PAGE_ROWS }, deadline)
    // Each part of the answer has its earliest rows, so after the first page some rows of another part may be
    // missing.
    const page = events.toSorted((a, b) => a.at.getTime() - b.at.getTime())
    const isWhole = page.length < PAGE_ROWS
    const kept = isWhole ? page : page.slice(0, PAGE_ROWS)
    all.push(...kept)
    const last = kept.at(-1)?.at
    if (isWhole || !last || all.length > rowsMax) return { events: all, born }
    from = last > from ? last : new Date(from.getTime() + 1)
  }
}
