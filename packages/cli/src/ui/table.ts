import { type Claim, leftAloneSince, neverExpires, oneLine, type Place } from '@presence/core'
import type { Io } from '../io.ts'
import { cut, inColumns, type Yielding } from './columns.ts'
import { ago, duration } from './time.ts'

const HEADINGS = ['LABEL', 'SESSION', 'PURPOSE', 'SINCE', 'LEFT'] as const
/** In the place of what is left of a claim that never expires. */
const NEVER = 'never'
/** In the order in which they give way. */
const YIELDING: readonly Yielding[] = [
  [2, 14],
  [1, 14],
  [0, 14],
]
/** The branch, where somebody else is in the reader's repository. */
const BRANCH = 'BRANCH'
const BRANCH_LEAST = 8

/**
 * Claims as a table that fits the terminal: purpose, session and label give way in this order. Where even their least
 * doesn't fit, each claim stands on lines of its own. Where others are in the reader's repository, their branches are shown.
 *
 * @param here where the reader works
 */
export function claimTable(
  claims: readonly Claim[],
  asOf: Date,
  sessionId: string,
  io: Io,
  here: Place = {},
): readonly string[] {
  const rows = claims.map(claim => cellsOf(claim, asOf, sessionId))
  const branches = claims.map(claim => branchIn(claim, here))
  const met = claims.some(({ session }, at) => session.id !== sessionId && branches[at] !== '')
  const [heading, ...lines] =
    (met ? withBranches(rows, branches, io) : undefined) ??
    inColumns([HEADINGS, ...rows], YIELDING, io.width) ??
    []
  if (heading === undefined) return rows.flatMap((cells, at) => stacked(cells, met ? branches[at] : '', io))
  return [
    io.paint('dim', heading),
    ...lines.map((line, at) => (claims[at]?.session.id === sessionId ? io.paint('cyan', line) : line)),
  ]
}

function cellsOf(claim: Claim, asOf: Date, sessionId: string): readonly string[] {
  const me = claim.session.id === sessionId ? ' (me)' : ''
  return [
    oneLine(claim.label) + (claim.token === undefined ? '' : ' (exclusive)'),
    oneLine(claim.session.id) + me,
    oneLine(claim.purpose),
    ago(claim.claimedAt, asOf),
    leftOf(claim, asOf),
  ]
}

function leftOf(claim: Claim, asOf: Date): string {
  const left = neverExpires(claim) ? NEVER : duration(claim.expiresAt.getTime() - asOf.getTime())
  const since = leftAloneSince(claim, asOf)
  return since ? `${left}, ${duration(asOf.getTime() - since.getTime(), 'short')} alone` : left
}

function branchIn({ session: { place = {} } }: Claim, { repo }: Place): string {
  return repo !== undefined && place.repo === repo ? oneLine(place.branch ?? 'no branch') : ''
}

/** Undefined where that doesn't fit: then the branch is what is left out. */
function withBranches(rows: readonly (readonly string[])[], branches: readonly string[], io: Io) {
  const headings = [...HEADINGS.slice(0, 2), BRANCH, ...HEADINGS.slice(2)]
  const cells = rows.map((row, at) => [...row.slice(0, 2), branches[at] ?? '', ...row.slice(2)])
  const yielding: readonly Yielding[] = [
    [3, 14],
    [2, BRANCH_LEAST],
    [1, 14],
    [0, 14],
  ]
  return inColumns([headings, ...cells], yielding, io.width)
}

function stacked(
  [label = '', session = '', purpose = '', since = '', left = '']: readonly string[],
  branch: string | undefined,
  io: Io,
) {
  const [time, alone] = left.split(', ')
  const lines = [
    io.paint('bold', cut(label, io.width)),
    `  ${purpose}`,
    `  ${session}`,
    ...(branch ? [`  on ${branch}`] : []),
    time === NEVER ? `  never expires, ${since}` : `  ${since}, ${time} left`,
    ...(alone ? [`  left ${alone}`] : []),
  ]
  return lines.map((line, at) => (at === 0 ? line : cut(line, io.width)))
}
