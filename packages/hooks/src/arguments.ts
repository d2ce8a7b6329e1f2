/** What the wiring says on the command line. */
export interface Arguments {
  /** The event, in the agent's own words. */
  readonly event: string
  readonly agent: string
  readonly denyTaskTools: boolean
  /** The launcher has taken the heartbeat's lock already. */
  readonly taken: boolean
}

/** Never refuses: what it doesn't know, a newer wiring may. */
export function readArguments(args: readonly string[]): Arguments {
  const at = args.indexOf('--agent')
  return {
    event: args[0] ?? '',
    agent: (at >= 0 ? args[at + 1] : undefined) ?? 'claude-code',
    denyTaskTools: args.includes('--deny-task-tools'),
    taken: args.includes('--taken'),
  }
}
