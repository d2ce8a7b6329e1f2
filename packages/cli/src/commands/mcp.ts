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

async function mcp({ dsn, session }: Globals, io: Io): Promise<ExitStatus> {
  const [{ serveStandardIo }, { interruption }] = await Promise.all([
    import('@presence/mcp'),
    import('../interruption.ts'),
  ])
  await serveStandardIo({
    version: manifest.version,
    env: io.env,
    cwd: io.cwd,
    signal: interruption(),
    warn: line => io.err(`presence: mcp: ${line}`),
    ...(dsn === undefined ? {} : { dsn }),
    ...(session === undefined ? {} : { session }),
  })
  return EXIT.done
}
