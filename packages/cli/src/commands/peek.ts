import { oneLine } from '@presence/core/internal'
import { answer } from '../answer.ts'
import type { AddCommand } from '../command.ts'
import type { Globals } from '../globals.ts'
import type { Io } from '../io.ts'
import { holderList } from '../ui/holder.ts'
import { claimsJson } from '../ui/json.ts'
import { endedLine, lapsedSection } from '../ui/lapsed.ts'
import { coClaimNotes, leftAloneNotes } from '../ui/notes.ts'

export const peekCommand: AddCommand = (program, io, done) =>
  program
    .command('peek')
    .summary('show who holds one label')
    .description('Show the live and the lapsed claims on one label, without claiming it.')
    .argument('<label>', 'the label to look at')
    .addHelpText('after', '\nExample: presence peek node:k8s-1')
    .action((label: string, _, command) => done(peek(label, command.optsWithGlobals(), io)))

function peek(label: string, globals: Globals, io: Io) {
  return answer(globals, io, async board => {
    const said = await board.peek(label)
    if (!said.ok) return said
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
        ...leftAloneNotes(said.claims, me, said.asOf),
        ...coClaimNotes(
          said.coClaims.filter(coClaim => coClaim.label !== label.normalize('NFC')),
          said.asOf,
        ),
      ],
    }
  })
}
