import type { Acquired } from '../claims/acquire.ts'
import type { Claimed } from '../claims/claim.ts'
import type { Listed } from '../claims/list.ts'
import type { Logged } from '../claims/log.ts'
import type { Released } from '../claims/release.ts'
import type { Resolved } from '../claims/resolve.ts'
import type { Stolen } from '../claims/steal.ts'
import type { Survey } from '../claims/survey.ts'
import type { Verified } from '../claims/verify.ts'
import type { Turn } from '../claims/wait.ts'
import type { Who, WhoOptions } from '../claims/who-answer.ts'
import type { Status } from '../coordination/status.ts'
import type { Change } from '../domain/change.ts'
import type { Outcome } from '../domain/refusal.ts'
import type { Session } from '../domain/session.ts'
import type { Standing } from '../domain/standing.ts'
import type { Replayed, SyncOptions } from '../outbox/replay.ts'
import type { Groups } from './groups.ts'
import type { Lease } from './lease.ts'

/**
 * Pass this instead of a label to release every claim of this session. The symbol is registered globally
 * because each of the command's bundles has its own copy of this module.
 */
export const all: unique symbol = Symbol.for('presence: all my claims')

export interface ClaimOptions {
  /**
   * What you change, and why. At most 4,000 characters, not blank. Everyone on the board can read it. Refused
   * with `invalid_purpose`.
   */
  readonly purpose: string
  /**
   * How long the claim lives without a heartbeat: whole seconds, or a duration such as `15m` or `2h`. From
   * 1 s to 24 h. Refused with `invalid_ttl`.
   * @default 900
   */
  readonly ttl?: string | number
  /**
   * How long to wait while another session blocks the claim: seconds, or a duration such as `10m`. At most
   * 24 h. Refused with `invalid_wait`.
   *
   * A shared claim waits only while another session holds the label exclusively. An exclusive claim joins the
   * wait queue of the label, first come first served, and also waits until others have released their shared
   * claims.
   *
   * @default 0, do not wait
   */
  readonly wait?: string | number
  /** Ends the wait early, as if its time were over. */
  readonly signal?: AbortSignal
  /** Called with the state of the wait after each look at the board. */
  readonly onWait?: (turn: Turn) => void
}

export interface SharedOptions extends ClaimOptions {
  /**
   * A key of your own for this claim, which `takeBack` needs: 8 to 32 lower-case letters, digits or hyphens,
   * new for each claim. Refused with `invalid_write_key`.
   * @default a random key
   */
  readonly writeKey?: string
}

export interface TakeBackOptions {
  /** The write key of the claim to take back. */
  readonly writeKey: string
  /**
   * The purpose and ttl to restore. They apply only if other processes of this session still hold the label
   * and nobody has written the claim since.
   */
  readonly before?: { readonly purpose: string; readonly ttlSeconds: number }
}

export interface ExclusiveOptions extends ClaimOptions {
  /**
   * As for any claim, or `never`: the claim lives until it is released or stolen. `acquire` refuses `never`.
   */
  readonly ttl?: string | number
  /**
   * Take the label even if others hold shared claims on it. Their claims stay, and their sessions are told.
   * @default false
   */
  readonly overShared?: boolean
}

export interface StealOptions {
  /**
   * Why you steal the label. It is kept in the history, and the previous holder is told. Refused with
   * `invalid_note`.
   */
  readonly reason: string
  /**
   * The purpose of the new claim.
   * @default the reason
   */
  readonly purpose?: string
  /**
   * How long the new claim lives without a heartbeat, as in {@link ClaimOptions}.
   * @default 900
   */
  readonly ttl?: string | number
}

export interface LogOptions {
  /** Only events on this label. */
  readonly label?: string
  /** Only events that this session caused or that concern it. */
  readonly session?: string
  /**
   * How far back: seconds, or a duration such as `2h` or `7d`. History is kept for 30 days. Refused with
   * `invalid_since`.
   * @default 86_400, one day
   */
  readonly since?: string | number
  /**
   * The number of events to return, the latest ones. At most 10,000.
   * @default 100
   */
  readonly limit?: number
}

export interface ListOptions {
  /** Only this session's claims. */
  readonly mine?: boolean
  /** Only labels of this kind. */
  readonly kind?: string
  /**
   * Only this many of the claims that were made or extended last, at most 500, plus this session's own claims
   * and the claims beside them. Has no effect together with `kind` or `mine`.
   */
  readonly latest?: number
}

export interface StatusOptions {
  /**
   * Only components and workflows of this project. Of the broadcasts that name a project, only those for this
   * one count as unread. Refused with `invalid_project`.
   */
  readonly project?: string
}

export interface WatchOptions {
  /**
   * Only changes on this label.
   * @default the whole board
   */
  readonly label?: string
  /** Ends the watch without an error. */
  readonly signal?: AbortSignal
  /**
   * Milliseconds between an answer and the next request. At least 20.
   * @default 1_000
   */
  readonly everyMs?: number
}

/**
 * A board as one session sees it. Open one with `openBoard`.
 *
 * Every call ends within the deadline that the board was opened with. A call with `wait` may take that much
 * longer, and a watch runs until it is ended.
 *
 * If the board refuses a request, the call returns `{ ok: false, refusal }`. If something fails, the call
 * throws `PresenceError`. An empty list therefore always means that the board was read and nothing was there,
 * never that it could not be reached (G6).
 *
 * If the board can't be reached, its outbox stores `claim`, `takeBack`, `heartbeat`, `survey`, `release` and
 * `deregister`, and also sent messages and states of components. Of `survey` it stores only the heartbeat,
 * and of `deregister` only the release. The error then has `queued: true`, and the call is delivered at the
 * next contact. Other calls are never stored. See `queue` in `OpenOptions`.
 */
export interface Board extends Groups, AsyncDisposable {
  /** The session that this board speaks for. */
  readonly session: Session
  /**
   * Makes a shared claim on a label, and lists the other sessions that hold it.
   *
   * If this session already holds the label, the claim keeps its `claimedAt` and the longer of both ttls, and
   * never ends sooner than before. The answer shows the resulting claim.
   *
   * Refused with `held` if another session holds the label exclusively. Other refusals: `invalid_label`,
   * `invalid_purpose`, `invalid_ttl`, `invalid_wait`, `invalid_write_key`.
   */
  claim(label: string, options: SharedOptions): Promise<Outcome<Claimed>>
  /**
   * Ends the claim that was made with this write key. Claims that other processes of this session made on
   * the label stay. `gone` is true if no such claim was left, so the label is released.
   *
   * Refused with `invalid_label` or `invalid_write_key`.
   */
  takeBack(label: string, options: TakeBackOptions): Promise<Outcome<{ readonly gone: boolean }>>
  /**
   * Makes an exclusive claim on a label, or extends the exclusive claim that this session already holds. It
   * is never stored in the outbox and never replaced by a weaker claim.
   *
   * Refused with `held` if another session holds the label in either mode, or waits for it. Other refusals:
   * `invalid_label`, `invalid_purpose`, `invalid_ttl`, `invalid_wait`.
   *
   * @throws PresenceError `busy` if too many sessions want the label at once
   */
  claimExclusively(label: string, options: ExclusiveOptions): Promise<Outcome<Acquired>>
  /**
   * Takes a lease on a label: an exclusive claim that is kept alive until it is released or lost.
   *
   * Refused for the same reasons as `claimExclusively`, and also with `held` if this session already holds
   * the label exclusively.
   */
  acquire(label: string, options: ExclusiveOptions): Promise<Outcome<{ readonly lease: Lease }>>
  /**
   * Checks whether a fencing token is the current one of a label. Refused with `invalid_label` or
   * `invalid_token`.
   */
  verify(label: string, token: number): Promise<Outcome<Verified>>
  /**
   * Takes a label from the session that holds it exclusively. The steal is kept in the history, and the
   * previous holder is told.
   *
   * Refused with `not_held` if no other session holds the label exclusively, or with `held` if another
   * session stole it in turn before the answer. Other refusals: `invalid_label`, `invalid_note`,
   * `invalid_purpose`, `invalid_ttl`.
   */
  steal(label: string, options: StealOptions): Promise<Outcome<Stolen>>
  /**
   * Marks the lapsed claims on a label as resolved, with a note on what you found. Refused with
   * `invalid_label` or `invalid_note`.
   */
  resolve(label: string, note: string): Promise<Outcome<Resolved>>
  /**
   * Returns the history of claims, the earliest event first. History is kept for 30 days. Refused with
   * `invalid_label` or `invalid_since`.
   */
  log(options?: LogOptions): Promise<Outcome<Logged>>
  /** Extends each live claim of this session by the claim's own ttl. */
  heartbeat(): Promise<Standing>
  /**
   * Sends a heartbeat and lists the latest claims of all sessions. Takes fewer round trips than the two calls
   * together. With `register`, also registers this session.
   */
  survey(options?: { readonly register?: boolean }): Promise<Survey>
  /**
   * Releases one label of this session, or `all` of them. Releasing a label that nobody holds succeeds.
   *
   * Refused with `not_holder` if only other sessions hold the label, or with `invalid_label`.
   */
  release(label: string | typeof all): Promise<Outcome<Released>>
  /**
   * Lists live claims: those of all sessions, this session's own, or those on labels of one kind. Refused
   * with `invalid_label` if the kind is unknown.
   */
  list(options?: ListOptions): Promise<Outcome<Listed>>
  /** Lists the live claims on one label. Refused with `invalid_label`. */
  peek(label: string): Promise<Outcome<Listed>>
  /**
   * Delivers the outbox: the calls that could not be delivered while the board was unreachable. Stops after
   * the time of one call.
   */
  sync(options?: SyncOptions): Promise<Replayed>
  /** Registers this session and the place where it works, before it claims anything. */
  register(): Promise<void>
  /** Ends this session and releases all its claims. */
  deregister(): Promise<Outcome<Released>>
  /**
   * Lists the sessions that are registered or hold live claims, the last seen first. With options, it returns
   * a page, one session, or also sessions that are gone: see `WhoOptions`.
   */
  who(options?: WhoOptions): Promise<Who>
  /**
   * Summarizes the board: claims, components, workflows, this session's unread messages, and sessions.
   * Refused with `invalid_project`.
   */
  status(options?: StatusOptions): Promise<Outcome<Status>>
  /**
   * Yields the current state of the board, then each change as it happens. While the board does not answer,
   * the watch continues and yields an `unknown` change. It ends when its signal fires, the board is closed,
   * or the loop breaks.
   *
   * @throws PresenceError `invalid_label`, at the call itself
   */
  watch(options?: WatchOptions): AsyncIterable<Change>
  /** Finishes the work that runs after answers, such as writing the history, and closes the connection. */
  close(): Promise<void>
}
