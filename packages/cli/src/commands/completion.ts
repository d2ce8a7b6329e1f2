import { Argument } from 'commander'
import type { AddCommand } from '../command.ts'
import { EXIT, type ExitStatus } from '../exit-status.ts'
import type { Io } from '../io.ts'

const SHELLS = ['bash', 'zsh', 'fish']

/**
 * `completion` prints the script that a shell loads. The script calls the hidden verb `complete` at each Tab.
 */
export const completionCommand: AddCommand = (program, io, done) => {
  program
    .command('completion')
    .summary('complete commands and labels in your shell')
    .description(
      'Print a script that completes commands, options, labels and sessions. bash: eval "$(presence completion bash)" in ~/.bashrc; zsh: source <(presence completion zsh) in ~/.zshrc; fish: presence completion fish > ~/.config/fish/completions/presence.fish',
    )
    .addArgument(new Argument('<shell>', 'bash, zsh or fish').choices(SHELLS))
    .addHelpText('after', '\nExample: presence completion bash')
    .action((shell: string) => done(print(shell, io)))
  program
    .command('complete', { hidden: true })
    .argument('[words...]')
    .action((words: readonly string[]) => done(complete(words)))

  async function complete(words: readonly string[]): Promise<ExitStatus> {
    try {
      const { questionOf } = await import('../completion/question.ts')
      const { answersTo, needsBoard } = await import('../completion/answers.ts')
      const { quickList } = await import('@presence/core/internal')
      const question = questionOf(program, words)
      const { dsn, session } = question
      const options = {
        env: io.env,
        cwd: io.cwd,
        ...(dsn === undefined ? {} : { dsn }),
        ...(session === undefined ? {} : { session }),
      }
      const seen = needsBoard(question) ? await quickList(options) : undefined
      for (const { value, about } of answersTo(question, seen)) io.out(`${value}\t${about}`)
    } catch {
      // Ignore, and print nothing: an error message would land in the line that the user is typing.
    }
    return EXIT.done
  }
}

async function print(shell: string, io: Io): Promise<ExitStatus> {
  const { SCRIPTS } = await import('../completion/scripts.ts')
  io.out((SCRIPTS[shell] ?? '').trimEnd())
  return EXIT.done
}
