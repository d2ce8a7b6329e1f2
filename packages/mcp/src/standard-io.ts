import { StdioServerTransport, serveStdio } from '@modelcontextprotocol/server/stdio'
import type { Environment } from '@presence/core'
import type { AnswerHook } from './guard-hook.ts'
import { OwnSession } from './own-session.ts'
import { Pulse } from './pulse.ts'
import { createMcpServer } from './server.ts'

export interface ServeOptions {
  readonly version: string
  readonly env: Environment
  readonly cwd: string
  /** The board. By default found as for every command. */
  readonly dsn?: string
  /** The session. By default that of the agent's process. */
  readonly session?: string
  /** Ends the server after the running calls are answered. */
  readonly signal: AbortSignal
  /** Answers the agent's hook before a command. */
  readonly hook?: AnswerHook
  /** Shows a line to people. Standard output is reserved for the protocol. */
  warn(line: string): void
}

/**
 * Serves one agent on standard input and output, until standard input ends or the signal fires. At the end of standard
 * input the agent's session is over, and the claims that were made here are released, unless its hooks do that.
 */
export async function serveStandardIo({ version, signal, warn, hook, ...own }: ServeOptions): Promise<void> {
  const speakers = new OwnSession(own)
  const pulse = new Pulse()
  let isOver = false
  await new Promise<void>(resolve => {
    const transport = new StdioServerTransport()
    const handle = serveStdio(() => createMcpServer({ version, speakers, pulse, hook }), {
      transport,
      onerror: error => warn(error.message),
    })
    const end = () => {
      isOver = !signal.aborted
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
  if (isOver) await speakers.end()
}
