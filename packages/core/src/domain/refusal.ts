import type { Claim } from './claim.ts'
import type { InvalidInput } from './outcome.ts'
import type { CoClaim } from './session-view.ts'

export { accept, type Checked, type InvalidInput, refuse } from './outcome.ts'

/** The session tried to release a claim of another session (G5: only the owner releases). */
export interface NotHolder {
  /** Only other sessions hold the label. */
  readonly code: 'not_holder'
  /** What was refused, and why. */
  readonly message: string
  /** What to do next. */
  readonly remedy: string
  /** The label that was asked for. */
  readonly label: string
  /** The live claims of the other sessions on the label. */
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
  /** Another session stands in the way. */
  readonly code: 'held'
  /** The number of sessions that already wait for the label. */
  readonly waiting?: number
}

/** The session tried to steal a label that no other session holds exclusively. */
export interface NotHeld extends Omit<NotHolder, 'code'> {
  /** No other session holds the label exclusively. */
  readonly code: 'not_held'
}

/** The board has nothing with this id, or no longer. */
export interface NotFound {
  /** There is no such message, workflow or item. */
  readonly code: 'not_found'
  /** What was refused, and why. */
  readonly message: string
  /** What to do next. */
  readonly remedy: string
  /** The id that was given. */
  readonly id: string
}

/** The id of something new is already in use. */
export interface IdTaken {
  /** Something else already has the id. */
  readonly code: 'id_taken'
  /** What was refused, and why. */
  readonly message: string
  /** What to do next. */
  readonly remedy: string
  /** The id that was given. */
  readonly id: string
}

/**
 * A workflow or an item can't go from its status to the requested one, or already has the requested status.
 */
export interface NotMoved {
  /** The status can't change like this. */
  readonly code: 'not_moved'
  /** What was refused, and why. */
  readonly message: string
  /** What to do next. */
  readonly remedy: string
  /** The id that was given. */
  readonly id: string
  /** The current status. */
  readonly from: string
  /** The requested status. */
  readonly to: string
  /** The id of the session that set the current status. */
  readonly by: string
  /** The statuses that it can go to. */
  readonly allowed: readonly string[]
}

/**
 * Why the board refuses a request. A refusal is an answer, not a failure: failures are thrown as
 * `PresenceError`.
 */
export type Refusal = InvalidInput | NotHolder | Held | NotHeld | NotFound | IdTaken | NotMoved

/** The answer to a request that the board refuses. */
export interface Refused<R extends Refusal = Refusal> {
  /** False: the request was refused. */
  readonly ok: false
  /** Why, and what to do next. */
  readonly refusal: R
}

/**
 * The board's answer: `ok` and the result, or the refusal.
 *
 * @example
 * ```ts
 * const said = await board.claim('node:k8s-1', { purpose: 'drain' })
 * if (said.ok) console.log(said.claim.expiresAt)
 * else if (said.refusal.code === 'held') console.log(said.refusal.holders.map(({ session }) => session.id))
 * else console.log(said.refusal.remedy)
 * ```
 */
export type Outcome<T, R extends Refusal = Refusal> = ({ readonly ok: true } & T) | Refused<R>
