import { type Claim, type JsonView, type Lapsed, oneLine } from '@presence/core'
import type { Io } from '../io.ts'
import { indented } from './holder.ts'
import { claimJson } from './json.ts'
import { ago, when } from './time.ts'

/** Lapsed claims, in a section of their own because their work may be half done. */
export function lapsedSection(
  lapsed: readonly Claim[],
  more: boolean,
  asOf: Date,
  me: string,
  io: Io,
): readonly string[] {
  if (lapsed.length === 0) return []
  return [
    io.paint('yellow', 'presence: claims that lapsed without a release; their work may be half done:'),
    ...lapsed.flatMap(claim => indented('  - ', lapsedLine(claim, asOf, me), io.width)),
    ...(more ? ['  - and more that lapsed earlier'] : []),
    ...indented('  ', 'once you have checked it: presence resolve <label> --note <text>', io.width),
  ]
}

/** Notes for a session that claims a label on which claims of others lapsed. */
export function lapsedNotes(lapsed: readonly Claim[], asOf: Date): readonly string[] {
  return lapsed.map(
    claim =>
      `a claim lapsed without a release, and its work may be half done: ${lapsedLine(claim, asOf, '')}; once you have checked it: presence resolve ${oneLine(claim.label)} --note <text>`,
  )
}

/** How a claim of this session ended without its own action, and which sessions hold the label now. */
export function endedLine({ claim, others }: Lapsed, asOf: Date): string {
  const label = oneLine(claim.label)
  const { ended } = claim
  if (ended?.how === 'stolen')
    return `your exclusive claim on ${label} was stolen by ${oneLine(ended.by ?? 'another session')}, ${when(ended.at, asOf)}: ${oneLine(ended.note ?? '')}; stop, and ask before you continue`
  const resolved =
    ended?.how === 'resolved'
      ? `; resolved by ${oneLine(ended.by ?? 'another session')}, ${ago(ended.at, asOf)}: ${oneLine(ended.note ?? '')}`
      : ''
  const came =
    others.length === 0
      ? 'nobody holds it now'
      : `held now by ${others.map(({ session }) => oneLine(session.id)).join(', ')}`
  return `${label} lapsed ${when(claim.expiresAt, asOf)}${resolved}; ${came}; claim the label again, or release it to clear the lapsed claim`
}

/** A claim that is no longer live, as JSON, with its last heartbeat and how it ended. */
export function lapsedJson(claim: Claim, view: JsonView) {
  const { ended } = claim
  return {
    ...claimJson(claim, view),
    last_heartbeat: lastHeartbeat(claim).toISOString(),
    ended: ended?.how ?? 'expired',
    ended_at: (ended?.at ?? claim.expiresAt).toISOString(),
    ended_by: ended?.by ?? null,
    note: ended?.note ?? null,
  }
}

function lapsedLine(claim: Claim, asOf: Date, me: string): string {
  const { label, session, purpose, expiresAt } = claim
  const who = `${oneLine(session.id)}${session.id === me ? ' (me)' : ''} (${oneLine(session.user)}@${oneLine(session.host)})`
  const mode = claim.token === undefined ? '' : ', exclusive'
  return `${oneLine(label)}: ${who}: ${oneLine(purpose)}${mode}, last heartbeat ${when(lastHeartbeat(claim), asOf)}, lapsed ${ago(expiresAt, asOf)}`
}

/** A claim and a heartbeat both set the expiry to their own time plus the ttl. */
function lastHeartbeat({ claimedAt, expiresAt, ttlSeconds }: Claim): Date {
  return new Date(Math.max(claimedAt.getTime(), expiresAt.getTime() - ttlSeconds * 1_000))
}
