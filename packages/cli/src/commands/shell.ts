import { guardSettings } from '@presence/core/internal'
import { Argument } from 'commander'
import { printFault } from '../answer.ts'
import type { AddCommand } from '../command.ts'
import { EXIT, type ExitStatus } from '../exit-status.ts'
import type { Globals } from '../globals.ts'
import type { Io } from '../io.ts'

const SHELLS = ['bash', 'zsh', 'fish']

export const shellCommand: AddCommand = (program, io, done) =>
  program
    .command('shell')
    .summary('note in your shell that others hold what a command would change')
    .description(
      'Print a script for your shell. Before a command runs that would change what others hold, the shell then prints a note with the holders; it claims nothing and can\'t keep the command from running. Lines without the name of a tool that the guard knows start no program. bash 4.4 or newer: eval "$(presence shell bash)" in ~/.bashrc; zsh: eval "$(presence shell zsh)" in ~/.zshrc; fish: presence shell fish | source in ~/.config/fish/config.fish',
    )
    .addArgument(new Argument('<shell>', 'bash, zsh or fish').choices(SHELLS))
    .addHelpText('after', '\nExample: presence shell bash')
    .action((shell: string, _, command) => done(print(shell, command.optsWithGlobals(), io)))

async function print(shell: string, globals: Globals, io: Io): Promise<ExitStatus> {
  try {
    const [{ SCRIPTS }, { programNames }] = await Promise.all([
      import('../shell/scripts.ts'),
      import('@presence/guard'),
    ])
    const names = programNames(guardSettings(io.cwd, io.env).config)
    // Other names can't be typed without quotes, and would not be safe in the script.
    const words = names.filter(name => /^[\w.-]+$/.test(name)).map(name => name.replaceAll('.', '[.]'))
    io.out((SCRIPTS[shell] ?? '').replaceAll('@NAMES@', words.join('|')).trimEnd())
    return EXIT.done
  } catch (error) {
    return printFault(error, globals, io, true, { isBeside: true })
  }
}
