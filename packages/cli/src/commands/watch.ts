import { openBoard } from '@presence/core'
import { changeJson, needsFix } from '@presence/core/internal'
import { printFault } from '../answer.ts'
import type { AddCommand } from '../command.ts'
import { EXIT, type ExitStatus } from '../exit-status.ts'
import type { Globals } from '../globals.ts'
import type { Io } from '../io.ts'
import { wholeLabel } from '../labels.ts'
import { boardOptions } from '../opening.ts'
import { withWholeSession } from '../whole-session.ts'

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
 * Advisory like other verbs. If the board doesn't answer, the command waits until it does. At the start it exits 3
 * with `--strict` instead, and 2 if somebody has to fix something first. Later it waits in any case.
 */
async function watch(typed: string | undefined, globals: Globals, io: Io): Promise<ExitStatus> {
  const label = typed === undefined ? undefined : wholeLabel(typed, io)
  const [{ Changes, changeNotes }, { toJson }, { interruption }] = await Promise.all([
    import('../ui/change.ts'),
    import('../ui/json.ts'),
    import('../interruption.ts'),
  ])
  const signal = interruption()
  try {
    await using board = await openBoard(boardOptions(await withWholeSession(globals, io), io))
    const me = board.session.id
    const changes = new Changes(me, label, io)
    let reached = false
    for await (const change of board.watch({ signal, ...(label === undefined ? {} : { label }) })) {
      if (globals.json) io.out(toJson(changeJson(change, { me })))
      else for (const line of changes.lines(change)) io.out(line)
      for (const note of changeNotes(change, label)) io.err(`presence: ${note}`)
      reached ||= change.event === 'known'
      if (reached || change.event !== 'unknown') continue
      if (needsFix(change.fault)) return EXIT.usage
      if (globals.strict) return EXIT.fault
    }
    return EXIT.done
  } catch (error) {
    return printFault(error, globals, io)
  }
}
