import type { Claim, Listed } from '@presence/core'
import {
  type AgentView,
  claimText,
  counted,
  holderText,
  LIVE_COUNTED_MAX,
  labelOf,
  moment,
  nameOf,
  shortIds,
  timeOfDay,
} from '@presence/core/internal'
import type { Heard, Here } from '../hook.ts'
import {
  allKnown,
  type Changes,
  changesIn,
  isKnown,
  type Known,
  keyOf,
  othersIn,
  type Recalled,
} from './known.ts'
import { lapsedOfOthers } from './lapsed.ts'
import { cutAt, fitting, tokensOf } from './tokens.ts'
import { unknownBlock } from './unknown.ts'
import { lineOf, type ShortId, viewOf } from './view.ts'

const LINES_MAX = 20
/** The most tokens about lapsed claims of others, and the fewest that are left for the others: a title and a count. */
const LAPSED_TOKENS_MAX = 150
const OTHERS_TOKENS_MIN = 75
/** The most tokens of a label or an id that is named without more. */
const NAME_TOKENS_MAX = 25

/** When to claim, for an agent that sees no example on the board. */
const WHEN_TO_CLAIM =
  'Before you change infrastructure that others share (apply, deploy, restart, drain, migrate, delete), run `presence claim <label> --purpose "<what and why>"`.'

/** The agent that reads. */
export interface Reader {
  readonly me: string
  readonly here: Here
  /** What it knows of the board; undefined if that isn't recorded. */
  readonly before: Recalled | undefined
  /** True if it is to be told everything, because its context is new or was shortened. */
  readonly isStart: boolean
  /** The claims that were named just above, as keys. */
  readonly named: ReadonlySet<string>
  /** The lapsed claims of others that are not told again, as keys. */
  readonly shownLapsed: ReadonlySet<string>
  readonly tokensMax: number
}

export interface BoardBlock {
  readonly lines: readonly string[]
  /** What the agent knows once it has read the lines. */
  readonly knows: Recalled
  /** The lapsed claims of others that the lines tell of, as keys. */
  readonly shown: readonly string[]
}

/**
 * The claims of other sessions: all of them if the agent knows nothing of the board, or may have lost it; later only
 * what changed. What is the most relevant comes first: labels that this session holds too, then claims from its
 * repository, then the latest.
 */
export function boardBlock(heard: Heard<Listed>, reader: Reader): BoardBlock {
  const { before, me } = reader
  if (!heard.known) {
    const since = before && !isKnown(before) ? before.unknownSince : heard.since.getTime()
    return { lines: unknownBlock(heard), knows: { unknownSince: since }, shown: [] }
  }
  const listed = heard.value
  // A later time is another board's, or this board's clock was set back.
  const base = !reader.isStart && isKnown(before) && before.at <= listed.asOf.getTime() ? before : undefined
  const short = shortIds([
    ...[...listed.claims, ...listed.lapsed].map(({ session }) => session.id),
    ...(base?.claims ?? []).map(({ session }) => session),
  ])
  const lapsed = lapsedOfOthers(
    listed,
    reader,
    short,
    Math.min(LAPSED_TOKENS_MAX, reader.tokensMax - OTHERS_TOKENS_MIN),
  )
  const sight = { listed, short, reader: { ...reader, tokensMax: reader.tokensMax - tokensOf(lapsed.lines) } }
  const changes = base && changesIn(listed, me, base)
  const lines = changes ? changedLines(sight, base, changes) : wholeLines(sight)
  const start =
    lines.length === 0 && lapsed.lines.length > 0 ? [`Presence board at ${moment(listed.asOf)}.`] : []
  return {
    lines: [...lines, ...start, ...lapsed.lines],
    knows: changes?.known ?? allKnown(listed, me),
    shown: lapsed.shown,
  }
}

interface Sight {
  readonly listed: Listed
  readonly short: ShortId
  readonly reader: Reader
}

function wholeLines(sight: Sight): readonly string[] {
  const { listed, reader } = sight
  const { before, isStart, named } = reader
  const others = othersIn(listed, reader.me)
  const back =
    !isStart && before && !isKnown(before)
      ? `, known again (it was unknown since ${timeOfDay(new Date(before.unknownSince), listed.asOf)})`
      : ''
  const title = `Presence board at ${moment(listed.asOf)}${back}: ${howManyOthers(listed, reader.me)}`
  if (others.length === 0) return [`${title}.${isStart ? ` ${WHEN_TO_CLAIM}` : ''}`]
  const shown = others.filter(claim => !named.has(keyOf(claim.label, claim.session.id)))
  const above = others.length - shown.length
  const entries = entriesOf(
    shown.map(claim => ({ claim, how: '' })),
    sight,
  )
  return fitted(
    [`${title}${above > 0 ? `, ${above} of them named above` : ''}. Quoted texts are their own words.`],
    entries,
    sight,
    listed.moreClaims ?? 0,
  )
}

function changedLines(sight: Sight, base: Known, { added, changed, ended }: Changes): readonly string[] {
  const { listed, reader } = sight
  const lapsed = new Set(listed.lapsed.map(({ label, session }) => keyOf(label, session.id)))
  const since = timeOfDay(new Date(base.since), listed.asOf)
  const title = `Presence board at ${moment(listed.asOf)}`
  const now = howManyOthers(listed, reader.me)
  if (added.length + changed.length + ended.length === 0)
    return unchangedLines(listed, base, reader.me, `${title}: unchanged since ${since}`, now)
  const isNews = ({ label, session }: Claim) => !reader.named.has(keyOf(label, session.id))
  const entries = [
    ...entriesOf(
      [
        ...added.filter(isNews).map(claim => ({ claim, how: 'new: ' })),
        ...changed.filter(isNews).map(claim => ({ claim, how: 'changed: ' })),
      ],
      sight,
    ),
    ...ended
      // Those that lapsed are told as such.
      .filter(({ label, session }) => !lapsed.has(keyOf(label, session)))
      .map(({ label, session }) => {
        const [what, who] = [label, sight.short(session)].map(text => cutAt(text, NAME_TOKENS_MAX)) as [
          string,
          string,
        ]
        return `- ended: ${labelOf(what)} by ${nameOf(who)}`
      }),
  ]
  const above = [...added, ...changed].filter(claim => !isNews(claim)).length
  return fitted(
    [
      `${title}, changes since ${since}${above > 0 ? ' besides those above' : ''}; now ${now}${entries.length > 0 ? ':' : '.'}`,
    ],
    entries,
    sight,
    base.more ? 0 : (listed.moreClaims ?? 0),
  )
}

function unchangedLines(
  listed: Listed,
  base: Known,
  me: string,
  unchanged: string,
  now: string,
): readonly string[] {
  if (othersIn(listed, me).length === 0) return []
  // Of the claims that weren't read, only their number is known.
  const isAll = !base.more && (listed.moreClaims ?? 0) === 0
  return [`${unchanged}${isAll ? '' : ` among the latest ${listed.claims.length}`}, ${now}.`]
}

/** `no other session has a claim`, `25 claims of other sessions` */
function howManyOthers(listed: Listed, me: string): string {
  const { claims, moreClaims = 0 } = listed
  const count = othersIn(listed, me).length + moreClaims
  if (count === 0) return 'no other session has a claim'
  const orMore = moreClaims > 0 && claims.length + moreClaims >= LIVE_COUNTED_MAX ? 'at least ' : ''
  return `${orMore}${counted(count, 'claim')} of other sessions`
}

interface Row {
  readonly claim: Claim
  /** The words before the claim. */
  readonly how: string
}

/** One entry for each claim, the most relevant first, with all claims on one label together. */
function entriesOf(rows: readonly Row[], { listed, reader, short }: Sight): readonly string[] {
  const { repo } = reader.here
  const view = viewOf(listed.asOf, reader.here)
  const shared = new Set(listed.coClaims.map(({ label }) => label))
  const isHere = ({ session }: Claim) => repo !== undefined && session.place?.repo === repo
  const sorted = rows.toSorted(
    ({ claim: a }, { claim: b }) =>
      Number(shared.has(b.label)) - Number(shared.has(a.label)) ||
      Number(isHere(b)) - Number(isHere(a)) ||
      b.claimedAt.getTime() - a.claimedAt.getTime(),
  )
  const groups = [...Map.groupBy(sorted, ({ claim }) => claim.label)]
  return groups.flatMap(([label, group]) =>
    groupEntries(group, { view, short }, shared.has(label) ? '; you hold it too' : ''),
  )
}

function groupEntries(
  group: readonly Row[],
  { view, short }: { readonly view: AgentView; readonly short: ShortId },
  too: string,
): readonly string[] {
  const [first] = group
  if (first === undefined) return []
  if (group.length === 1)
    return [`- ${first.how}${lineOf(short, cut => claimText(cut(first.claim), view))}${too}`]
  const label = labelOf(cutAt(first.claim.label, NAME_TOKENS_MAX * 2))
  const lines = group.map(
    ({ claim, how }) => `  - ${how}${lineOf(short, cut => holderText(cut(claim), view))}`,
  )
  // The label's line is not alone: it comes or is left out with its first claim.
  return [`- ${label}, ${group.length} sessions${too}:\n${lines[0]}`, ...lines.slice(1)]
}

/** A block with as many entries as fit, and how many more there are. */
function fitted(
  title: readonly string[],
  entries: readonly string[],
  { reader }: Sight,
  more: number,
): readonly string[] {
  const rest = (count: number) => `and ${count + more} more: \`presence list\` shows them all.`
  const left = reader.tokensMax - tokensOf(title)
  const lines = fitting(entries, left, rest, LINES_MAX)
  const isCut = lines.length > 0 && lines.at(-1)?.startsWith('and ')
  return [...title, ...lines, ...(more > 0 && !isCut ? [rest(0)] : [])]
}
