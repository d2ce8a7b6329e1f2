import { Option } from 'commander'
import { answer } from '../answer.ts'
import type { AddCommand } from '../command.ts'
import type { Globals } from '../globals.ts'
import type { Io } from '../io.ts'
import { claimsJson } from '../ui/json.ts'
import { endedLine, lapsedJson, lapsedSection } from '../ui/lapsed.ts'
import { coClaimNotes, leftAloneNotes, nearNotes } from '../ui/notes.ts'
import { claimTable } from '../ui/table.ts'

interface Options extends Globals {
  readonly mine?: boolean
  readonly kind?: string
  readonly lapsed?: boolean
}

export const listCommand: AddCommand = (program, io, done) =>
  program
    .command('list')
    .summary('show the live claims')
    .description(
      "Show everybody's live claims, the oldest first. Claims that expired without a release (lapsed) are shown separately, for a day or until they are resolved.",
    )
    .option('--mine', 'only yours')
    .addOption(new Option('--all', "everybody's (the default)").conflicts('mine'))
    .option('--kind <kind>', 'only labels of this kind: node, db, …')
    .option('--lapsed', 'only lapsed claims')
    .addHelpText('after', '\nExample: presence list --kind node')
    .action((_, command) => done(list(command.optsWithGlobals(), io)))

function list({ mine = false, kind, lapsed: lapsedOnly = false, ...globals }: Options, io: Io) {
  return answer(globals, io, async board => {
    const said = await board.list({ mine, ...(kind === undefined ? {} : { kind }) })
    if (!said.ok) return said
    const me = board.session.id
    const view = { me, asOf: said.asOf }
    // The table itself shows co-claims, unless a filter left claims out.
    const shown = mine || kind !== undefined ? coClaimNotes(said.coClaims, said.asOf) : []
    const lapsed = lapsedSection(said.lapsed, said.moreLapsed, said.asOf, me, io)
    if (lapsedOnly)
      return {
        lines: lapsed.length === 0 ? ['presence: nothing has lapsed'] : lapsed,
        json: said.lapsed.map(claim => lapsedJson(claim, view)),
      }
    return {
      lines: [
        ...(said.claims.length === 0
          ? ['presence: no active claims']
          : claimTable(said.claims, said.asOf, board.session, io)),
        ...lapsed,
      ],
      json: claimsJson(said.claims, view),
      notes: [
        ...said.stolen.map(each => endedLine(each, said.asOf)),
        ...leftAloneNotes(said.claims, me, said.asOf),
        ...nearNotes(said.overlaps, said.maybeSame, said.asOf),
        ...shown,
      ],
    }
  })
}
