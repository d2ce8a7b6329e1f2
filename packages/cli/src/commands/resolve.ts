import type { Resolved } from '@presence/core'
import { oneLine } from '@presence/core/internal'
import { answerEach } from '../answer-each.ts'
import type { AddCommand } from '../command.ts'
import type { Globals } from '../globals.ts'
import type { Io } from '../io.ts'
import { askEither, wholeLabels } from '../labels.ts'
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
      'Clear the claims on labels that lapsed without a release, once you have checked the work that may be half done. The note stays in the history; live claims are not touched. With --json, several labels print an object with the answer or the error of each.',
    )
    .argument('<label...>', 'the labels to clear')
    .option('--note <text>', 'what you found and did (required)')
    .addHelpText('after', '\nExample: presence resolve node:k8s-1 --note "the drain was done; uncordoned it"')
    .action((labels: readonly string[], _, command) => done(resolve(labels, command.optsWithGlobals(), io)))

function resolve(typed: readonly string[], { note = '', ...globals }: Options, io: Io) {
  return answerEach<Resolved>(globals, io, wholeLabels(typed, io), {
    ask: (board, label) =>
      askEither(
        label,
        typed,
        io,
        each => board.resolve(each, note),
        said => !said.ok || said.resolved.length > 0,
      ),
    show: (board, { resolved, asOf }, label) => ({
      lines:
        resolved.length === 0
          ? [`presence: nothing has lapsed on ${oneLine(label)}`]
          : resolved.map(
              ({ label: at, session, purpose, expiresAt }) =>
                `presence: resolved ${oneLine(at)}: ${oneLine(session.id)} (${oneLine(purpose)}), lapsed ${ago(expiresAt, asOf)}`,
            ),
      json: { resolved: resolved.map(claim => lapsedJson(claim, { me: board.session.id, asOf })) },
    }),
    saying: () => ({ undone: 'nothing was resolved' }),
  })
}
