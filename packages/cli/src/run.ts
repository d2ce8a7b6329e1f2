import { Command, CommanderError, Option } from 'commander'
import manifest from '../package.json' with { type: 'json' }
import { notClaimed } from './answer.ts'
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
import { labelsIn } from './labels-in.ts'
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
  setup: async () => (await import('./commands/setup.ts')).setupCommand,
  init: async () => (await import('./commands/init.ts')).initCommand,
  trust: async () => (await import('./commands/trust.ts')).trustCommand,
  guard: async () => (await import('./commands/guard/index.ts')).guardCommand,
  compliance: async () => (await import('./commands/compliance.ts')).complianceCommand,
  statusline: async () => statuslineCommand,
  tracker: async () => (await import('./commands/tracker.ts')).trackerCommand,
  shell: async () => (await import('./commands/shell.ts')).shellCommand,
  completion: async () => (await import('./commands/completion.ts')).completionCommand,
}

/**
 * Runs one command line and returns its exit status: for `run` the status of its command, for `session start`
 * of its agent, otherwise a value of `EXIT`.
 */
export async function run(args: readonly string[], io: Io): Promise<number> {
  let status: number = EXIT.done
  const program: Command = newProgram(io, () =>
    labelsIn(program, wordsOf(program, args)[0] ?? '', args),
  ).enablePositionalOptions()
  const [verb, second] = wordsOf(program, args)
  for (const add of await commandsFor(verb))
    add(program, io, async running => {
      status = await running
    })
  // What follows `--` is a command line, also if its first word is the name of a subcommand.
  if (verb === 'guard' && isCommandLine(args)) withoutSubcommands(program)
  const help = helpFor(program, [verb, second])
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

/** The program with every verb, for its help in other forms: the reference and the man page. */
export async function wholeProgram(io: Io): Promise<Command> {
  const program = newProgram(io, () => []).enablePositionalOptions()
  for (const add of await commandsFor(undefined)) add(program, io, async () => {})
  return program
}

/**
 * Loads all verbs only if none is named or completion needs their names: setting up all of them takes 5 ms of
 * a verb's 30.
 */
function commandsFor(verb: string | undefined): Promise<readonly AddCommand[]> {
  const named = verb !== undefined && verb !== 'completion' && Object.hasOwn(COMMANDS, verb) && COMMANDS[verb]
  return Promise.all((named ? [named] : Object.values(COMMANDS)).map(load => load()))
}

/** The first two words that are neither options of the program nor their values. */
function wordsOf({ options }: Command, args: readonly string[]): readonly string[] {
  const words: string[] = []
  for (let at = 0; at < args.length && words.length < 2; at++) {
    const arg = args[at] ?? ''
    if (!arg.startsWith('-')) words.push(arg)
    else if (options.some(({ long, required }) => required && long === arg)) at++
  }
  return words
}

/** True if the words of `guard` are a command line after `--`, and no subcommand stands before it. */
function isCommandLine(args: readonly string[]): boolean {
  const end = args.indexOf('--')
  return end >= 0 && !args.slice(0, end).some((arg, at) => arg === 'wrong' && args[at - 1] !== '--cwd')
}

function withoutSubcommands(program: Command): void {
  for (const { commands } of program.commands) (commands as Command[]).splice(0)
}

/** Lets a usage error name the help of its own verb. @returns the command that prints that help */
function helpFor(program: Command, words: readonly (string | undefined)[]): string {
  const path = [program]
  for (const word of words) {
    const next = path.at(-1)?.commands.find(each => each.name() === word)
    if (!next) break
    path.push(next)
  }
  const help = `${path.map(each => each.name()).join(' ')} --help`
  for (const command of path) command.showHelpAfterError(`presence: see: ${help}`)
  return help
}

/** @param claims the labels that the arguments were to claim, if they can't be parsed */
function newProgram(io: Io, claims: () => readonly string[]): Command {
  const write = (to: (line: string) => void) => (text: string) => to(fold(text.replace(/\n$/, ''), io.width))
  return new Command('presence')
    .description(
      'Say which shared infrastructure you are changing right now, and see who else is changing it.',
    )
    .version(manifest.version, '--version', 'print the version')
    .helpOption('--help', 'print help for a command')
    .addOption(new Option('--json', 'print the answer as JSON'))
    .addOption(new Option('--dsn <dsn>', 'which board: mysql://…, http(s)://… or sqlite:<file>'))
    .addOption(
      new Option(
        '--session <id>',
        "your session's id, or its prefix as shown by list (default: the id of this agent or terminal)",
      ),
    )
    .addOption(new Option('--strict', 'exit 3 if the board does not answer, instead of warning'))
    .addHelpText('after', ({ command }) => footerOf(command))
    .configureHelp({ showGlobalOptions: true, helpWidth: Math.min(io.width, 100), minWidthToWrap: 8 })
    .configureOutput({
      writeOut: write(io.out),
      writeErr: write(io.err),
      outputError: (text, print) =>
        print(`presence: ${notClaimed({ claims: claims() }) ?? ''}${text.replace(/^error: /, '')}`),
      getOutHelpWidth: () => Math.min(io.width, 100),
      getErrHelpWidth: () => Math.min(io.width, 100),
    })
    .showSuggestionAfterError()
    .exitOverride()
}

/** What each exit status means, in the words of the help. */
const STATUSES: Readonly<Record<string, string>> = {
  0: "done; if the board doesn't answer, advisory verbs only warn and also exit 0",
  1: 'refused',
  2: 'you have to fix something first: usage, DSN, config, password, access token, trust, rights, a sandbox, or a version',
  3: "the board didn't answer: with --strict, and always for claim --exclusive, run --exclusive, steal, verify, migrate, doctor and setup (also if they find something broken), and for item set and workflow set if they change a status or an assignment",
}

/** The end of the program's help. Commander wraps only what it formats itself, so the table is formatted by it too. */
function footerOf(command: Command): string {
  const help = command.createHelp()
  const statuses = Object.entries(STATUSES).map(([status, about]) => help.formatItem(status, 1, about, help))
  return `
Labels are kind:name, with the kinds node, host, cluster, namespace, stack, service, db, pvc (pvc:<namespace>/<name>) and infra.
Exit status:
${statuses.join('\n')}
If a claim is not on the board, the first line on standard error begins with "presence: NOT claimed".
run exits with its command's status, session start with its agent's.

Example: presence claim node:k8s-1 --purpose "drain for kernel upgrade" --ttl 30m`
}
