import type { AnswerHook } from '@presence/mcp'
import manifest from '../../package.json' with { type: 'json' }
import type { AddCommand } from '../command.ts'
import { EXIT, type ExitStatus } from '../exit-status.ts'
import type { Globals } from '../globals.ts'
import type { Io } from '../io.ts'

export const mcpCommand: AddCommand = (program, io, done) =>
  program
    .command('mcp')
    .summary('serve the board to an agent as tools (MCP)')
    .description(
      "Serve the board as tools to the agent that starts this command, over standard input and output (MCP), until the agent closes standard input. It acts as the agent's session. What was claimed here is released when the session ends: by the agent's hooks, or without hooks when standard input ends. Agents start it themselves: presence init --mcp <agent> writes it into their settings.",
    )
    .addHelpText('after', '\nExample: claude mcp add presence -- presence mcp')
    .action((_, command) => done(mcp(command.optsWithGlobals(), io)))

/** How long the board may take to answer a hook, in milliseconds. The agent waits for 2 s. */
const HOOK_MS = 1_000

/** The agent's hook before a command, whose input is wired by `init --hooks claude-code --via mcp`. */
async function answerHook(
  given: Parameters<AnswerHook>[0],
  dsn: string | undefined,
  io: Io,
): Promise<object> {
  const { guardInProcess } = await import('@presence/hooks/guard')
  const { command = '', id, session, cwd = io.cwd, mode, agent, timeout, background, transcript } = given
  const payload = {
    hook_event_name: 'PreToolUse',
    tool_name: 'Bash',
    tool_input: {
      command,
      ...(Number(timeout) > 0 ? { timeout: Number(timeout) } : {}),
      ...(background === 'true' ? { run_in_background: true } : {}),
    },
    cwd,
    ...(id === undefined ? {} : { tool_use_id: id }),
    ...(session === undefined ? {} : { session_id: session }),
    ...(agent === undefined ? {} : { agent_id: agent }),
    ...(transcript === undefined ? {} : { transcript_path: transcript }),
  }
  const env = dsn === undefined ? io.env : { ...io.env, PRESENCE_DSN: dsn }
  return guardInProcess({ payload, mode, env, deadlineMs: HOOK_MS })
}

async function mcp({ dsn, session }: Globals, io: Io): Promise<ExitStatus> {
  const [{ serveStandardIo }, { interruption }, { findHandlers }] = await Promise.all([
    import('@presence/mcp'),
    import('../interruption.ts'),
    import('../wiring/find-hooks.ts'),
  ])
  // Each tool takes space in the agent's context, so the one for hooks is there only if they call it.
  const isCalled = findHandlers(io.env, io.cwd).some(
    each => 'command' in each && / --via mcp\b/.test(each.command),
  )
  await serveStandardIo({
    version: manifest.version,
    env: io.env,
    cwd: io.cwd,
    signal: interruption(),
    ...(isCalled ? { hook: (given: Parameters<AnswerHook>[0]) => answerHook(given, dsn, io) } : {}),
    warn: line => io.err(`presence: mcp: ${line}`),
    ...(dsn === undefined ? {} : { dsn }),
    ...(session === undefined ? {} : { session }),
  })
  return EXIT.done
}
