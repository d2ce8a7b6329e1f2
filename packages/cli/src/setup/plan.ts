import type { Environment } from '@presence/core'
import type { WiringAgent } from '../wiring/agents.ts'
import { MCP_AGENTS, type McpAgent, mcpFile } from '../wiring/mcp.ts'
import { optionsIn } from '../wiring/options-in.ts'
import { isDeleted, placeOf, type WiredFile, wiredFiles } from '../wiring/wire.ts'
import { Draft } from './draft.ts'

/** A file that would be written, and what of presence is in it. */
export interface PlannedFile {
  readonly path: string
  readonly parts: readonly string[]
  /** Undefined if there is no file now. */
  readonly before: string | undefined
  /** Undefined if the file is deleted. */
  readonly after: string | undefined
}

/** What sets up an agent, or removes presence from it. */
export interface AgentPlan {
  readonly agent: WiringAgent
  /** Only the files that change. */
  readonly files: readonly PlannedFile[]
  /** The requested changes that are not made, and why. */
  readonly notes: readonly string[]
  /** The server that answers its hooks; undefined if the hooks are commands. */
  readonly server: string | undefined
  /** Undefined if presence may not write the file that makes it start MCP servers. */
  readonly mcp: McpAgent | undefined
}

export interface PlanOptions {
  /** Among the user's own files, not in the project. */
  readonly user: boolean
  readonly remove: boolean
}

/**
 * Plans an agent's hooks, rules and MCP server.
 *
 * @param draft the files as earlier plans leave them; this plan is added to it
 * @throws PresenceError `invalid_config` if one of the files can't be read or edited: then nothing of the plan counts
 */
export async function planFor(
  agent: WiringAgent,
  { user, remove }: PlanOptions,
  env: Environment,
  cwd: string,
  draft: Draft,
): Promise<AgentPlan> {
  const own = new Draft(draft.read)
  const settings = placeOf(agent, agent.settings, user, env, cwd)
  const options = { ...optionsIn(own.read(settings) ?? ''), user, remove }
  const [hooks, rules] = wiredFiles(agent, options, env, cwd, own.read)
  const events = [...new Set(agent.wired(options).map(({ event }) => event))].join(', ')
  const steps: { readonly file: WiredFile; readonly part: string }[] = []
  const add = (part: string, file: WiredFile | undefined) => {
    if (file === undefined) return
    steps.push({ part, file })
    if (file.changed) own.put(file.path, file.text)
  }
  add(remove ? 'hooks' : `hooks (${events})`, hooks)
  add('rules for the agent', rules)
  const mcp = MCP_AGENTS.find(
    ({ name, userFile }) => name === agent.name && !(user && userFile === undefined),
  )
  if (mcp) add('MCP server', await mcpFile(mcp, { user, remove }, env, cwd, own.read))
  const paths = [...new Set(steps.filter(({ file }) => file.changed).map(({ file }) => file.path))]
  const files = paths.map((path): PlannedFile => {
    const [before, text] = [draft.read(path), own.read(path) ?? '']
    draft.put(path, text)
    const parts = steps.filter(({ file }) => file.path === path && file.changed).map(({ part }) => part)
    return { path, parts, before, after: isDeleted(path, text) ? undefined : text }
  })
  return { agent, files, notes: steps.flatMap(({ file }) => file.notes), server: options.server, mcp }
}
