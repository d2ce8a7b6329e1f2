import type { Environment } from '@presence/core'
import type { WiringAgent } from './agents.ts'
import { onPath } from './on-path.ts'

/** Notes on what is still missing before an agent's hooks can work. */
export function missingForHooks(
  agent: WiringAgent,
  { user, server }: { readonly user: boolean; readonly server: string | undefined },
  env: Environment,
): readonly string[] {
  return [
    ...(onPath('presence', env) === undefined
      ? [
          'presence is not on your PATH: until it is, the hooks do nothing; link or copy it into a folder on your PATH',
        ]
      : []),
    ...(user && agent.userRules === undefined
      ? [
          `${agent.name} has no file for your own rules: give it the rules that presence init --hooks ${agent.name} --print shows`,
        ]
      : []),
    ...(server === undefined
      ? []
      : [
          `the hooks send requests to ${server}, where presence serve must run; if it requires a token, set PRESENCE_SERVER_TOKEN`,
        ]),
    ...(agent.besidesWiring === undefined ? [] : [agent.besidesWiring]),
  ]
}

/**
 * Notes on what is still missing before an agent can start `presence mcp`.
 *
 * @param besides what a person must do for this agent
 */
export function missingForMcp(besides: string | undefined, env: Environment): readonly string[] {
  return [
    ...(onPath('presence', env) === undefined
      ? [
          "presence is not on your PATH: until it is, the agent can't start it; link or copy it into a folder on your PATH",
        ]
      : []),
    ...(besides === undefined ? [] : [besides]),
  ]
}
