import type { Compliance, ComplianceRow, Outcome } from '@presence/core'
import { parseSince } from '@presence/core/internal'
import { answer } from '../answer.ts'
import type { AddCommand } from '../command.ts'
import type { Globals } from '../globals.ts'
import type { Io } from '../io.ts'
import { listing } from '../ui/listing.ts'

interface Options extends Globals {
  readonly since: string
}

/** The columns of the table, and the key of each in JSON. */
const COLUMNS = [
  ['changed', 'CHANGED', 'changed'],
  ['byHand', 'BY HAND', 'by_hand'],
  ['automatic', 'AUTOMATIC', 'automatic'],
  ['collided', 'COLLIDED', 'collided'],
  ['paused', 'PAUSED', 'paused'],
  ['heeded', 'HEEDED', 'heeded'],
  ['proceeded', 'PROCEEDED', 'proceeded'],
  ['refused', 'REFUSED', 'refused'],
  ['reportedWrong', 'REPORTED WRONG', 'reported_wrong'],
] as const satisfies readonly (readonly [keyof ComplianceRow, string, string])[]

export const complianceCommand: AddCommand = (program, io, done) =>
  program
    .command('compliance')
    .summary('count guarded commands, and how they were claimed')
    .description(
      'Count the commands that the guard has seen, by the kind of their labels and by week (ISO, in UTC): how many changed something; how many were claimed by hand, and how many by the guard; how many met another session; how many were paused, how many of these were not run while the others were there (heeded), and how many went through anyway (proceeded); how many were refused for another reason; and how many decisions were reported as wrong.',
    )
    .option('--since <duration>', 'how far back, at most 30d: 2h, 14d', '7d')
    .addHelpText('after', '\nExample: presence compliance --since 30d')
    .action((_, command) => done(compliance(command.optsWithGlobals(), io)))

function compliance({ since, ...globals }: Options, io: Io) {
  return answer(globals, io, async board => {
    const seconds = parseSince(since)
    if (!seconds.ok) return seconds
    const said: Outcome<Compliance> = await board.compliance({
      since: new Date(Date.now() - seconds.value * 1_000),
    })
    if (!said.ok) return said
    return {
      lines:
        said.rows.length === 0
          ? [`presence: the guard has seen no command in the last ${since}`]
          : table(said.rows, io),
      json: said.rows.map(rowJson),
    }
  })
}

function table(rows: readonly ComplianceRow[], io: Io): readonly string[] {
  const cells = rows.map(row => [row.week, row.kind, ...COLUMNS.map(([key]) => String(row[key]))])
  return listing(['WEEK', 'KIND', ...COLUMNS.map(([, heading]) => heading)], cells, [], io)
}

function rowJson(row: ComplianceRow) {
  return {
    week: row.week,
    kind: row.kind,
    ...Object.fromEntries(COLUMNS.map(([key, , name]) => [name, row[key]])),
  }
}
