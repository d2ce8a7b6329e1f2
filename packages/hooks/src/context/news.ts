import type { Claim, CoClaim, Lapsed, Listed, SessionView } from '@presence/core'
import {
  alsoClaimed,
  earlierText,
  endedText,
  holderText,
  maybeSameText,
  moment,
  overlapText,
  shortIds,
} from '@presence/core/internal'
import type { Here, Said } from '../hook.ts'
import { keyOf } from './known.ts'
import { howMany, tokensOf } from './tokens.ts'
import { lineOf, type ShortId, viewOf } from './view.ts'

/** At most this many lines of each kind; the board shows the rest. */
const LINES_MAX = 6
/** The most tokens of these lines. The first line is always there. */
const NEWS_TOKENS_MAX = 220

/** What other sessions hold near a session's labels. */
type Near = Pick<Listed, 'overlaps' | 'maybeSame'>

/** What happened to a session's own claims, as far as the answers of the board show it. */
export interface OwnNews extends SessionView, Near {
  /** The keys of all that is the case now. */
  readonly keys: readonly string[]
  /**
   * False if the board was only asked for the list, in which of this session's ended claims only the stolen ones
   * are named.
   */
  readonly hasLapsed: boolean
  /** False if the board wasn't asked for the list, which alone shows what is near. */
  readonly hasNear: boolean
}

/** Undefined if no answer is about the session's own claims. */
export function ownNews({ standing, others }: Said): OwnNews | undefined {
  const near = others?.known ? others.value : undefined
  if (standing?.known) return withKeys(standing.value, true, near)
  if (!near) return undefined
  const { asOf, coClaims, stolen } = near
  return withKeys({ asOf, mine: [], coClaims, lapsed: stolen }, false, near)
}

function withKeys(view: SessionView, hasLapsed: boolean, near: Near | undefined): OwnNews {
  const { overlaps, maybeSame } = near ?? { overlaps: [], maybeSame: [] }
  const keys = [
    ...keysOf(view.coClaims),
    ...nearEntries({ overlaps, maybeSame, asOf: view.asOf }, new Set()).map(({ key }) => key),
    ...view.lapsed.map(lapseKey),
  ]
  return { ...view, overlaps, maybeSame, keys, hasLapsed, hasNear: near !== undefined }
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
  const near = nearEntries(news, told, short)
  const lines = [`${title} at ${moment(news.asOf)}:`]
  const shown = new Set<string | undefined>()
  let left = NEWS_TOKENS_MAX
  for (const entries of [
    endedEntries(news, short, stolen, stolenBefore),
    shared,
    near,
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
    told: [...shared, ...near]
      .map(({ key }) => key)
      .concat(lapsed.map(lapseKey).filter(key => shown.has(key))),
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

/**
 * One for each session on each label that touches the same thing as one of this session's, or that may be the same:
 * it is told once for each pair of labels and session.
 */
function nearEntries(
  { overlaps, maybeSame, asOf }: Near & Pick<OwnNews, 'asOf'>,
  told: ReadonlySet<string>,
  short: ShortId = id => id,
): readonly { readonly line: string; readonly key: string }[] {
  const { words } = viewOf(asOf, { host: '' })
  const entries = [
    ...overlaps.map(({ claim, path }) => ({
      key: nearKey(path[0] ?? '', claim),
      text: (cut: (claim: Claim) => Claim) => overlapText({ claim: cut(claim), path }, words),
    })),
    ...maybeSame.flatMap(({ label, others }) =>
      others.map(other => ({
        key: nearKey(label, other),
        text: (cut: (claim: Claim) => Claim) => maybeSameText(label, [cut(other)], words),
      })),
    ),
  ]
  return entries
    .filter(({ key }) => !told.has(key))
    .map(({ key, text }) => ({ key, line: `- ${lineOf(short, text)}` }))
}

const NEAR = '["near",'

function nearKey(label: string, { label: other, session }: Claim): string {
  return JSON.stringify(['near', label, other, session.id])
}

/** True for the key of a claim near one of this session's labels. */
export function isNearKey(key: string): boolean {
  return key.startsWith(NEAR)
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
