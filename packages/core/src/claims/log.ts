import type { Deadline } from '../deadline.ts'
import type { HistoryEvent } from '../domain/history.ts'
import { parseLabel } from '../domain/label.ts'
import type { Outcome } from '../domain/refusal.ts'
import { parseSince } from '../domain/since.ts'
import type { EventFilter } from '../store/port/history.ts'
import type { Store } from '../store/port/store.ts'
import type { CallContext } from './context.ts'

/** A part of the history. */
export interface Logged {
  /** The earliest first. */
  readonly events: readonly HistoryEvent[]
  /** True if there are earlier events within the requested time. */
  readonly more: boolean
  /** The database's time of the answer. */
  readonly asOf: Date
}

const ROWS_DEFAULT = 100
const ROWS_MAX = 10_000

/** The most events that an answer contains. */
export function logRows(limit = ROWS_DEFAULT): number {
  return Math.max(1, Math.min(Math.trunc(limit) || ROWS_DEFAULT, ROWS_MAX))
}

/** The latest `rows` events of the history. */
async function log(store: Store, filter: EventFilter, deadline: Deadline): Promise<Logged> {
  const { events, asOf } = await store.history.log({ ...filter, rows: filter.rows + 1 }, deadline)
  const latest = [...new Map(events.map(event => [keyOf(event), event])).values()].toSorted(
    (a, b) => b.at.getTime() - a.at.getTime() || order(a) - order(b),
  )
  return {
    events: latest.slice(0, filter.rows).reverse(),
    more: latest.length > filter.rows,
    asOf,
  }
}

/**
 * An expiry is in the history, or still in its claim's own row, or both. So events are identified by their
 * content.
 */
function keyOf({ label, at, session, event }: HistoryEvent): string {
  return [label, at.getTime(), session.id, event].join('\0')
}

/** Within one millisecond a claim comes before its end. */
function order({ event }: HistoryEvent): number {
  return event === 'claim' || event === 'co-claim' || event === 'steal' ? 1 : 0
}

/** `session` is the caller's, so the session whose history is asked for is named `of`. */
export interface LogInput {
  readonly label?: string
  readonly of?: string
  readonly since?: string | number
  readonly limit?: number
}

export async function logCall(
  { store, kinds, deadline: start, recorder }: CallContext,
  { label: text, of, since, limit }: LogInput,
): Promise<Outcome<Logged>> {
  const label = text === undefined ? undefined : parseLabel(text, kinds)
  if (label && !label.ok) return label
  const seconds = parseSince(since)
  if (!seconds.ok) return seconds
  const filter = {
    seconds: seconds.value,
    rows: logRows(limit),
    ...(label ? { label: label.value.text } : {}),
    ...(of === undefined ? {} : { sessionId: of }),
  }
  const deadline = start()
  // On a server, a client may ask for the event of a call that was just answered: write it first.
  await recorder.caughtUp()
  return { ok: true, ...(await log(store, filter, deadline)) }
}
