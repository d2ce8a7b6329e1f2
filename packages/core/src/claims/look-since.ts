import type { Deadline } from '../deadline.ts'
import type { Snapshot } from '../domain/claim.ts'
import type { Looked } from '../domain/follower.ts'
import type { HistoryEvent } from '../domain/history.ts'
import { parseLabel } from '../domain/label.ts'
import type { Outcome } from '../domain/refusal.ts'
import type { Scope, Store } from '../store/port/store.ts'
import type { CallContext } from './context.ts'

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
    // The query reads each table separately, at most a page of rows from each. So behind the first page of the
    // sorted rows, rows of another table may be missing: keep only one page.
    const page = events.toSorted((a, b) => a.at.getTime() - b.at.getTime())
    const isWhole = page.length < PAGE_ROWS
    const kept = isWhole ? page : page.slice(0, PAGE_ROWS)
    all.push(...kept)
    const last = kept.at(-1)?.at
    if (isWhole || !last || all.length > rowsMax) return { events: all, born }
    from = last > from ? last : new Date(from.getTime() + 1)
  }
}

/**
 * The live claims of one label or of the whole board. With `of`, those of one session, whether live, lapsed
 * or ended otherwise.
 */
export interface ReadInput {
  readonly label?: string
  readonly of?: string
  /** Also returns the events since this time. */
  readonly eventsSince?: Date
}

export interface SnapshotWithEvents extends Snapshot {
  /** Present if they were asked for. */
  readonly events?: readonly HistoryEvent[]
  /** When the board was created. */
  readonly born?: Date
}

/** The call `read`: one poll of a watch. */
export async function readCall(
  { store, session, kinds, deadline }: CallContext,
  { label: text, of, eventsSince: since }: ReadInput,
): Promise<Outcome<SnapshotWithEvents>> {
  const label = text === undefined ? undefined : parseLabel(text, kinds)
  if (label && !label.ok) return label
  if (of !== undefined) return { ok: true, ...(await store.read({ mine: true }, of, deadline())) }
  const looked = await looksOn(store).look(label?.value.text, session.id, since, deadline())
  const { snapshot, events = [], born } = looked
  return { ok: true, ...snapshot, ...(born ? { events, born } : {}) }
}
