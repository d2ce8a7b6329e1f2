import { labelOf, nameOf, placeText, quoted, timeOfDay } from './agent-text.ts'
import { ancestorsOf } from './ancestors.ts'
import { type Claim, type Ended, isExclusive, neverExpires } from './claim.ts'
import { ago, duration } from './duration.ts'
import { idleSince } from './lock.ts'
import type { OverlappingClaim } from './near.ts'
import type { Session } from './session.ts'
import type { Onlooker } from './where.ts'

/**
 * Texts about claims for people and agents. The sentences are the same on every interface; a `Wording`
 * says how that interface shows times, and texts that other sessions wrote.
 */
export interface Wording {
  /** An id or another name. */
  readonly name: (text: string) => string
  readonly label: (text: string) => string
  /** A purpose, a reason or a note. */
  readonly text: (text: string) => string
  /** When something happened, to follow a verb: `at 14:10 UTC`, `4 min ago`. */
  readonly at: (time: Date) => string
}

/**
 * The wording for agents. An agent must be able to distinguish the texts of other sessions from presence's. Times are
 * durations, because a model would have to calculate them: the text around them says from when they count.
 *
 * @param asOf the database's time of the read
 */
export function agentWording(asOf: Date): Wording {
  return { name: nameOf, label: labelOf, text: text => quoted(text), at: time => ago(time, asOf) }
}

/** How many holders one sentence names. */
const HOLDERS_MAX = 3

/**
 * How a claim of the reader ended without the reader's own action.
 *
 * @param others who holds its label now; undefined if that isn't known
 */
export function endedText(claim: Claim, others: readonly Claim[] | undefined, words: Wording): string {
  const { label, purpose, expiresAt, ended } = claim
  const what = `claim on ${words.label(label)} (${words.text(purpose)})`
  if (ended?.how === 'stolen')
    return `your exclusive ${what} was ${stolen(ended, words)}; you no longer hold it`
  const resolved =
    ended?.how === 'resolved'
      ? `; ${by(ended, words)} resolved it ${words.at(ended.at)}: ${words.text(ended.note ?? '')}`
      : ''
  const now = others ? `; ${nowText(others, words)}` : ''
  return `your ${what} lapsed ${words.at(expiresAt)}${commandEndText(claim, true, words)}${resolved}${now}`
}

/** How an earlier claim ended that the reader has made again since. */
export function earlierText({ label, ended }: Claim, lapsedAt: Date, words: Wording): string {
  return ended?.how === 'stolen'
    ? `your earlier exclusive claim on ${words.label(label)} was ${stolen(ended, words)}`
    : `your earlier claim on ${words.label(label)} lapsed ${words.at(lapsedAt)}, before you claimed it again`
}

/** A claim of another session that lapsed, for a reader who is about to work on the same thing. */
export function lapsedNote(line: string): string {
  return `a claim lapsed without a release, and its work may be half done: ${line}`
}

/** In milliseconds. */
const MINUTE = 60_000

/**
 * Until when a claim stands, to the minute: `until 21:03 UTC (15 min)`, or `until it is released`.
 *
 * @param asOf the database's time of the read, from which the duration counts
 */
export function standsText(claim: Claim, asOf: Date): string {
  if (neverExpires(claim)) return 'until it is released'
  return `until ${timeOfDay(claim.expiresAt, asOf)} UTC (${left(claim, asOf)})`
}

/** How long a claim stands without another heartbeat, to the minute. */
function left({ expiresAt }: Claim, asOf: Date): string {
  const ms = expiresAt.getTime() - asOf.getTime()
  // A moment has passed between the claim and the read.
  return duration(ms < MINUTE ? ms : Math.round(ms / MINUTE) * MINUTE)
}

/** How a session's own claim stands: {@link standsText}, after its mode and token if it is exclusive. */
export function claimedText(claim: Claim, asOf: Date): string {
  const how = isExclusive(claim) ? `exclusively, token ${claim.token}, ` : ''
  return how + standsText(claim, asOf)
}

/** The heading of a list of lapsed claims. */
export const LAPSED_WITHOUT_RELEASE = 'lapsed without a release; their work may be half done:'

/** The beginning of a sentence that names the other holders of the reader's label. */
export function alsoClaimed(label: string, words: Wording): string {
  return `${words.label(label)}, which you hold, is also claimed`
}

/** A claim and a heartbeat both set the expiry to their own time plus the ttl. */
export function lastHeartbeat({ claimedAt, expiresAt, ttlSeconds }: Claim): Date {
  return new Date(Math.max(claimedAt.getTime(), expiresAt.getTime() - ttlSeconds * 1_000))
}

/** A claim of another session on a label that touches the same thing, for a reader who holds or looks at `path[0]`. */
export function overlapText({ claim, path }: OverlappingClaim, words: Wording): string {
  const [here = '', there = ''] = [path[0], path.at(-1)]
  const isPart = ancestorsOf(here).some(({ label }) => label === there)
  const steps = (isPart ? path : path.toReversed()).map(words.label)
  const why = steps.slice(1).map((step, at) => `${at === 0 ? `${steps[0]} is` : 'which is'} part of ${step}`)
  return `${words.label(here)} overlaps with ${words.label(there)} of ${holdersText([claim], words)}: ${why.join(', ')}`
}

/** Claims of other sessions on labels that may be the same thing as the reader's. */
export function maybeSameText(label: string, others: readonly Claim[], words: Wording): string {
  const labels = [...new Set(others.map(claim => words.label(claim.label)))].slice(0, HOLDERS_MAX)
  return `${words.label(label)} may be the same as ${labels.join(', ')} of ${holdersText(others, words)}`
}

function nowText(holders: readonly Claim[], words: Wording): string {
  return holders.length === 0
    ? 'nobody holds the label now'
    : `the label is held now by ${holdersText(holders, words)}`
}

/** `ana (drain the node)`, of the first holders. */
function holdersText(holders: readonly Claim[], words: Wording): string {
  const named = holders
    .slice(0, HOLDERS_MAX)
    .map(({ session, purpose }) => `${words.name(session.id)} (${words.text(purpose)})`)
  const rest = holders.length - named.length
  return `${named.join(', ')}${rest > 0 ? ` and ${rest} more` : ''}`
}

function stolen(ended: Ended, words: Wording): string {
  return `stolen by ${by(ended, words)} ${words.at(ended.at)}: ${words.text(ended.note ?? '')}`
}

function by(ended: Ended, words: Wording): string {
  return ended.by === undefined ? 'another session' : words.name(ended.by)
}

/** The agent that reads a text, and the time that the text describes. */
export interface AgentView {
  /** Where the agent works, and its session's id if it may hold claims that are shown. */
  readonly me: Onlooker & { readonly id?: string }
  /** The database's time of the read. */
  readonly asOf: Date
  readonly words: Wording
}

/** For agents: a label and its holder. */
export function claimText(claim: Claim, view: AgentView): string {
  return `${view.words.label(claim.label)}: ${holderText(claim, view)}`
}

/** For agents: who holds a label, for what, since when and for how long. */
export function holderText(claim: Claim, { me, asOf, words }: AgentView): string {
  const { session, purpose, claimedAt, token } = claim
  const who = session.id === me.id ? 'you' : sessionText(session, me)
  const mode = token === undefined ? '' : ', held exclusively'
  const stands = neverExpires(claim) ? 'never expires' : `${left(claim, asOf)} left`
  const idleFrom = idleSince(claim, asOf)
  const idle = idleFrom ? `, idle for ${duration(asOf.getTime() - idleFrom.getTime())}` : ''
  const end = commandEndText(claim, false, words)
  return `${words.text(purpose)} by ${who}${mode}, claimed ${words.at(claimedAt)}, ${stands}${idle}${end}`
}

/**
 * How the command of an automatic claim ended, to follow a sentence about the claim. Empty for a claim that was made by
 * hand, and while the command may be running.
 *
 * @param isOver whether the claim has lapsed
 */
export function commandEndText({ automatic, purpose }: Claim, isOver: boolean, words: Wording): string {
  if (!automatic) return ''
  const { command, outcome, exitStatus } = automatic
  const what = command === purpose ? 'the command' : `the command ${words.text(command)}`
  if (outcome === 'failed')
    return exitStatus === undefined
      ? `; ${what} failed, exit status not reported`
      : `; ${what} failed with exit status ${exitStatus}`
  if (outcome === undefined) return isOver ? `; the end of ${what} was not seen` : ''
  return outcome === 'ended' ? `; ${what} ended, exit status not reported` : `; ${what} succeeded`
}

/** For agents: a claim of another session that lapsed. */
export function lapsedText(claim: Claim, { me, words }: AgentView): string {
  const { label, session, purpose, expiresAt } = claim
  const who = session.id === me.id ? 'you' : words.name(session.id)
  return `${words.label(label)}: ${words.text(purpose)} by ${who}, last heartbeat ${words.at(lastHeartbeat(claim))}, lapsed ${words.at(expiresAt)}${commandEndText(claim, true, words)}`
}

/** For agents: a session's id, agent, user and host, and where it works as seen by `from`. */
export function sessionText(session: Session, from: Onlooker): string {
  const { id, agent, user, host } = session
  const where = placeText(session, from)
  return `${nameOf(id)} (${nameOf(agent)}, ${nameOf(user)}@${nameOf(host)}${where ? `, ${where}` : ''})`
}
