/** One thing that a command line would do to something that others share. */
export interface Effect {
  /** The label that it concerns, or null if the target is unknown. */
  readonly label: string | null
  /** The tool, for example `kubectl`. */
  readonly tool: string
  /** The tool's verb, for example `drain` or `rollout restart`. */
  readonly verb: string
  readonly effect: 'changes' | 'reads' | 'unknown'
  /** `all`: everything of a kind, for example by `--all`. */
  readonly target: 'exact' | 'all' | 'unknown'
  /** Offsets in the line, from and to, of the words that say so. */
  readonly words: readonly [number, number]
  /** A fact that a reader needs, for example a context without an entry in `guard.scopes`. */
  readonly note?: string
}

/** The answer of `analyze`. */
export interface Analysis {
  readonly effects: readonly Effect[]
  /** True if the time was over before everything was read. What isn't listed is unknown then. */
  readonly ranOut: boolean
}
