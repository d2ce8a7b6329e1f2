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
  /** The cluster of labels that people and agents type without a scope. */
  readonly defaultScope?: string
  /** The namespace of services and volumes that they type without one. */
  readonly defaultNamespace?: string
  /** How the guard reads commands, and what it does about them. */
  readonly guard?: GuardConfig
}

/** What the guard does about labels of one kind, from the weakest to the strictest. */
export const GUARD_MODES = ['off', 'note', 'pause', 'deny', 'require'] as const
export type GuardMode = (typeof GUARD_MODES)[number]

/** The guard's settings. `@presence/guard` has the same type: core doesn't import it. */
export interface GuardConfig {
  /** A pattern of a command's words, with `*` for any words → the label that it changes, with `$1`, `$2`, … */
  readonly rules?: Readonly<Record<string, string>>
  /** Patterns of commands that are silent. */
  readonly ignore?: readonly string[]
  /** What the guard does about labels of a kind. The other kinds have the mode that the hooks are wired with. */
  readonly modes?: Readonly<Record<string, GuardMode>>
  /** An API server's address, or the name of a context → the scope of its labels. */
  readonly scopes?: Readonly<Record<string, string>>
  /** Another name of a tool → the tool. */
  readonly aliases?: Readonly<Record<string, string>>
  /** A tool of another MCP server → the label that it changes, from its input: `service:${input.name}`. */
  readonly tools?: Readonly<Record<string, string>>
}
