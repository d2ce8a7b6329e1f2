import { resolve } from 'node:path'
import { printFault } from '../answer.ts'
import type { AddCommand } from '../command.ts'
import { EXIT, type ExitStatus } from '../exit-status.ts'
import type { Globals } from '../globals.ts'
import type { Io } from '../io.ts'

interface Options extends Globals {
  readonly list?: boolean
  readonly revoke?: boolean
}

export const trustCommand: AddCommand = (program, io, done) =>
  program
    .command('trust')
    .summary("allow the board that a project's config file names")
    .description(
      "Show where a project's config file, and the hooks in its agents' settings, send claims and secrets, and what it says about the guard, and ask whether to trust that. presence uses a server that a project names, and a project's settings of the guard, only after this. It asks at a terminal, and never inside an agent's session. If kinds or project change later, the trust stays; another board, or other settings of the guard, need a new one.",
    )
    .argument('[folder]', "the project's folder, or a folder in it (default: the current folder)")
    .option('--list', 'show what you trust')
    .option('--revoke', 'end your trust in the project')
    .addHelpText(
      'after',
      `
What you name yourself needs no trust: --dsn, PRESENCE_DSN, your own config file, presence init --dsn.
In CI, name the hosts that may be used: PRESENCE_TRUST=db.example,board.example:8443

Example: presence trust --list`,
    )
    .action((folder: string | undefined, _, command) => done(trust(folder, command.optsWithGlobals(), io)))

async function trust(
  folder: string | undefined,
  { list = false, revoke = false, ...globals }: Options,
  io: Io,
): Promise<ExitStatus> {
  if (list && (revoke || folder !== undefined)) {
    io.err('presence: --list shows everything that you trust: it takes neither a folder nor --revoke')
    io.err('presence: hint: see: presence trust --help')
    return EXIT.usage
  }
  const project = resolve(io.cwd, folder ?? '.')
  try {
    const { askForTrust } = await import('../trust/ask.ts')
    const { listTrust, revokeTrust } = await import('../trust/stored.ts')
    if (list) return listTrust(globals, io)
    return revoke ? revokeTrust(project, globals, io) : await askForTrust(project, globals, io)
  } catch (error) {
    return printFault(error, globals, io, true)
  }
}
