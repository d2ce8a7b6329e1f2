/** Invalid input. Nothing was written. `remedy` says what is valid. */
export interface InvalidInput {
  /** Which input is invalid. */
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
    | 'invalid_key'
    | 'invalid_command'
  /** What is wrong with it. */
  readonly message: string
  /** What is valid. */
  readonly remedy: string
  /** The nearest valid input, if there is one. */
  readonly nearest?: string
  /** The kind of the label, if the label is invalid because the board doesn't know this kind. */
  readonly unknownKind?: string
}

/** The part that every refusal has. */
interface AnyRefusal {
  readonly code: string
  readonly message: string
  readonly remedy: string
}

/** A refusal of any kind, as this file's functions make it. Users see the `Refused` of `refusal.ts`. */
export interface Refused<R extends AnyRefusal> {
  readonly ok: false
  readonly refusal: R
}

/** Checked input: its value, or why it is invalid. */
export type Checked<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly refusal: InvalidInput }

export function accept<T>(value: T): { readonly ok: true; readonly value: T } {
  return { ok: true, value }
}

export function refuse<C extends string, R extends AnyRefusal & { readonly code: C }>(
  refusal: R,
): Refused<R> {
  return { ok: false, refusal }
}
