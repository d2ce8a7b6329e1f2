import { pastStateJson } from '@presence/core'
import { oneLine } from '@presence/core/internal'
import { answer } from '../../answer.ts'
import type { AddCommand } from '../../command.ts'
import type { Globals } from '../../globals.ts'
import type { Io } from '../../io.ts'
import { noProject, projectHere } from '../../project.ts'
import { componentTable } from '../../ui/component.ts'
import { nextNote } from '../../ui/listing.ts'
import { wholeNumber } from '../../whole-number.ts'

interface Options extends Globals {
  readonly project?: string
  readonly limit?: number
  readonly before?: string
}

export const historyCommand: AddCommand = (component, io, done) =>
  component
    .command('history')
    .summary('show what a component was set to')
    .description('Show each state that a component was set to, the latest first. 90 days are kept.')
    .argument('<component>', 'its name')
    .option('--project <key>', 'the project (default: that of this folder)')
    .option('--limit <number>', 'how many of the latest to show, at most 500 (default: 50)', wholeNumber(500))
    .option('--before <cursor>', 'continue from this cursor, which the previous page printed')
    .addHelpText('after', '\nExample: presence component history server --project web-shop')
    .action((name: string, _, command) => done(history(name, command.optsWithGlobals(), io)))

function history(name: string, { project, limit, before, ...globals }: Options, io: Io) {
  return answer(globals, io, async board => {
    const here = await projectHere(project, io)
    if (here === undefined) return noProject()
    const said = await board.components.history({
      project: here,
      component: name,
      ...(limit === undefined ? {} : { limit }),
      ...(before === undefined ? {} : { before }),
    })
    if (!said.ok) return said
    return {
      lines:
        said.rows.length === 0
          ? [`presence: no states of ${oneLine(name)} of ${here}`]
          : componentTable(said.rows, said.asOf, io),
      json: {
        states: said.rows.map(pastStateJson),
        next: said.next ?? null,
      },
      notes: nextNote(said.next, '--before'),
    }
  })
}
