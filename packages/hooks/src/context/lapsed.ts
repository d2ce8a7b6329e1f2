import type { Claim, Listed } from '@presence/core'
import { LAPSED_WITHOUT_RELEASE, lapsedText } from '@presence/core/internal'
import type { Here } from '../hook.ts'
import { fitting } from './tokens.ts'
import { lineOf, type ShortId, viewOf } from './view.ts'

const LINES_MAX = 6
/** How long a lapsed claim of another user is named, in milliseconds. Later it is only counted. */
const NAMED_MS = 3_600_000

interface Reader {
  readonly me: string
  readonly here: Here
  /** The lapsed claims that are not told again, as keys. */
  readonly shownLapsed: ReadonlySet<string>
}

export interface LapsedBlock {
  readonly lines: readonly string[]
  /** The keys of the claims that the lines tell of. Those that they only count are told of too. */
  readonly shown: readonly string[]
}

/**
 * Lapsed claims of others, first those on labels that this session holds, then those from its repository. Claims of
 * other users that lapsed long ago are only counted. Only a few lines, because that work has stopped.
 */
export function lapsedOfOthers(
  { lapsed, claims, asOf }: Listed,
  { me, here, shownLapsed }: Reader,
  short: ShortId,
  tokensMax: number,
): LapsedBlock {
  const view = viewOf(asOf, here)
  const mine = new Set(claims.filter(({ session }) => session.id === me).map(({ label }) => label))
  const rank = ({ label, session }: Claim) =>
    mine.has(label) ? 2 : Number(here.repo !== undefined && session.place?.repo === here.repo)
  const untold = lapsed.filter(claim => claim.session.id !== me && !shownLapsed.has(lapsedKey(claim)))
  if (untold.length === 0) return { lines: [], shown: [] }
  const isNamed = ({ label, session, expiresAt }: Claim) =>
    mine.has(label) || session.user === here.user || asOf.getTime() - expiresAt.getTime() < NAMED_MS
  const named = untold.filter(isNamed).toSorted((a, b) => rank(b) - rank(a))
  const counted = untold.length - named.length
  const lines = fitting(
    named.map(claim => `- ${lineOf(short, cut => lapsedText(cut(claim), view))}`),
    tokensMax,
    count => restOf(count + counted),
    LINES_MAX,
  )
  const shown = untold.map(lapsedKey)
  if (lines.length === 0) return { lines: [onlyCounted(counted)], shown }
  const isCut = lines.at(-1)?.startsWith('and ') === true
  return { lines: [HEADING, ...lines, ...(counted > 0 && !isCut ? [restOf(counted)] : [])], shown }
}

const HEADING = `Claims that ${LAPSED_WITHOUT_RELEASE}`

function restOf(count: number): string {
  return `and ${count} more: \`presence list --lapsed\` shows them.`
}

function onlyCounted(count: number): string {
  return `Claims of others that lapsed without a release: ${count}; \`presence list --lapsed\` shows them.`
}

/** The key of another session's lapsed claim: a session is told of it at most twice, like of a message. */
function lapsedKey({ label, session, expiresAt }: Claim): string {
  return `${LAPSED_KEY}${JSON.stringify([label, session.id, expiresAt.getTime()])}`
}

/** No message has such an id. */
const LAPSED_KEY = 'lapsed:'

export function isLapsedKey(key: string): boolean {
  return key.startsWith(LAPSED_KEY)
}
