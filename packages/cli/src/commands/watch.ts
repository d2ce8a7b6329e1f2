import { openBoard } from '@presence/core'
import { changeJson } from '@presence/core/internal'
import { boardOptions, printFault } from '../answer.ts'
import type { AddCommand } from '../command.ts'
import { EXIT, type ExitStatus } from '../exit-status.ts'
import type { Globals } from '../globals.ts'
import type { Io } from '../io.ts'

export const watchCommand: AddCommand = (program, io, done) =>
  program
    .command('watch')
    .summary('follow claims as they come and go')
    .description(
      'Show the live claims, and what lapsed, then each claim, release, expiry, steal and resolution as it happens, until Ctrl-C. With --json, one object per line.',
    )
    .argument('[label]', 'only this label')
    .addHelpText('after', '\nExample: presence watch node:k8s-1')
    .action((label: string | undefined, _, command) => done(watch(label, command.optsWithGlobals(), io)))

/**
 * Advisory like other verbs. If the board doesn't answer, the command waits until it does. With `--strict` it
 * exits 3 if the board doesn't answer at the start; later it waits too.
 */
async function watch(label: string | undefined, globals: Globals, io: Io): Promise<ExitStatus> {
  const [{ changeLines, changeNotes }, { toJson }, { interruption }] = await Promise.all([
    import('../ui/change.ts'),
    import('../ui/json.ts'),
    import('../interruption.ts'),
  ])
  const signal = interruption()
  try {
    await using board = await openBoard(boardOptions(globals, io))
    const me = board.session.id
    let reached = false
    for await (const change of board.watch({ signal, ...(label === undefined ? {} : { label }) })) {
      if (globals.json) io.out(toJson(changeJson(change, { me })))
      else for (const line of changeLines(change, me, label, io)) io.out(line)
      for (const note of changeNotes(change, label)) io.err(`presence: ${note}`)
      reached ||= change.event === 'known'
      if (!reached && globals.strict) return EXIT.fault
    }
    return EXIT.done
  } catch (error) {
    return printFault(error, globals, io)
  }
}
