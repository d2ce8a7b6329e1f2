/** The arguments that the wiring passes on the command line. */
export interface Arguments {
  /** The event, by the agent's own name. */
  readonly event: string
  /** What follows the event. */
  readonly more: readonly string[]
  readonly agent: string
  readonly denyTaskTools: boolean
  /** The mode of the guard; undefined if it isn't wired. */
  readonly guard: string | undefined
  /** The address of a server that answers the event; undefined if this process answers it. */
  readonly http: string | undefined
  /** True if the launcher (`bin/presence-hook`) already holds the heartbeat's lock. */
  readonly taken: boolean
}

/** Ignores an unknown option instead of refusing it, because a newer wiring may have written it. */
export function readArguments(given: readonly string[]): Arguments {
  const args = given[0] === 'hook' ? given.slice(1) : given
  const after = (option: string) => {
    const at = args.indexOf(option)
    return at >= 0 ? args[at + 1] : undefined
  }
  return {
    event: args[0] ?? '',
    more: args.slice(1),
    agent: after('--agent') ?? 'claude-code',
    guard: after('--guard'),
    denyTaskTools: args.includes('--deny-task-tools'),
    http: after('--http'),
    taken: args.includes('--taken'),
  }
}
