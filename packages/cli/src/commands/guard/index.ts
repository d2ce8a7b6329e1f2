import type { AddCommand } from '../../command.ts'
import type { Globals } from '../../globals.ts'
import { addWrong } from './wrong.ts'

interface Options extends Globals {
  readonly cwd?: string
  readonly batch?: boolean
  readonly holders?: boolean
}

export const guardCommand: AddCommand = (program, io, done) => {
  const guard = program
    .command('guard')
    .summary('explain what a command would change')
    .description(
      'Say which labels a command would change, and what the guard would do about them. It runs nothing, and asks no board unless you give --holders. The command is what follows --, or one string. With --batch, standard input has one command line per line, each as a JSON string, and each is answered by a line of JSON.',
    )
    .usage('[options] -- <command> [args...]')
    .argument('[command...]', 'the command to explain')
    .option('--cwd <folder>', 'the folder that it would run in (default: the current folder)')
    .option('--batch', 'read command lines from standard input')
    .option(
      '--holders',
      'ask the board who else holds these labels, and say only that, on standard error; nothing if nobody does',
    )
    .addHelpText('after', '\nExample: presence guard -- kubectl drain k8s-1')
    .action((words: readonly string[], _, command) =>
      done(
        (async () => {
          const options: Options = command.optsWithGlobals()
          const { explain } = await import('../../guard/explain.ts')
          return explain(words, options, io)
        })(),
      ),
    )
  addWrong(guard, io, done)
}
