import type { Deadline } from '../../deadline.ts'
import type { HistoryEvent } from '../../domain/history.ts'
import type { Once } from './once.ts'

export interface EventFilter {
  readonly label?: string
  /** Only events of this session, or that concern it. */
  readonly sessionId?: string
  /** Only events at most this old, in seconds. */
  readonly seconds: number
  /** The most events to return; the latest are returned. */
  readonly rows: number
}

/** Which events a follower reads. */
export interface EventsSince {
  readonly label?: string | undefined
  readonly since: Date
  /** The most events to return. */
  readonly rows: number
}

/** The history of claims. */
export interface History {
  /** Adds events. An event that exists already stays unchanged. */
  record(events: readonly HistoryEvent[], deadline: Deadline): Promise<void>
  /** Returns events, the latest first, and the database's current time. */
  log(filter: EventFilter, deadline: Deadline): Promise<{ events: readonly HistoryEvent[]; asOf: Date }>
  /**
   * Returns the earliest events since a time, including claims that expired since and have no event yet. An
   * event may be returned twice. `born` is when the board was created, which tells boards apart.
   */
  since(filter: EventsSince, deadline: Deadline): Promise<{ events: readonly HistoryEvent[]; born: Date }>
  /**
   * Clears the claims on a label that had lapsed by the event's time, and records who did so and why: all of
   * it or nothing.
   */
  resolve(event: HistoryEvent, deadline: Deadline): Promise<void>
  /** The same for a keyed call. @returns false if it was made before; then nothing changes */
  resolveOnce(event: HistoryEvent, once: Once, deadline: Deadline): Promise<boolean>
  /** Forgets the claims of the session that ended without a release, on this label or on all. */
  forget(sessionId: string, label: string | undefined, deadline: Deadline): Promise<void>
}
