import type { Terms } from '../coordination/terms.ts'
import type { EventFilter } from '../port/history.ts'
import type { SessionFilter } from '../port/store.ts'

/** A statement's text, with placeholders such as `:session_id`. */
type Statement = string
/** Statements for one transaction, in their order. */
type Transaction = readonly Statement[]

/**
 * The statements of a dialect. They have the same names and placeholders in both, and the same effect.
 * `Store` in `port/store.ts` says what each call guarantees.
 */
export interface Statements {
  readonly claims: ClaimStatements
  readonly sessions: SessionStatements
  readonly locks: LockStatements
  readonly waiters: WaiterStatements
  readonly history: HistoryStatements
  readonly outbox: OutboxStatements
  /** For the statements that both dialects share. */
  readonly terms: Terms
}

export interface ClaimStatements {
  readonly put: Statement
  /** As `put` of `Commands`. @param labels the names of the labels' values */
  readonly putAutomatic: (labels: readonly string[]) => Statement
  /** Extends each live claim of the session by its own ttl. */
  readonly extend: Statement
  readonly removeAll: Statement
  readonly remove: Statement
  readonly removeLapsed: Statement
  /** Removes one write's key from a claim. */
  readonly takeBack: Statement
  /** As `takeBack`, but if this write is the latest, the claim's earlier purpose and ttl are restored. */
  readonly restore: Statement
  /**
   * If none of its writes is left, a claim that had replaced a lapsed one becomes that lapsed claim again.
   */
  readonly lapseAgain: Statement
  /** Deletes a claim if none of its writes is left. */
  readonly removeUnclaimed: Statement
  readonly forgetLapses: Statement
  /** Records the expiry events of the claims that `prune` deletes next. */
  readonly pruneEvents: Statement
  readonly prune: Statement
}

export interface SessionStatements {
  /**
   * A session that registers after its end gets a new start time. Otherwise only its details and its last
   * contact change.
   */
  readonly register: Statement
  /** A touch makes an ended session live again. */
  readonly touch: Statement
  readonly end: Statement
  readonly read: (which: SessionFilter['which']) => Statement
  /** Ordered by id: by code point. */
  readonly readPage: (which: SessionFilter['which']) => Statement
  readonly readOne: Statement
  /** Returns three numbers, however large the board is. */
  readonly count: Statement
  readonly prune: Statement
}

/** The exclusive claims. A label's row is created once, free, and afterwards only updated. */
export interface LockStatements {
  /** Takes a free label, unless a waiter is ahead. */
  readonly take: Statement
  readonly make: Statement
  readonly read: Statement
  readonly extendAll: Statement
  readonly extend: Statement
  /** Takes effect only once: if the session has extended the claim since, a second run keeps the revision. */
  readonly confirm: Statement
  readonly renew: Statement
  /**
   * Frees the session's claims, with `:freed_key` as their new write key. Further conditions follow with AND.
   */
  readonly free: Statement
  /** Frees the claim only if it is exactly as its taker's own writes left it. */
  readonly takeBack: Statement
  readonly dropTentative: Statement
  /** Writes how the previous claim ended, as a row and as an event, and then the label's new holder. */
  readonly takeOver: Transaction
  /** After `takeOver`: records the keyed call, if it took the label. */
  readonly noteTaken: Statement
  /**
   * The same, but the label ends up free. The token grows too, so that the cleared claim's token is never
   * valid again.
   */
  readonly clear: Transaction
}

/** The wait queue of a label. */
export interface WaiterStatements {
  /** Enters the queue, or stays in it. */
  readonly wait: Statement
  readonly leave: Statement
  readonly prune: Statement
}

export interface HistoryStatements {
  readonly log: (filter: Pick<EventFilter, 'label' | 'sessionId'>) => Statement
  readonly since: (label: string | undefined) => Statement
  readonly resolve: Transaction
  readonly forgetAll: Statement
  readonly forget: Statement
  readonly pruneEnded: Statement
  readonly pruneEvents: Statement
}

export interface OutboxStatements {
  /** Records an entry or a keyed call as applied. Affects no row if it was applied before. */
  readonly note: Statement
  /** What was recorded. */
  readonly noted: Statement
  /**
   * What an entry does, as of the time when it was made, with its history events. A release leaves alone
   * claims that were made after it. `releaseWrite` takes back a single write.
   */
  readonly apply: Readonly<
    Record<'claim' | 'heartbeat' | 'release' | 'releaseWrite' | 'releaseAll', Transaction>
  >
  readonly prune: Statement
}
