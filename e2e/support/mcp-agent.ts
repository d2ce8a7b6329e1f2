import { type CallToolResult, Client } from '@modelcontextprotocol/client'
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio'
import { PRESENCE } from './cli.ts'

/** A tool's answer, and whether the tool reports it as an error. */
export interface ToolAnswer {
  readonly isError: boolean
  readonly text: string
  // biome-ignore lint/suspicious/noExplicitAny: a test looks into whatever shape the tool has.
  readonly data: any
}

type Settings = ConstructorParameters<typeof Client>[1]

/** An agent with its own client, which has started `presence mcp`. */
export class McpAgent implements AsyncDisposable {
  readonly client: Client

  protected constructor(client: Client) {
    this.client = client
  }

  /** The environment names the board and the session. */
  static async start(
    env: Readonly<Record<string, string>>,
    { settings, args = [], cwd = '/' }: { settings?: Settings; args?: readonly string[]; cwd?: string } = {},
  ): Promise<McpAgent> {
    const agent = new McpAgent(new Client({ name: 'agent', version: '1' }, settings))
    const { PATH = '', HOME = '/nonexistent' } = process.env
    await agent.client.connect(
      new StdioClientTransport({
        command: PRESENCE,
        args: ['mcp', ...args],
        env: { PATH, HOME, ...env },
        cwd,
        stderr: 'ignore',
      }),
    )
    return agent
  }

  async call(name: string, args: Record<string, unknown> = {}): Promise<ToolAnswer> {
    return answerOf(await this.client.callTool({ name, arguments: args }))
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.client.close()
  }
}

export function answerOf({ content, structuredContent, isError }: CallToolResult): ToolAnswer {
  const text = content.map(part => (part.type === 'text' ? part.text : '')).join('\n')
  return { isError: isError ?? false, text, data: structuredContent }
}
