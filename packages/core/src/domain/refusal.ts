import type { Claim } from './claim.ts'
import type { CoClaim } from './standing.ts'

/** Input that can't be taken. Nothing was written; `remedy` says what would be taken. */
export interface InvalidInput {
  readonly code:
    | 'invalid_label'
    | 'invalid_purpose'
    | 'invalid_ttl'
    | 'invalid_session'
    | 'invalid_token'
    | 'invalid_wait'
    | 'invalid_note'
    | 'invalid_since'
    | 'invalid_role'
    | 'unknown_role'
    | 'invalid_id'
    | 'invalid_project'
    | 'invalid_message'
    | 'invalid_component'
    | 'invalid_work'
    | 'invalid_cursor'
    | 'invalid_write_key'
  readonly message: string
  readonly remedy: string
  /** The nearest input that would be taken, where there is one. */
  readonly nearest?: string
}

/** A release of what another session holds (G5: only the owner releases). */
export interface NotHolder {
  readonly code: 'not_holder'
  readonly message: string
  readonly remedy: string
  readonly label: string
  readonly holders: readonly Claim[]
  /** The database's now that they were read at. */
  readonly asOf: Date
  /** Where others hold what I hold. */
  readonly coClaims: readonly CoClaim[]
}

/** A claim on what others hold: an exclusive one, or any on what is held exclusively. */
export interface Held extends Omit<NotHolder, 'code'> {
  readonly code: 'held'
  /** How many sessions wait for it already. */
  readonly waiting?: number
}

/** A steal where nobody else holds the label exclusively. */
export interface NotHeld extends Omit<NotHolder, 'code'> {
  readonly code: 'not_held'
}

/** Something named by an id that the board doesn't have, or no longer. */
export interface NotFound {
  readonly code: 'not_found'
  readonly message: string
  readonly remedy: string
  readonly id: string
}

/** Something new under an id that something else has already. */
export interface IdTaken {
  readonly code: 'id_taken'
  readonly message: string
  readonly remedy: string
  readonly id: string
}

/** A workflow or an item that can't go from the status that it has to the one asked for, or that has it already. */
export interface NotMoved {
  readonly code: 'not_moved'
  readonly message: string
  readonly remedy: string
  readonly id: string
  readonly from: string
  readonly to: string
  /** The session that gave it the status that it has. */
  readonly by: string
  /** Where it may go from there. */
  readonly allowed: readonly string[]
}

/** What the board says no to. An answer, not a fault: faults are thrown as `PresenceError`. */
export type Refusal = InvalidInput | NotHolder | Held | NotHeld | NotFound | IdTaken | NotMoved

export interface Refused<R extends Refusal = Refusal> {
  readonly ok: false
  readonly refusal: R
}

/** An answer of the board: what was asked for, or why not. */
export type Outcome<T, R extends Refusal = Refusal> = ({ readonly ok: true } & T) | Refused<R>

export type Checked<T> = Outcome<{ readonly value: T }>

export function accept<T>(value: T): Checked<T> {
  return { ok: true, value }
}

export function refuse<R extends Refusal>(refusal: R): Refused<R> {
  return { ok: false, refusal }
}
