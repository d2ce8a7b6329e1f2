import { Option } from 'commander'
import { printFault, printUsage } from '../answer.ts'
import type { AddCommand } from '../command.ts'
import { EXIT } from '../exit-status.ts'
import type { Globals } from '../globals.ts'
import type { Io } from '../io.ts'
import { Unanswered } from '../setup/consent.ts'
import { WIRING_AGENTS } from '../wiring/agents.ts'

interface Options extends Globals {
  readonly user?: boolean
  readonly agent?: readonly string[]
  readonly yes?: boolean
  readonly dryRun?: boolean
  readonly remove?: boolean
}

export const setupCommand: AddCommand = (program, io, done) =>
  program
    .command('setup')
    .summary('set up the agents on this machine, and prove that it works')
    .description(
      "Find the coding agents on this machine, show what would be written, and ask before anything is written. Each agent gets presence's hooks, with the guard (which looks at each command before it runs), the rules about the board, and presence mcp as its MCP server: in the project, for everyone who uses the repository, or with --user in your own files. At a terminal it also asks for the DSN of a shared board; without one, the board stays a file of your own. Then it runs the hooks and the MCP servers, checks that the board answers, and lists what you still have to do. A second run writes only what is missing.",
    )
    .option('--user', 'write into your own files instead, for all projects')
    .addOption(
      new Option('--agent <agent...>', 'only these agents, also if they were not found').choices(
        WIRING_AGENTS.map(({ name }) => name),
      ),
    )
    .option('--yes', "don't ask: write everything that --dry-run shows")
    .option('--dry-run', 'only show what would be written')
    .option('--remove', 'take everything out again that setup wrote')
    .addHelpText(
      'after',
      `
With --dsn, write that board's address into the config file, as presence init does.
Without a terminal it asks nothing: it needs --yes, and --dsn for a shared board.
Exit status 1 if you didn't agree, 2 if you have to fix a file or the board first, 3 if a file can't be written or doctor finds something broken.

Example: presence setup --dry-run --agent claude-code`,
    )
    .action((_, command) => done(setup(command.optsWithGlobals(), io)))

async function setup(
  { user = false, agent = [], yes = false, dryRun = false, remove = false, ...globals }: Options,
  io: Io,
): Promise<number> {
  if (remove && globals.dsn !== undefined) {
    const message = '--remove takes the address out that setup wrote: it takes no --dsn'
    return printUsage({ message, remedy: 'see: presence setup --help' }, globals, io, {})
  }
  const options = { user, agents: agent, yes, dryRun, globals }
  try {
    // Loaded here because no other verb needs the code that edits JSON as text, and doctor.
    if (remove) return await (await import('../setup/take-out.ts')).takeOut(options, io)
    return await (await import('../setup/set-up.ts')).setUp(options, io)
  } catch (error) {
    if (error instanceof Unanswered) {
      io.err(`presence: nothing was ${remove ? 'removed' : 'written'}`)
      return EXIT.refused
    }
    return printFault(error, globals, io, true, { isBeside: true })
  }
}
