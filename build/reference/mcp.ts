import { lean } from '../../packages/mcp/src/schema.ts'
import type { Tool } from '../../packages/mcp/src/tool.ts'
import { TOOLS } from '../../packages/mcp/src/tools/index.ts'
import { page, text } from './markdown.ts'
import { fieldTable, type Schema } from './schema.ts'

/** The page of the tools that `presence mcp`, and a server at `/mcp`, offer to agents. */
export function mcpPage(): string {
  return page(
    'MCP tools',
    'packages/mcp/src/tools',
    '`presence mcp` offers these tools over standard input and output, and `presence serve` at `/mcp`. At `/mcp`, every tool also takes `session_id`, unless the client sends the header `X-Presence-Session`.',
    ...TOOLS.map(toolOf),
  )
}

function toolOf({ name, description, input, output, annotations }: Tool): string {
  const arguments_ = fieldTable(schemaOf(input, 'input'))
  return [
    `## ${name}`,
    text(description),
    annotations.readOnlyHint ? 'It only reads.' : '',
    arguments_ === '' ? 'It takes no arguments.' : arguments_,
    'Answer:',
    fieldTable(schemaOf(output, 'output')),
  ]
    .filter(part => part !== '')
    .join('\n\n')
}

/** The schema as clients get it. */
function schemaOf(shape: Tool['input'], way: 'input' | 'output'): Schema {
  const { jsonSchema } = lean(shape)['~standard']
  return jsonSchema[way]({ target: 'draft-2020-12' }) as Schema
}
