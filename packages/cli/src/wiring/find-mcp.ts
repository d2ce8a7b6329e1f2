import { existsSync, readFileSync } from 'node:fs'
import type { Environment } from '@presence/core'
import { probe } from '@presence/core/internal'
import type { McpServer } from '@presence/doctor/wiring'
import { isWrittenServer, MCP_AGENTS, mcpPath, serverIn, TABLE } from './mcp.ts'

/** Every server named presence in the files that make agents start MCP servers. */
export async function findMcpServers(env: Environment, cwd: string): Promise<readonly McpServer[]> {
  const files = MCP_AGENTS.flatMap(agent => [
    [mcpPath(agent, false, env, cwd), agent] as const,
    ...(agent.userFile === undefined ? [] : [[mcpPath(agent, true, env, cwd), agent] as const]),
  ])
  const found = [...new Map(files)].map(async ([file, { name, format }]): Promise<readonly McpServer[]> => {
    const ours = await probe(() => isOursIn(file, format))
    if ('fault' in ours) return [{ agent: name, file, ours }]
    return ours.value === undefined ? [] : [{ agent: name, file, ours: { value: ours.value } }]
  })
  return (await Promise.all(found)).flat()
}

/** True if a file's server named presence is ours, false if it is another one, undefined if there is none. */
async function isOursIn(file: string, format: 'json' | 'toml'): Promise<boolean | undefined> {
  if (format === 'json') {
    const server = serverIn(file)
    return server === undefined ? undefined : isWrittenServer(server)
  }
  const text = existsSync(file) ? readFileSync(file, 'utf8') : ''
  if (!text.includes('presence')) return undefined
  const { isOurs } = await import('./toml.ts')
  return isOurs(text, file, TABLE)
}
