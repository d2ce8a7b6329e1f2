import type { Claim, JsonView, Lapsed } from '@presence/core'
import {
  commandEndText,
  endedText,
  LAPSED_WITHOUT_RELEASE,
  lapsedNote,
  lastHeartbeat,
  oneLine,
} from '@presence/core/internal'
import type { Io } from '../io.ts'
import { indented } from './holder.ts'
import { claimJson } from './json.ts'
import { ago, when } from './time.ts'
import { wordingAt } from './wording.ts'

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
    io.paint('yellow', `presence: claims that ${LAPSED_WITHOUT_RELEASE}`),
    ...lapsed.flatMap(claim => indented('  - ', lapsedLine(claim, asOf, me), io.width)),
    ...(more ? ['  - and more that lapsed earlier'] : []),
    ...indented('  ', 'once you have checked it: presence resolve <label> --note <text>', io.width),
  ]
}

/** Notes for a session that claims a label on which claims of others lapsed. */
export function lapsedNotes(lapsed: readonly Claim[], asOf: Date): readonly string[] {
  return lapsed.map(
    claim =>
      `${lapsedNote(lapsedLine(claim, asOf, ''))}; once you have checked it: presence resolve ${oneLine(claim.label)} --note <text>`,
  )
}

/** How a claim of this session ended without its own action, who holds the label now, and what to do. */
export function endedLine({ claim, others }: Lapsed, asOf: Date): string {
  const next =
    claim.ended?.how === 'stolen'
      ? 'stop, and ask before you continue'
      : 'claim the label again, or release it to clear the lapsed claim'
  return `${endedText(claim, others, wordingAt(asOf))}; ${next}`
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
  return `${oneLine(label)}: ${who}: ${oneLine(purpose)}${mode}, last heartbeat at ${when(lastHeartbeat(claim), asOf)}, lapsed ${ago(expiresAt, asOf)}${commandEndText(claim, true, wordingAt(asOf))}`
}
