import type { Board, Listed } from '@presence/core'
import { oneLine } from '@presence/core/internal'
import type { Answer } from '../answer.ts'
import { answerEach } from '../answer-each.ts'
import type { AddCommand } from '../command.ts'
import type { Globals } from '../globals.ts'
import type { Io } from '../io.ts'
import { wholeLabels } from '../labels.ts'
import { holderList } from '../ui/holder.ts'
import { claimsJson } from '../ui/json.ts'
import { endedLine, lapsedSection } from '../ui/lapsed.ts'
import { coClaimNotes, leftAloneNotes, nearNotes } from '../ui/notes.ts'

export const peekCommand: AddCommand = (program, io, done) =>
  program
    .command('peek')
    .summary('show who holds these labels')
    .description(
      'Show the live and the lapsed claims on labels, without claiming them. With --json, several labels print an object with the answer or the error of each.',
    )
    .argument('<label...>', 'the labels to look at')
    .addHelpText('after', '\nExample: presence peek node:k8s-1')
    .action((labels: readonly string[], _, command) => done(peek(labels, command.optsWithGlobals(), io)))

function peek(typed: readonly string[], globals: Globals, io: Io) {
  const labels = wholeLabels(typed, io)
  return answerEach<Listed>(globals, io, labels, {
    ask: (board, label) => board.peek(label),
    show: (board, said, label) => shown(said, label, labels, board, io),
  })
}

/** @param labels all that are looked at, whose claims are shown anyway */
function shown(said: Listed, label: string, labels: readonly string[], board: Board, io: Io): Answer {
  const me = board.session.id
  return {
    lines: [
      ...(said.claims.length === 0
        ? [`presence: no active claim on ${oneLine(label)}`]
        : [
            `presence: active claims on ${oneLine(label)}:`,
            ...holderList(said.claims, said.asOf, io, board.session),
          ]),
      ...lapsedSection(said.lapsed, said.moreLapsed, said.asOf, me, io),
    ],
    json: claimsJson(said.claims, { me, asOf: said.asOf }),
    notes: [
      ...said.stolen.map(each => endedLine(each, said.asOf)),
      ...nearNotes(said.overlaps, said.maybeSame, said.asOf),
      ...leftAloneNotes(said.claims, me, said.asOf),
      ...coClaimNotes(
        said.coClaims.filter(coClaim => !labels.includes(coClaim.label)),
        said.asOf,
      ),
    ],
  }
}
