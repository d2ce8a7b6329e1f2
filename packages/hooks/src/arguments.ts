/** What the wiring says on the command line. */
export interface Arguments {
  /** The event, in the agent's own words. */
  readonly event: string
  readonly agent: string
  readonly denyTaskTools: boolean
  /** A server that answers, where there is one. */
  readonly http: string | undefined
  /** The launcher has taken the heartbeat's lock already. */
  readonly taken: boolean
}

/** Never refuses: what it doesn't know, a newer wiring may. */
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
