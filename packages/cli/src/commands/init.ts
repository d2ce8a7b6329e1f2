import { writeConfig } from '@presence/core'
import { print, printFault } from '../answer.ts'
import { EXIT, type ExitStatus } from '../exit-status.ts'
import type { Globals } from '../globals.ts'
import type { Io } from '../io.ts'
import type { AddCommand } from '../run.ts'

interface Options extends Globals {
  readonly kind?: readonly string[]
  readonly user?: boolean
  readonly print?: boolean
}

export const initCommand: AddCommand = (program, io, done) =>
  program
    .command('init')
    .summary("write the project's config file")
    .description(
      "Write which board this project uses (--dsn) and its own kinds of label (--kind) into .presence/config.json at the repository's top, for everyone who has the project. Keeps what else is there.",
    )
    .option('--kind <kind>', 'a kind of label that the project uses; may be repeated', collect)
    .option('--user', 'write your own config file instead, for all projects')
    .option('--print', "show the file's text, without passwords, and write nothing")
    .addHelpText('after', '\nExample: presence init --print --dsn mysql://db.example/presence --kind queue')
    .action((_, command) => done(init(command.optsWithGlobals(), io)))

function collect(kind: string, before: readonly string[] = []): readonly string[] {
  return [...before, kind]
}

async function init(
  { kind = [], user = false, print: dryRun = false, ...globals }: Options,
  io: Io,
): Promise<ExitStatus> {
  if (globals.dsn === undefined && kind.length === 0) {
    io.err('presence: init takes what goes into the file: --dsn or --kind')
    io.err('presence: hint: presence init --dsn mysql://db.example/presence, or presence init --kind queue')
    return EXIT.usage
  }
  try {
    const dsn = globals.dsn === undefined ? {} : { dsn: globals.dsn }
    const written = await writeConfig({ ...dsn, kinds: kind, user, dryRun, env: io.env, cwd: io.cwd })
    const { path, text, changed, behind } = written
    if (dryRun && !globals.json) {
      io.out(text.trimEnd())
      return EXIT.done
    }
    const done = changed ? `wrote ${path}` : `nothing to do in ${path}`
    const notes = behind.map(each => `${each} goes before this file here`)
    return print(
      { lines: [`presence: ${done}`], json: { ...written, written: changed && !dryRun }, notes },
      globals,
      io,
    )
  } catch (error) {
    return printFault(error, globals, io, true)
  }
}
