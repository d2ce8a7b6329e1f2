import type { Change } from './domain/change.ts'
import type { Outcome } from './domain/refusal.ts'
import type { Session } from './domain/session.ts'
import type { Standing } from './domain/standing.ts'
import type { Groups } from './groups/lazy.ts'
import type { Lease } from './lease.ts'
import type { Replayed } from './queue/replay.ts'
import type { Acquired } from './verbs/acquire.ts'
import type { Claimed } from './verbs/claim.ts'
import type { Listed } from './verbs/list.ts'
import type { Logged } from './verbs/log.ts'
import type { Released } from './verbs/release.ts'
import type { Resolved } from './verbs/resolve.ts'
import type { Status } from './verbs/status.ts'
import type { Stolen } from './verbs/steal.ts'
import type { Survey } from './verbs/survey.ts'
import type { Verified } from './verbs/verify.ts'
import type { Turn } from './verbs/wait.ts'
import type { Who, WhoOptions } from './verbs/who.ts'

/** In a label's place: all of my claims. The same in every copy of this: the command's bundles have one each. */
export const all: unique symbol = Symbol.for('presence: all my claims')

export interface ClaimOptions {
  /** What is being changed, and why: at most 4,000 characters, shown to everyone. */
  readonly purpose: string
  /** How long the claim lives without a heartbeat: whole seconds, or `15m`, `2h`; 900 s unless told, 24 h at most. */
  readonly ttl?: string | number
  /**
   * How long to wait where it is held exclusively: seconds, or `10m`; not at all unless told. An exclusive claim waits in
   * turn, first come first served, also for shared ones to go.
   */
  readonly wait?: string | number
  /** Ends a wait, as if its time were over. */
  readonly signal?: AbortSignal
  /** Told how a wait stands, each time that the board was looked at. */
  readonly onWait?: (turn: Turn) => void
}

export interface SharedOptions extends ClaimOptions {
  /** A key of the caller's own for this claim, for `takeBack`: 8 to 32 lower-case letters and digits. */
  readonly writeKey?: string
}

export interface TakeBackOptions {
  /** What the claim was made with. */
  readonly writeKey: string
  /** What the claim says from then on, where the session holds it otherwise too, and nobody wrote it since. */
  readonly before?: { readonly purpose: string; readonly ttlSeconds: number }
}

export interface ExclusiveOptions extends ClaimOptions {
  /** As of any claim; or `never`: until it is released or stolen. A lease can't have that. */
  readonly ttl?: string | number
  /** Take it although others hold shared claims on the label: they stand, and are told. */
  readonly overShared?: boolean
}

export interface SyncOptions {
  /** Queues the dead letters again first: what was set aside because it could not be read or was refused. */
  readonly retryDeadLetters?: boolean
}

export interface StealOptions {
  /** Why: it stays in the history, and the holder is told. */
  readonly reason: string
  /** What the claim is for then; the reason, unless told. */
  readonly purpose?: string
  readonly ttl?: string | number
}

export interface LogOptions {
  /** Only this label. */
  readonly label?: string
  /** Only what this session did, and what concerned it. */
  readonly session?: string
  /** How far back: seconds, or `2h`, `7d`; a day unless told. */
  readonly since?: string | number
  /** The latest so many: 100 unless told, 10,000 at most. */
  readonly limit?: number
}

export interface ListOptions {
  /** Only this session's claims. */
  readonly mine?: boolean
  /** Only labels of this kind. */
  readonly kind?: string
  /** Only so many of the claims made or extended last, at most 500, and those beside this session's own. */
  readonly latest?: number
}

export interface StatusOptions {
  /** Components and workflows of this project only, and what is to many of it. */
  readonly project?: string
}

export interface WatchOptions {
  /** Only this label; else the whole board. */
  readonly label?: string
  /** Ends the watch, without an error. */
  readonly signal?: AbortSignal
  /** Milliseconds from one answer to the next question: 1,000 unless told, 20 at least. */
  readonly everyMs?: number
}

/**
 * A board, seen by one session. Every call ends within the deadline that the board was opened with; what the board says
 * no to is a value (`ok: false`), and what goes wrong is thrown as `PresenceError`: an answer is never an empty list
 * that only means that nobody could be asked (G6).
 */
export interface Board extends Groups, AsyncDisposable {
  readonly session: Session
  /**
   * Claims a label and tells who else holds it. Claiming again keeps `claimedAt` and the longer ttl, and never ends sooner: the
   * answer says what stands.
   */
  claim(label: string, options: SharedOptions): Promise<Outcome<Claimed>>
  /**
   * Ends one claim of this session, known by its write key, and none that another process of the session made. The label is
   * released (`gone`) with the last of them.
   */
  takeBack(label: string, options: TakeBackOptions): Promise<Outcome<{ readonly gone: boolean }>>
  /**
   * Claims a label for this session alone, or extends what it holds so. Refused (`held`) where anybody else is on the label.
   * Never queued, and never weaker than asked for.
   */
  claimExclusively(label: string, options: ExclusiveOptions): Promise<Outcome<Acquired>>
  /**
   * A lease on a label: an exclusive claim that is kept alive until it is released or lost. Refused also where this session
   * holds the label already.
   */
  acquire(label: string, options: ExclusiveOptions): Promise<Outcome<{ readonly lease: Lease }>>
  /** Is this token the current one? */
  verify(label: string, token: number): Promise<Outcome<Verified>>
  /** Takes a label from whoever holds it exclusively: recorded, and told to that session. */
  steal(label: string, options: StealOptions): Promise<Outcome<Stolen>>
  /** Clears what has lapsed on a label, with a note on what was found. */
  resolve(label: string, note: string): Promise<Outcome<Resolved>>
  /** What became of claims: 30 days are kept. */
  log(options?: LogOptions): Promise<Outcome<Logged>>
  /** Extends each of my live claims by its own ttl. */
  heartbeat(): Promise<Standing>
  /** A heartbeat, and everybody's claims with it, for less than the two cost. */
  survey(options?: { readonly register?: boolean }): Promise<Survey>
  /** Releases one of my labels, or `all` of them. */
  release(label: string | typeof all): Promise<Outcome<Released>>
  /** The live claims: everybody's, mine, or one kind's. */
  list(options?: ListOptions): Promise<Outcome<Listed>>
  /** The live claims on one label. */
  peek(label: string): Promise<Outcome<Listed>>
  /** Delivers what was queued while the board could not be reached, for as long as one call may take. */
  sync(options?: SyncOptions): Promise<Replayed>
  /** Says that this session is there, and where, before it holds anything. */
  register(): Promise<void>
  /** Says that this session has ended, and releases all that it holds. */
  deregister(): Promise<Outcome<Released>>
  /** The sessions that are there or hold live claims, the latest heard of first; or a page of these or more: see the options. */
  who(options?: WhoOptions): Promise<Who>
  /** What is going on: claims, components, workflows, my unread messages, sessions. */
  status(options?: StatusOptions): Promise<Outcome<Status>>
  /**
   * What stands on the board, then what changes, as it happens. Goes on while the board gives no answer, and says so;
   * ends with its signal, the board's closing, or the loop's `break`.
   *
   * @throws PresenceError `invalid_label`, at once
   */
  watch(options?: WatchOptions): AsyncIterable<Change>
  /** Ends what still runs after an answer, and the connection. */
  close(): Promise<void>
}
