import { StdioServerTransport, serveStdio } from '@modelcontextprotocol/server/stdio'
import type { Environment } from '@presence/core'
import { OwnSession } from './own-session.ts'
import { Pulse } from './pulse.ts'
import { createMcpServer } from './server.ts'

export interface ServeOptions {
  readonly version: string
  readonly env: Environment
  readonly cwd: string
  /** Which board; else as everywhere. */
  readonly dsn?: string
  /** Who is speaking; else as the agent's process says. */
  readonly session?: string
  /** Ends it, once calls under way were answered. */
  readonly signal: AbortSignal
  /** For people: standard output is the protocol's alone. */
  warn(line: string): void
}

/** Serves one agent on standard input and output, until it closes the first or the signal fires. */
export async function serveStandardIo({ version, signal, warn, ...own }: ServeOptions): Promise<void> {
  const speakers = new OwnSession(own)
  const pulse = new Pulse()
  await new Promise<void>(resolve => {
    const transport = new StdioServerTransport()
    const handle = serveStdio(() => createMcpServer({ version, speakers, pulse }), {
      transport,
      onerror: error => warn(error.message),
    })
    const end = () => {
      process.stdin.off('end', end).off('close', end)
      process.stdout.off('error', end)
      handle.close().then(resolve, resolve)
    }
    process.stdin.on('end', end).on('close', end)
    process.stdout.on('error', end)
    signal.addEventListener('abort', end, { once: true })
    if (signal.aborted) end()
  })
  await speakers.settled()
}
