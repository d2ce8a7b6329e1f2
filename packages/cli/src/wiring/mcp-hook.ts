import type { GuardMode } from '@presence/core/internal'

/** A field of the hook's payload, which the agent fills in. */
const filled = (field: string) => `\${${field}}`

/** What Claude Code fills in, by the name that the tool `hook` of presence's MCP server has for it. */
const INPUT = {
  command: filled('tool_input.command'),
  id: filled('tool_use_id'),
  session: filled('session_id'),
  cwd: filled('cwd'),
  agent: filled('agent_id'),
  timeout: filled('tool_input.timeout'),
  background: filled('tool_input.run_in_background'),
  transcript: filled('transcript_path'),
} as const

/**
 * A handler that asks the MCP server which the agent runs, in Claude Code's form. No process is started for it. If the
 * server is missing, slow or broken, the agent runs the command as if there were no hook.
 *
 * @param timeout in seconds
 */
export function mcpHook(mode: GuardMode, timeout: number): object {
  return { type: 'mcp_tool', server: 'presence', tool: 'hook', timeout, input: { ...INPUT, mode } }
}

/** True if presence wrote this handler. */
export function isOurMcpHook(handler: unknown): boolean {
  const { type, server, tool } = (handler ?? {}) as Readonly<Record<string, unknown>>
  return type === 'mcp_tool' && server === 'presence' && tool === 'hook'
}
