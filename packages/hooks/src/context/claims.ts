import type { Claim, CoClaim, Lapsed, Listed, SessionView } from '@presence/core'
import {
  type AgentView,
  agentWording,
  alsoClaimed,
  claimText,
  earlierText,
  endedText,
  holderText,
  LAPSED_WITHOUT_RELEASE,
  LIVE_COUNTED_MAX,
  lapsedText,
  moment,
  plain,
  timeOfDay,
} from '@presence/core/internal'
import type { Heard, Here } from '../hook.ts'

const LINES_MAX = 20
/** At most this many lines about a session's own claims; the board shows the rest. */
const OWN_LINES_MAX = 6
/** Agents accept at most 10,000 characters from a hook, and the tracker's tasks need some of them. */
const CHARACTERS_MAX = 6_000

/**
 * The claims of other sessions, the most relevant first: labels that this session holds too, then claims from
 * this repository, then the latest. Empty if nobody holds anything.
 */
export function othersBlock(heard: Heard<Listed>, me: string, here: Here): readonly string[] {
  const { repo } = here
  if (!heard.known) return unknownBlock(heard)
  const { claims, asOf, coClaims, moreClaims = 0 } = heard.value
  const others = claims.filter(({ session }) => session.id !== me)
  const view = viewOf(asOf, here)
  const lapsed = lapsedOfOthers(heard.value, me, view)
  if (others.length === 0) return lapsed
  const shared = new Set(coClaims.map(({ label }) => label))
  const isHere = ({ session }: Claim) => repo !== undefined && session.place?.repo === repo
  const sorted = others.toSorted(
    (a, b) =>
      Number(shared.has(b.label)) - Number(shared.has(a.label)) ||
      Number(isHere(b)) - Number(isHere(a)) ||
      b.claimedAt.getTime() - a.claimedAt.getTime(),
  )
  const lines = bounded(
    sorted.map(claim => `- ${claimText(claim, view)}${shared.has(claim.label) ? '; you hold it too' : ''}`),
  )
  const rest = others.length - lines.length + moreClaims
  const orMore = moreClaims > 0 && claims.length + moreClaims >= LIVE_COUNTED_MAX ? 'at least ' : ''
  return [
    `Presence board at ${moment(asOf)}: what other sessions say they are changing now. Purposes are their own words, quoted.`,
    ...lines,
    ...(rest > 0 ? [`and ${orMore}${rest} more: \`presence list\` shows them all.`] : []),
    ...lapsed,
  ]
}

/**
 * Lapsed claims of others, first those on labels that this session holds, then those from its repository.
 * Only a few lines, because that work has stopped.
 */
function lapsedOfOthers({ lapsed, claims }: Listed, me: string, view: AgentView) {
  const repo = view.me.place?.repo
  const mine = new Set(claims.filter(({ session }) => session.id === me).map(({ label }) => label))
  const rank = ({ label, session }: Claim) =>
    mine.has(label) ? 2 : Number(repo !== undefined && session.place?.repo === repo)
  const others = lapsed.filter(({ session }) => session.id !== me).toSorted((a, b) => rank(b) - rank(a))
  if (others.length === 0) return []
  const shown = others.slice(0, OWN_LINES_MAX).map(claim => `- ${lapsedText(claim, view)}`)
  const rest = others.length - shown.length
  return [
    `Claims that ${LAPSED_WITHOUT_RELEASE}`,
    ...shown,
    ...(rest > 0 ? [`and ${rest} more: \`presence list --lapsed\` shows them.`] : []),
  ]
}

/** Says since when the board has been unknown, and how to ask again. */
export function unknownBlock({
  since,
  reason,
}: {
  readonly since: Date
  readonly reason: string
}): readonly string[] {
  return [
    `Presence board: what others are changing has been unknown since ${moment(since)} (${plain(reason)}). To ask again, run \`presence list\`.`,
  ]
}

/** This session's lapsed claims, and which sessions hold the labels now. */
export function lapsedBlock({ lapsed, mine, asOf }: SessionView): readonly string[] {
  const words = wordingAt(asOf)
  return withCount(
    [
      ...lapsed.map(({ claim, others }) => `- ${endedText(claim, others, words)}`),
      ...mine.flatMap(claim => (claim.lapsedAt ? [`- ${earlierText(claim, claim.lapsedAt, words)}`] : [])),
    ],
    OWN_LINES_MAX,
  )
}

/** One line for each label that this session and others hold. */
export function coClaimBlock(coClaims: readonly CoClaim[], asOf: Date, here: Here): readonly string[] {
  const view = viewOf(asOf, here)
  return withCount(
    coClaims.flatMap(({ label, others }) =>
      others.map(other => `- ${alsoClaimed(label, view.words)}: ${holderText(other, view)}`),
    ),
    OWN_LINES_MAX,
  )
}

/** The key of a co-claim, a label with another session, so that it is told only once. */
export function keysOf(coClaims: readonly CoClaim[]): readonly string[] {
  return coClaims.flatMap(({ label, others }) =>
    others.map(({ session }) => JSON.stringify([label, session.id])),
  )
}

/** The key of a lapsed claim of this session, so that it is told only once. */
export function lapseKey({ claim }: Lapsed): string {
  return JSON.stringify([claim.label, claim.expiresAt.getTime()])
}

function viewOf(asOf: Date, { host, ...place }: Here): AgentView {
  return { me: { host, place }, asOf, words: wordingAt(asOf) }
}

function wordingAt(asOf: Date) {
  return agentWording(time => timeOfDay(time, asOf))
}

function withCount(lines: readonly string[], max: number): readonly string[] {
  const rest = lines.length - max
  return rest > 0
    ? [...lines.slice(0, max), `and ${rest} more: \`presence heartbeat\` shows them all.`]
    : lines
}

function bounded(lines: readonly string[]): readonly string[] {
  let left = CHARACTERS_MAX
  const fitting = lines.slice(0, LINES_MAX).findIndex(line => {
    left -= line.length
    return left < 0
  })
  return lines.slice(0, fitting < 0 ? LINES_MAX : fitting)
}
