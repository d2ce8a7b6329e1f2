import { type Claim, idleSince, neverExpires } from '@presence/core'
import { oneLine, shortIds } from '@presence/core/internal'
import type { Io } from '../io.ts'
import { cut, inColumns, type Yielding } from './columns.ts'
import { fold } from './fold.ts'
import { ago, duration } from './time.ts'
import { type Reader, whoCell } from './where.ts'

const HEADINGS = ['LABEL', 'SESSION', 'WHO', 'PURPOSE', 'SINCE', 'LEFT'] as const
/** Shown instead of the time left for a claim that never expires. */
const NEVER = 'never'
/**
 * In the order in which columns are narrowed. If fewer columns were left for a purpose, it would be cut to a few words:
 * it gets lines of its own instead.
 */
const YIELDING: readonly Yielding[] = [
  [3, 40],
  [2, 24],
  [0, 20],
]
/** For the table without labels and purposes. */
const YIELDING_HEADS: readonly Yielding[] = [
  [2, 24],
  [1, 12],
]
/** The most lines of a purpose in a list; `peek` shows all of it. */
const PURPOSE_LINES_MAX = 3

/** One claim as the cells of a table. */
interface Row {
  readonly label: string
  readonly isExclusive: boolean
  readonly isMine: boolean
  readonly session: string
  readonly who: string
  readonly purpose: string
  readonly since: string
  readonly left: string
}

/**
 * Claims by label, as a table that fits the terminal. If a purpose would be cut to a few words, it gets lines of its
 * own below its session; on a narrow terminal so does everything else.
 *
 * @param reader the session at whose terminal this is shown
 */
export function claimTable(claims: readonly Claim[], asOf: Date, reader: Reader, io: Io): readonly string[] {
  const short = shortIds(claims.map(({ session }) => session.id))
  const groups = [...Map.groupBy(claims, ({ label }) => label).values()]
  const rows = groups.flatMap(group => group.map(claim => rowOf(claim, asOf, reader, short)))
  return inTable(rows, io) ?? underLabels(rows, io)
}

function rowOf(claim: Claim, asOf: Date, reader: Reader, short: (id: string) => string): Row {
  const { label, session, purpose, claimedAt, token } = claim
  return {
    label: oneLine(label),
    isExclusive: token !== undefined,
    isMine: session.id === reader.id,
    session: oneLine(short(session.id)),
    who: whoCell(session, reader),
    purpose: `${oneLine(purpose)}${claim.automatic ? ' (automatic)' : ''}`,
    since: ago(claimedAt, asOf),
    left: leftOf(claim, asOf),
  }
}

function leftOf(claim: Claim, asOf: Date): string {
  const left = neverExpires(claim) ? NEVER : duration(claim.expiresAt.getTime() - asOf.getTime())
  const since = idleSince(claim, asOf)
  return since ? `${left}, ${duration(asOf.getTime() - since.getTime(), 'short')} idle` : left
}

/** One line per claim; undefined if that doesn't fit. */
function inTable(rows: readonly Row[], io: Io): readonly string[] | undefined {
  let above = ''
  const cells = rows.map(row => {
    const label = row.label + marks(row.isExclusive && 'exclusive')
    // People see at a glance what is one label. Programs that read lines need it on each.
    const shown = label === above && io.width !== Number.POSITIVE_INFINITY ? '' : label
    above = label
    return [shown, row.session + marks(row.isMine && 'me'), row.who, row.purpose, row.since, row.left]
  })
  const [heading, ...lines] = inColumns([HEADINGS, ...cells], YIELDING, io.width) ?? []
  if (heading === undefined) return undefined
  return [
    io.paint('dim', heading),
    ...lines.map((line, at) => (rows[at]?.isMine ? io.paint('cyan', line) : line)),
  ]
}

/** Each label on a line of its own, with its claims below, each purpose folded. */
function underLabels(rows: readonly Row[], io: Io): readonly string[] {
  const sessions = rows.map(row => row.session + marks(row.isMine && 'me', row.isExclusive && 'exclusive'))
  const heads = inColumns(
    [
      ['', 'SESSION', 'WHO', 'SINCE', 'LEFT'],
      ...rows.map(({ who, since, left }, at) => ['', sessions[at] ?? '', who, since, left]),
    ],
    YIELDING_HEADS,
    io.width,
  )
  const [heading, ...lines] = heads ?? []
  return [
    ...(heading === undefined ? [] : [io.paint('dim', heading)]),
    ...rows.flatMap((row, at) => [
      ...(row.label === rows[at - 1]?.label ? [] : [io.paint('bold', cut(row.label, io.width))]),
      ...claimLines(
        row,
        lines[at] ?? cut(`  ${sessions[at]}`, io.width),
        heading === undefined,
        io.width,
      ).map(line => (row.isMine ? io.paint('cyan', line) : line)),
    ]),
  ]
}

/** @param isNarrow the head has no room for who it is, and for times */
function claimLines(row: Row, head: string, isNarrow: boolean, width: number): readonly string[] {
  const [time = '', idle = ''] = row.left.split(', ')
  const ends = time === NEVER ? `never expires, ${row.since}` : `${row.since}, ${time} left`
  const more = isNarrow ? [row.who, ends, idle].filter(text => text !== '') : []
  return [
    head,
    ...below('    ', row.purpose, width, PURPOSE_LINES_MAX),
    ...more.flatMap(text => below('    ', text, width)),
  ]
}

/** A text folded below an indent, cut after some lines. */
function below(
  indent: string,
  text: string,
  width: number,
  linesMax = Number.POSITIVE_INFINITY,
): readonly string[] {
  const columns = width - indent.length
  const lines = fold(text, columns).split('\n')
  return lines
    .slice(0, linesMax)
    .map(
      (line, at) =>
        indent + cut(at === linesMax - 1 && lines.length > linesMax ? `${line} …` : line, columns),
    )
}

function marks(...given: readonly (string | false)[]): string {
  const told = given.filter(mark => mark !== false)
  return told.length === 0 ? '' : ` (${told.join(', ')})`
}
