/** What the wiring passes on the command line. */
export interface Arguments {
  /** The event, by the agent's own name. */
  readonly event: string
  readonly agent: string
  readonly denyTaskTools: boolean
  /** The address of a server that answers; undefined to answer here. */
  readonly http: string | undefined
  /** The launcher holds the heartbeat's lock already. */
  readonly taken: boolean
}

/** Never refuses: an option that this version doesn't know may come from a newer wiring. */
export function readArguments(args: readonly string[]): Arguments {
  const after = (option: string) => {
    const at = args.indexOf(option)
    return at >= 0 ? args[at + 1] : undefined
  }
  return {
    event: args[0] ?? '',
    agent: after('--agent') ?? 'claude-code',
    denyTaskTools: args.includes('--deny-task-tools'),
    http: after('--http'),
    taken: args.includes('--taken'),
  }
}
