import type { McpServer } from '@modelcontextprotocol/server'
import * as z from 'zod'

/** What Claude Code fills in for its hook of the type `mcp_tool`. What it doesn't know is empty. */
interface HookArguments {
  readonly command: string
  readonly id: string
  readonly session: string
  readonly cwd: string
  readonly mode: string
  readonly agent: string
  readonly timeout: string
  readonly background: string
  readonly transcript: string
}

/** Answers a hook before a command, in the agent's own form. */
export type AnswerHook = (given: Partial<HookArguments>) => Promise<object>

/**
 * Adds the tool that `presence init --hooks claude-code --via mcp` names in the agent's settings. It is in the list of
 * tools because the agent looks for it there, so it says as little as possible, and it exists only if it is wired.
 */
export function addHook(server: McpServer, answer: AnswerHook): void {
  const inputSchema = z.looseObject({})
  server.registerTool('hook', { description: 'Not for you: hooks call it.', inputSchema }, async given => {
    const texts = Object.entries(given).filter(([, value]) => typeof value === 'string' && value !== '')
    const said = await answer(Object.fromEntries(texts))
    return { content: [{ type: 'text', text: JSON.stringify(said) }] }
  })
}
