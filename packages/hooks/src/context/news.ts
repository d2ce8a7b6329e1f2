import type { Claim, CoClaim, Lapsed, SessionView } from '@presence/core'
import { alsoClaimed, earlierText, endedText, holderText, moment, shortIds } from '@presence/core/internal'
import type { Here, Said } from '../hook.ts'
import { keyOf } from './known.ts'
import { howMany, tokensOf } from './tokens.ts'
import { lineOf, type ShortId, viewOf } from './view.ts'

/** At most this many lines of each kind; the board shows the rest. */
const LINES_MAX = 6
/** The most tokens of these lines. The first line is always there. */
const NEWS_TOKENS_MAX = 220

/** What happened to a session's own claims, as far as the answers of the board show it. */
export interface OwnNews extends SessionView {
  /** The keys of all that is the case now. */
  readonly keys: readonly string[]
  /**
   * False if the board was only asked for the list, in which of this session's ended claims only the stolen ones
   * are named.
   */
  readonly hasLapsed: boolean
}

/** Undefined if no answer is about the session's own claims. */
export function ownNews({ standing, others }: Said): OwnNews | undefined {
  if (standing?.known) return withKeys(standing.value, true)
  if (!others?.known) return undefined
  const { asOf, coClaims, stolen } = others.value
  return withKeys({ asOf, mine: [], coClaims, lapsed: stolen }, false)
}

function withKeys(view: SessionView, hasLapsed: boolean): OwnNews {
  return { ...view, keys: [...keysOf(view.coClaims), ...view.lapsed.map(lapseKey)], hasLapsed }
}

/** Lines for an agent, and the keys of what they say. */
export interface NewsBlock {
  readonly lines: readonly string[]
  readonly told: readonly string[]
  /** The claims of others that the lines name, as keys. */
  readonly named: ReadonlySet<string>
}

interface Entry {
  readonly line: string
  /** Undefined if the board tells it only once. */
  readonly key: string | undefined
}

/**
 * What the agent wasn't told yet of its own claims: first what was stolen, because it may be about to change what it
 * no longer holds; then who else is on its labels; then what lapsed.
 *
 * @param told the keys of what it was told before
 */
export function newsBlock(
  news: OwnNews | undefined,
  told: ReadonlySet<string>,
  here: Here,
  title = 'Your own claims',
): NewsBlock {
  if (!news) return { lines: [], told: [], named: new Set() }
  const lapsed = news.lapsed.filter(each => !told.has(lapseKey(each)))
  const [stolen, rest] = [lapsed.filter(isStolen), lapsed.filter(each => !isStolen(each))]
  const [stolenBefore, before] = [
    news.mine.filter(isStolenBefore),
    news.mine.filter(each => !isStolenBefore(each)),
  ]
  const claims = [...news.coClaims, ...news.lapsed].flatMap(({ others }) => others)
  const takers = [...news.lapsed.map(({ claim }) => claim), ...news.mine].flatMap(
    ({ ended }) => ended?.by ?? [],
  )
  const short = shortIds([...claims.map(({ session }) => session.id), ...takers])
  const shared = coClaimEntries(news, told, here, short)
  const lines = [`${title} at ${moment(news.asOf)}:`]
  const shown = new Set<string | undefined>()
  let left = NEWS_TOKENS_MAX
  for (const entries of [
    endedEntries(news, short, stolen, stolenBefore),
    shared,
    endedEntries(news, short, rest, before),
  ]) {
    const fits = Math.min(
      howMany(
        entries.map(({ line }) => line),
        left,
      ),
      LINES_MAX,
    )
    const some = entries.slice(0, lines.length === 1 ? Math.max(fits, 1) : fits)
    lines.push(...some.map(({ line }) => line))
    left -= tokensOf(some.map(({ line }) => line))
    for (const { key } of some) shown.add(key)
    if (some.length < entries.length) lines.push(moreThan(entries.length - some.length))
  }
  return {
    lines: lines.length > 1 ? lines : [],
    // Co-claims that are only counted are told of too; the lapsed claims that are only counted are told later.
    told: [...shared.map(({ key }) => key), ...lapsed.map(lapseKey).filter(key => shown.has(key))],
    named: new Set(shared.map(({ key }) => key).filter(key => shown.has(key))),
  }
}

function moreThan(count: number): string {
  return `and ${count} more: \`presence heartbeat\` shows them all.`
}

/** This session's claims that ended without it, and which sessions hold the labels now. */
function endedEntries(
  { asOf }: OwnNews,
  short: ShortId,
  ended: readonly Lapsed[],
  before: readonly Claim[],
): readonly Entry[] {
  const { words } = viewOf(asOf, { host: '' })
  return [
    ...ended.map(each => ({
      line: `- ${lineOf(short, cut => endedText(cut(each.claim), each.others.map(cut), words))}`,
      key: lapseKey(each),
    })),
    ...before.flatMap(claim => {
      const { lapsedAt } = claim
      if (!lapsedAt) return []
      return [{ line: `- ${lineOf(short, cut => earlierText(cut(claim), lapsedAt, words))}`, key: undefined }]
    }),
  ]
}

/** One for each session on each label of this session. */
function coClaimEntries(
  { coClaims, asOf }: OwnNews,
  told: ReadonlySet<string>,
  here: Here,
  short: ShortId,
): readonly { readonly line: string; readonly key: string }[] {
  const view = viewOf(asOf, here)
  return coClaims.flatMap(({ others }) =>
    others
      .map(other => ({ other, key: keyOf(other.label, other.session.id) }))
      .filter(({ key }) => !told.has(key))
      .map(({ other, key }) => ({
        line: `- ${lineOf(short, cut => `${alsoClaimed(cut(other).label, view.words)}: ${holderText(cut(other), view)}`)}`,
        key,
      })),
  )
}

/** The key of a co-claim, a label with another session, so that it is told only once. */
function keysOf(coClaims: readonly CoClaim[]): readonly string[] {
  return coClaims.flatMap(({ label, others }) => others.map(({ session }) => keyOf(label, session.id)))
}

/** The key of a lapsed claim of this session, so that it is told only once. */
function lapseKey({ claim }: Lapsed): string {
  return JSON.stringify([claim.label, claim.expiresAt.getTime()])
}

/** True for the key of a lapsed claim, false for that of a co-claim. */
export function isLapseKey(key: string): boolean {
  return /\d\]$/.test(key)
}

function isStolen({ claim }: Lapsed): boolean {
  return claim.ended?.how === 'stolen'
}

function isStolenBefore({ ended }: SessionView['mine'][number]): boolean {
  return ended?.how === 'stolen'
}
