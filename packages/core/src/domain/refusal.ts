import type { Claim } from './claim.ts'
import type { InvalidInput, Refused as RefusedAs } from './outcome.ts'
import type { CoClaim } from './standing.ts'

export { accept, type Checked, type InvalidInput, refuse } from './outcome.ts'

/** The session tried to release a claim of another session (G5: only the owner releases). */
export interface NotHolder {
  readonly code: 'not_holder'
  readonly message: string
  readonly remedy: string
  readonly label: string
  readonly holders: readonly Claim[]
  /** The database's time at the read. */
  readonly asOf: Date
  /** The labels of this session that other sessions also hold. */
  readonly coClaims: readonly CoClaim[]
}

/**
 * The claim conflicts with claims of other sessions: an exclusive claim on a label that others hold, or any
 * claim on a label that is held exclusively.
 */
export interface Held extends Omit<NotHolder, 'code'> {
  readonly code: 'held'
  /** The number of sessions that already wait for the label. */
  readonly waiting?: number
}

/** The session tried to steal a label that no other session holds exclusively. */
export interface NotHeld extends Omit<NotHolder, 'code'> {
  readonly code: 'not_held'
}

/** The board has nothing with this id, or no longer. */
export interface NotFound {
  readonly code: 'not_found'
  readonly message: string
  readonly remedy: string
  readonly id: string
}

/** The id of something new is already in use. */
export interface IdTaken {
  readonly code: 'id_taken'
  readonly message: string
  readonly remedy: string
  readonly id: string
}

/**
 * A workflow or an item can't go from its status to the requested one, or already has the requested status.
 */
export interface NotMoved {
  readonly code: 'not_moved'
  readonly message: string
  readonly remedy: string
  readonly id: string
  readonly from: string
  readonly to: string
  /** The session that set the current status. */
  readonly by: string
  /** The statuses that it can go to. */
  readonly allowed: readonly string[]
}

/**
 * Why the board refuses a request. A refusal is an answer, not a failure: failures are thrown as
 * `PresenceError`.
 */
export type Refusal = InvalidInput | NotHolder | Held | NotHeld | NotFound | IdTaken | NotMoved

export type Refused<R extends Refusal = Refusal> = RefusedAs<R>

/** The board's answer: the result, or the refusal. */
export type Outcome<T, R extends Refusal = Refusal> = ({ readonly ok: true } & T) | Refused<R>
