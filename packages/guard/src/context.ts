/** What the guard does about labels of one kind. */
export type GuardMode = 'off' | 'note' | 'pause' | 'deny' | 'require'

/** The guard's own settings, the `guard` object of `.presence/config.json`. */
export interface GuardConfig {
  /**
   * A pattern of a command's words → the label that it changes. `*` stands for any words; `$1`, `$2`, … are what
   * the stars matched and `${cwd}` is the last folder of the working directory. A rule replaces what the tool says.
   * @example { "deployctl push *": "service:$1" }
   */
  readonly rules?: Readonly<Record<string, string>>
  /** Patterns of commands that are silent. `*` alone matches every command. */
  readonly ignore?: readonly string[]
  /** Address of an API server or of an Argo CD server, or a context name → scope. */
  readonly scopes?: Readonly<Record<string, string>>
  /** Another name of a tool → the tool. */
  readonly aliases?: Readonly<Record<string, string>>
  /** Name of another MCP server's tool → the label that it changes, from its input: `service:${input.name}`. */
  readonly tools?: Readonly<Record<string, string>>
  /** Modes by kind of label. `analyze` doesn't use them. */
  readonly modes?: Readonly<Record<string, GuardMode>>
}

/** What `analyze` may know. Everything is passed in, because it reads nothing itself. */
export interface GuardContext {
  /** The working directory, an absolute path. */
  readonly cwd: string
  /** The environment that the command would start with. */
  readonly env: Readonly<Record<string, string | undefined>>
  /** This machine's name. */
  readonly host: string
  /** The user's home folder. @default env.HOME */
  readonly home?: string | undefined
  /**
   * The text of a file by its absolute path, or undefined if it is missing, too large, not a regular file or
   * outside of what may be read.
   */
  readText(path: string): string | undefined
  /** The names in a folder by its absolute path. */
  listFolder?(path: string): readonly string[] | undefined
  /** True if a file by its absolute path is a program: ansible runs such an inventory instead of reading it. */
  isExecutable?(path: string): boolean
  /** A monotonic clock in milliseconds. */
  readonly now: () => number
  readonly config?: GuardConfig | undefined
}
