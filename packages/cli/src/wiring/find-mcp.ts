import { existsSync } from 'node:fs'
import type { Environment } from '@presence/core'
import { probe } from '@presence/core/internal'
import type { McpServer } from '@presence/doctor/wiring'
import { isWrittenServer, MCP_AGENTS, mcpPath, serverIn, TABLE } from './mcp.ts'
import { mcpEnvironment } from './mcp-environment.ts'
import { textIn } from './text-in.ts'
import { userFile } from './user-folder.ts'

/** Every server named presence in the files that make agents start MCP servers. */
export async function findMcpServers(env: Environment, cwd: string): Promise<readonly McpServer[]> {
  const files = MCP_AGENTS.flatMap(agent => [
    [mcpPath(agent, false, env, cwd), agent] as const,
    ...[agent.userFile ?? agent.byHandFile].flatMap(path => {
      const file = path && userFile(agent.name, path, env, cwd)
      return file ? [[file, agent] as const] : []
    }),
  ])
  const found = [...new Map(files)].map(async ([file, { name, format }]): Promise<readonly McpServer[]> => {
    const there = await probe(() => entryIn(file, format))
    if ('fault' in there) return [{ agent: name, file, environment: there }]
    if (there.value === undefined) return []
    const value = isWrittenServer(there.value) ? mcpEnvironment(name, there.value, env) : undefined
    return [{ agent: name, file, environment: { value } }]
  })
  return (await Promise.all(found)).flat()
}

/** A file's server named presence; undefined if there is none. */
async function entryIn(file: string, format: 'json' | 'toml'): Promise<unknown> {
  if (format === 'json') return serverIn(file)
  const text = existsSync(file) ? textIn(file) : ''
  if (!text.includes('presence')) return undefined
  const { tableIn } = await import('./toml.ts')
  return tableIn(text, file, TABLE)
}
