import { oneLine } from '@presence/core/internal'
import { answer } from '../../answer.ts'
import type { AddCommand } from '../../command.ts'
import type { Globals } from '../../globals.ts'

interface Options extends Globals {
  readonly note?: string
}

export const addWrong: AddCommand = (guard, io, done) => {
  guard
    .command('wrong')
    .summary('report that the guard was wrong')
    .description(
      'Mark what the guard said about a command as wrong, so that presence compliance counts it. The id is at the end of the line in presence log.',
    )
    .argument('<event>', 'the id that the guard gave')
    .option('--note <text>', 'what was wrong')
    .addHelpText('after', '\nExample: presence guard wrong g-0f3a --note "that node is not shared"')
    .action((event: string, _, command) => done(wrong(event, command.optsWithGlobals())))

  function wrong(event: string, { note, ...globals }: Options) {
    const undone = 'nothing was reported'
    return answer(
      globals,
      io,
      async board => {
        const said = await board.markWrong({ event, ...(note === undefined ? {} : { note }) })
        if (!said.ok) return said
        return {
          lines: [`presence: reported as wrong: ${oneLine(event)}; presence compliance counts it`],
          json: { event, reported: true },
        }
      },
      { undone },
    )
  }
}
