import type { RoleRule } from '../domain/role.ts'

/** The content of a config file. */
export interface Config {
  /** The board's DSN. */
  readonly dsn?: string
  /** Kinds of label that this project uses besides the built-in ones. */
  readonly kinds?: readonly string[]
  /** The roles that may work in a worktree of this project. */
  readonly roles?: Readonly<Record<string, RoleRule>>
  /** Blocks the prompts of a session that has none of these roles. */
  readonly strictIdentity?: boolean
  /** The project's key, used if a call names no project. */
  readonly project?: string
}
