/**
 * A refusal because of the repository's state: an answer, not a fault. Nothing was changed, unless the
 * message says so.
 */
export interface Refusal {
  readonly code: RefusalCode
  readonly message: string
  readonly remedy: string
  /** The files that it concerns, relative to the worktree: files in conflict, repositories inside. */
  readonly files?: readonly string[]
  /** The changes made before the refusal, for programs; the message has them too. */
  readonly done?: Readonly<Record<string, unknown>>
}

/** Why something was refused, for programs. */
export type RefusalCode =
  | 'invalid_role'
  | 'unknown_role'
  | 'git_too_old'
  | 'not_a_repository'
  | 'bare_repository'
  | 'submodule'
  | 'unusual_repository'
  | 'no_commit'
  | 'no_such_branch'
  | 'no_such_worktree'
  | 'path_exists'
  | 'branch_elsewhere'
  | 'half_made'
  | 'broken_worktree'
  | 'locked'
  | 'operation_in_progress'
  | 'holds_repository'
  | 'holds_mount'
  | 'not_deletable'
  | 'unsaved_work'
  | 'not_checked_out'
  | 'uncommitted_changes'
  | 'merge_refused'
  | 'conflict'
  | 'live_claims'
  | 'busy'
  | 'wrong_identity'
  | 'no_such_session'
  | 'not_confirmed'

/** A refusal as an answer. */
export interface Refused {
  readonly ok: false
  readonly refusal: Refusal
}

/** An answer, or the refusal to give one. */
export type Said<T> = ({ readonly ok: true } & T) | Refused

/** Makes a refusal. Its message and remedy are for people, its code is for programs. */
export function refuse(
  code: RefusalCode,
  message: string,
  remedy: string,
  files?: readonly string[],
): Refused {
  return { ok: false, refusal: { code, message, remedy, ...(files === undefined ? {} : { files }) } }
}
