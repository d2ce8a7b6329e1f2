import { type Finding, note, ok } from '../finding.ts'

/** Whether an agent trusts the hooks that presence wrote. */
export interface AgentTrust {
  readonly agent: string
  readonly message: string
  /** How to make the agent trust them; undefined if it does. */
  readonly remedy?: string
}

/** Reports which agents don't run their hooks because they don't trust them. */
export function checkTrust(trusts: readonly AgentTrust[]): readonly Finding[] {
  return trusts.map(({ agent, message, remedy }) =>
    remedy === undefined ? ok(`${agent} trust`, message) : note(`${agent} trust`, message, remedy),
  )
}
