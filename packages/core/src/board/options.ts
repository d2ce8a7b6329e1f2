import type { Turn } from '../claims/wait.ts'

/** The options of every claim, shared or exclusive. */
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
  /**
   * Ends the wait early, as if its time were over.
   * @default none
   */
  readonly signal?: AbortSignal
  /** Called with the state of the wait after each look at the board. */
  readonly onWait?: (turn: Turn) => void
}

/** The options of {@link Board.claim}. */
export interface SharedOptions extends ClaimOptions {
  /**
   * A key of your own for this claim, which {@link Board.takeBack} needs: 8 to 32 lower-case letters, digits
   * or hyphens, new for each claim. Refused with `invalid_write_key`.
   * @default a random key
   */
  readonly writeKey?: string
}

/** The options of {@link Board.takeBack}. */
export interface TakeBackOptions {
  /** The write key of the claim to take back. */
  readonly writeKey: string
  /**
   * The purpose and the ttl (in seconds) to restore. They apply only if other processes of this session still
   * hold the label and nobody has written the claim since.
   * @default the claim keeps what was written last
   */
  readonly before?: { readonly purpose: string; readonly ttlSeconds: number }
}

/** The options of {@link Board.claimExclusively} and {@link Board.acquire}. */
export interface ExclusiveOptions extends ClaimOptions {
  /**
   * As for any claim, or `never`: the claim lives until it is released or stolen. `acquire` refuses `never`.
   * @default 900
   */
  readonly ttl?: string | number
  /**
   * Take the label even if others hold shared claims on it. Their claims stay, and their sessions are told.
   * @default false
   */
  readonly overShared?: boolean
}

/** The options of {@link Board.steal}. */
export interface StealOptions {
  /**
   * Why you steal the label. At most 4,000 characters, not blank. It is kept in the history, and the previous
   * holder is told. Refused with `invalid_note`.
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

/** The options of {@link Board.log}. */
export interface LogOptions {
  /**
   * Only events on this label.
   * @default all labels
   */
  readonly label?: string
  /**
   * Only events that the session with this id caused or that concern it.
   * @default all sessions
   */
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

/** The options of {@link Board.list}. */
export interface ListOptions {
  /**
   * Only this session's claims.
   * @default false
   */
  readonly mine?: boolean
  /**
   * Only labels of this kind.
   * @default all kinds
   */
  readonly kind?: string
  /**
   * Only this many shared and this many exclusive claims, those that were made or extended last, at most 500
   * of each, plus this session's own claims and other sessions' claims on the same labels. Has no effect
   * together with `kind` or `mine`.
   * @default all claims
   */
  readonly latest?: number
}

/** The options of {@link Board.status}. */
export interface StatusOptions {
  /**
   * Only components and workflows of this project. Among the broadcasts to a project, only those to this
   * one count as unread. Refused with `invalid_project`.
   * @default all projects
   */
  readonly project?: string
}

/** The options of {@link Board.watch}. */
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

/** The options of {@link Board.compliance}. */
export interface ComplianceOptions {
  /** The time of the earliest commands to count. */
  readonly since: Date
}

/** The options of {@link Board.markWrong}. */
export interface MarkWrongOptions {
  /** The `event` of {@link GuardedTarget}. The history shows it too. */
  readonly event: string
  /**
   * What the decision should have been. At most 4,000 characters, not blank.
   * @default none
   */
  readonly note?: string
}
