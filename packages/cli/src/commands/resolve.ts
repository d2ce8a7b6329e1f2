import { oneLine } from '@presence/core/internal'
import { answer } from '../answer.ts'
import type { AddCommand } from '../command.ts'
import type { Globals } from '../globals.ts'
import type { Io } from '../io.ts'
import { lapsedJson } from '../ui/lapsed.ts'
import { ago } from '../ui/time.ts'

interface Options extends Globals {
  readonly note?: string
}

export const resolveCommand: AddCommand = (program, io, done) =>
  program
    .command('resolve')
    .summary('clear the lapsed claims on a label')
    .description(
      'Clear the claims on a label that lapsed without a release, once you have checked the work that may be half done. The note stays in the history; live claims are not touched.',
    )
    .argument('<label>', 'the label to clear')
    .option('--note <text>', 'what you found and did (required)')
    .addHelpText('after', '\nExample: presence resolve node:k8s-1 --note "the drain was done; uncordoned it"')
    .action((label: string, _, command) => done(resolve(label, command.optsWithGlobals(), io)))

function resolve(label: string, { note = '', ...globals }: Options, io: Io) {
  return answer(
    globals,
    io,
    async board => {
      const said = await board.resolve(label, note)
      if (!said.ok) return said
      const view = { me: board.session.id, asOf: said.asOf }
      return {
        lines:
          said.resolved.length === 0
            ? [`presence: nothing has lapsed on ${oneLine(label)}`]
            : said.resolved.map(
                ({ label: at, session, purpose, expiresAt }) =>
                  `presence: resolved ${oneLine(at)}: ${oneLine(session.id)} (${oneLine(purpose)}), lapsed ${ago(expiresAt, said.asOf)}`,
              ),
        json: { resolved: said.resolved.map(claim => lapsedJson(claim, view)) },
      }
    },
    { undone: 'nothing was resolved' },
  )
}
