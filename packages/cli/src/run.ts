import { Command, CommanderError, Option } from 'commander'
import manifest from '../package.json' with { type: 'json' }
import type { AddCommand } from './command.ts'
import { claimCommand } from './commands/claim.ts'
import { heartbeatCommand } from './commands/heartbeat.ts'
import { listCommand } from './commands/list.ts'
import { peekCommand } from './commands/peek.ts'
import { releaseCommand } from './commands/release.ts'
import { runCommand } from './commands/run.ts'
import { statuslineCommand } from './commands/statusline.ts'
import { verifyCommand } from './commands/verify.ts'
import { whoCommand } from './commands/who.ts'
import { EXIT } from './exit-status.ts'
import type { Io } from './io.ts'
import { fold } from './ui/fold.ts'
import { toJson, usageJson } from './ui/json.ts'

/**
 * The verbs by name, in the order of the help. The verbs that agents run all day are in the file that is
 * loaded at the start. Every other verb is imported when it is used, because loading it takes longer than a
 * short verb takes to run.
 */
const COMMANDS: Readonly<Record<string, () => Promise<AddCommand>>> = {
  claim: async () => claimCommand,
  heartbeat: async () => heartbeatCommand,
  release: async () => releaseCommand,
  list: async () => listCommand,
  peek: async () => peekCommand,
  run: async () => runCommand,
  verify: async () => verifyCommand,
  steal: async () => (await import('./commands/steal.ts')).stealCommand,
  resolve: async () => (await import('./commands/resolve.ts')).resolveCommand,
  log: async () => (await import('./commands/log.ts')).logCommand,
  sync: async () => (await import('./commands/sync.ts')).syncCommand,
  who: async () => whoCommand,
  status: async () => (await import('./commands/status.ts')).statusCommand,
  message: async () => (await import('./commands/message/index.ts')).messageCommand,
  component: async () => (await import('./commands/component/index.ts')).componentCommand,
  workflow: async () => (await import('./commands/workflow/index.ts')).workflowCommand,
  item: async () => (await import('./commands/item/index.ts')).itemCommand,
  watch: async () => (await import('./commands/watch.ts')).watchCommand,
  session: async () => (await import('./commands/session/index.ts')).sessionCommand,
  worktree: async () => (await import('./commands/worktree/index.ts')).worktreeCommand,
  serve: async () => (await import('./commands/serve.ts')).serveCommand,
  mcp: async () => (await import('./commands/mcp.ts')).mcpCommand,
  token: async () => (await import('./commands/token.ts')).tokenCommand,
  migrate: async () => (await import('./commands/migrate.ts')).migrateCommand,
  doctor: async () => (await import('./commands/doctor.ts')).doctorCommand,
  init: async () => (await import('./commands/init.ts')).initCommand,
  statusline: async () => statuslineCommand,
  tracker: async () => (await import('./commands/tracker.ts')).trackerCommand,
  completion: async () => (await import('./commands/completion.ts')).completionCommand,
}

/**
 * Runs one command line and returns its exit status: for `run` the status of its command, for `session start`
 * of its agent, otherwise a value of `EXIT`.
 */
export async function run(args: readonly string[], io: Io): Promise<number> {
  let status: number = EXIT.done
  const program = newProgram(io).enablePositionalOptions()
  const verb = verbOf(program, args)
  const help =
    verb !== undefined && Object.hasOwn(COMMANDS, verb) ? `presence ${verb} --help` : 'presence --help'
  program.showHelpAfterError(`presence: see: ${help}`)
  for (const add of await commandsFor(verb))
    add(program, io, async running => {
      status = await running
    })
  // With any other verb the global options may stand anywhere; after `run` they may belong to its command.
  const runs = verb === 'run'
  program.enablePositionalOptions(runs)
  try {
    await program.parseAsync(args, { from: 'user' })
    return status
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error
    if (error.exitCode === 0) return EXIT.done
    if (args.includes('--json') && !runs) io.out(toJson(usageJson(error.message, help)))
    return EXIT.usage
  }
}

/**
 * Loads all verbs only if none is named or completion needs their names: setting up all of them takes 5 ms of
 * a verb's 30.
 */
function commandsFor(verb: string | undefined): Promise<readonly AddCommand[]> {
  const named = verb !== undefined && verb !== 'completion' && Object.hasOwn(COMMANDS, verb) && COMMANDS[verb]
  return Promise.all((named ? [named] : Object.values(COMMANDS)).map(load => load()))
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
    .description(
      'Say which shared infrastructure you are changing right now, and see who else is changing it.',
    )
    .version(manifest.version, '--version', 'print the version')
    .helpOption('--help', 'print help for a command')
    .addOption(new Option('--json', 'print the answer as JSON'))
    .addOption(new Option('--dsn <dsn>', 'which board: mysql://…, http(s)://… or sqlite:<file>'))
    .addOption(new Option('--session <id>', "your session's id (default: the id of this agent or terminal)"))
    .addOption(new Option('--strict', 'exit 3 if the board does not answer, instead of warning'))

    .addHelpText(
      'after',
      `
Labels are kind:name, with the kinds node, host, stack, service, db, pvc (pvc:<namespace>/<name>) and infra.
Exit status:
  0  done
  1  refused
  2  wrong usage or settings
  3  the board did not answer: with --strict, and always for claim --exclusive,
     run --exclusive, steal, verify, migrate, doctor (also if it finds something
     broken), and for item set and workflow set if they change a status or an
     assignment
run exits with its command's status, session start with its agent's.

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
    .exitOverride()
}
