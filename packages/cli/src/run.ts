import { Command, CommanderError, Option } from 'commander'
import manifest from '../package.json' with { type: 'json' }
import { claimCommand } from './commands/claim.ts'
import { completionCommand } from './commands/completion.ts'
import { componentCommand } from './commands/component/index.ts'
import { doctorCommand } from './commands/doctor.ts'
import { heartbeatCommand } from './commands/heartbeat.ts'
import { initCommand } from './commands/init.ts'
import { itemCommand } from './commands/item/index.ts'
import { listCommand } from './commands/list.ts'
import { logCommand } from './commands/log.ts'
import { mcpCommand } from './commands/mcp.ts'
import { messageCommand } from './commands/message/index.ts'
import { migrateCommand } from './commands/migrate.ts'
import { peekCommand } from './commands/peek.ts'
import { releaseCommand } from './commands/release.ts'
import { resolveCommand } from './commands/resolve.ts'
import { runCommand } from './commands/run.ts'
import { serveCommand } from './commands/serve.ts'
import { sessionCommand } from './commands/session/index.ts'
import { statusCommand } from './commands/status.ts'
import { statuslineCommand } from './commands/statusline.ts'
import { stealCommand } from './commands/steal.ts'
import { syncCommand } from './commands/sync.ts'
import { tokenCommand } from './commands/token.ts'
import { trackerCommand } from './commands/tracker.ts'
import { verifyCommand } from './commands/verify.ts'
import { watchCommand } from './commands/watch.ts'
import { whoCommand } from './commands/who.ts'
import { workflowCommand } from './commands/workflow/index.ts'
import { worktreeCommand } from './commands/worktree/index.ts'
import { EXIT } from './exit-status.ts'
import type { Io } from './io.ts'
import { fold } from './ui/fold.ts'
import { toJson, usageJson } from './ui/json.ts'

/** One verb: it adds itself to the program and hands its exit status on. */
export type AddCommand = (program: Command, io: Io, done: (status: Promise<number>) => Promise<void>) => void

/** By the name that each adds itself under, in the order of the help. */
const COMMANDS = {
  claim: claimCommand,
  heartbeat: heartbeatCommand,
  release: releaseCommand,
  list: listCommand,
  peek: peekCommand,
  run: runCommand,
  verify: verifyCommand,
  steal: stealCommand,
  resolve: resolveCommand,
  log: logCommand,
  sync: syncCommand,
  who: whoCommand,
  status: statusCommand,
  message: messageCommand,
  component: componentCommand,
  workflow: workflowCommand,
  item: itemCommand,
  watch: watchCommand,
  session: sessionCommand,
  worktree: worktreeCommand,
  serve: serveCommand,
  mcp: mcpCommand,
  token: tokenCommand,
  migrate: migrateCommand,
  doctor: doctorCommand,
  init: initCommand,
  statusline: statuslineCommand,
  tracker: trackerCommand,
  completion: completionCommand,
} as const satisfies Readonly<Record<string, AddCommand>>

/** Runs one command line and gives its exit status: of `run` its command's, of `session start` its agent's, of all else one of `EXIT`. */
export async function run(args: readonly string[], io: Io): Promise<number> {
  let status: number = EXIT.done
  const program = newProgram(io).enablePositionalOptions()
  const verb = verbOf(program, args)
  for (const add of commandsFor(verb))
    add(program, io, async running => {
      status = await running
    })
  // Behind any other verb the global options go anywhere; behind this one they may be the command's.
  const runs = verb === 'run'
  program.enablePositionalOptions(runs)
  try {
    await program.parseAsync(args, { from: 'user' })
    return status
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error
    if (error.exitCode === 0) return EXIT.done
    if (args.includes('--json') && !runs) io.out(toJson(usageJson(error.message)))
    return EXIT.usage
  }
}

/** All of them only where none is named, or completion asks for their names: to set them up takes 5 ms of a verb's 30. */
function commandsFor(verb: string | undefined): readonly AddCommand[] {
  const named = Object.entries(COMMANDS).find(([name]) => name === verb)?.[1]
  return named && named !== completionCommand ? [named] : Object.values(COMMANDS)
}

function verbOf({ options }: Command, args: readonly string[]): string | undefined {
  for (let at = 0; at < args.length; at++) {
    if (!args[at]?.startsWith('-')) return args[at]
    if (options.some(({ long, required }) => required && long === args[at])) at++
  }
  return undefined
}

function newProgram(io: Io): Command {
  const write = (to: (line: string) => void) => (text: string) => to(fold(text.replace(/\n$/, ''), io.width))
  return new Command('presence')
    .description('Say what shared infrastructure you are changing right now, and see who else is.')
    .version(manifest.version, '--version', 'print the version')
    .helpOption('--help', 'print help for a command')
    .addOption(new Option('--json', 'print the answer as JSON'))
    .addOption(new Option('--dsn <dsn>', 'which board: mysql://…, http(s)://… or sqlite:<file>'))
    .addOption(new Option('--session <id>', 'who is speaking, instead of the id of this agent or terminal'))
    .addOption(new Option('--strict', 'exit 3 when the board gives no answer, instead of warning'))

    .addHelpText(
      'after',
      `
Labels are kind:name, with the kinds node, host, stack, service, db, pvc (pvc:<namespace>/<name>) and infra.
Exit status: 0 done, 1 refused, 2 usage, 3 the board gave no answer (with --strict, and always for migrate, doctor,
claim --exclusive, run --exclusive, verify and steal); of run the command's, of session start the agent's.

Example: presence claim node:k8s-1 --purpose "drain for kernel upgrade" --ttl 30m`,
    )
    .configureHelp({ showGlobalOptions: true, helpWidth: Math.min(io.width, 100), minWidthToWrap: 8 })
    .configureOutput({
      writeOut: write(io.out),
      writeErr: write(io.err),
      outputError: (text, print) => print(`presence: ${text.replace(/^error: /, '')}`),
      getOutHelpWidth: () => Math.min(io.width, 100),
      getErrHelpWidth: () => Math.min(io.width, 100),
    })
    .showSuggestionAfterError()
    .showHelpAfterError('presence: see: presence --help')
    .exitOverride()
}
