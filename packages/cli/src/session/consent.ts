import { moment, needsFix, oneLine } from '@presence/core/internal'
import { claimsAt, type Present, type Refused, refuse } from '@presence/worktree'
import type { Globals } from '../globals.ts'
import type { Io } from '../io.ts'

const SHOWN_MAX = 5

/**
 * Asks before changing a folder in which another session works. Without a terminal it needs `--yes`.
 *
 * @throws PresenceError if somebody has to fix something before the board can say who works there, without `--yes`
 */
export async function agreedToClaims(
  what: string,
  { path, present }: { readonly path: string; readonly present: Present },
  yes: boolean,
  globals: Globals,
  io: Io,
): Promise<Refused | undefined> {
  if (!present.known) {
    if (!yes && needsFix(present.fault)) throw present.fault
    io.err(`presence: warning: ${oneLine(present.fault.message)}`)
    io.err(
      `presence: it has been unknown since ${moment(present.fault.since)} whether sessions in ${path} hold claims; continuing`,
    )
    return undefined
  }
  const claims = claimsAt(present, path)
  if (claims.length === 0 || yes) return undefined
  const shown = claims
    .slice(0, SHOWN_MAX)
    .map(
      ({ label, session, purpose }) =>
        `${oneLine(label)} by ${oneLine(session.id)} (${oneLine(purpose).slice(0, 80)})`,
    )
  const more = claims.length > SHOWN_MAX ? ` and ${claims.length - SHOWN_MAX} more` : ''
  const refusal = refuse(
    'live_claims',
    `live claims are held in ${path}: ${shown.join(', ')}${more}`,
    `ask their holders; to ${what.toLowerCase()} anyway: --yes`,
  )
  return confirmed(refusal, `${what} anyway?`, { globals, io })
}

/**
 * Asks for consent to what would otherwise be refused.
 * @returns the refusal if it is not given
 */
export async function confirmed(
  refused: Refused,
  question: string,
  { globals, io }: { readonly globals: Globals; readonly io: Io },
): Promise<Refused | undefined> {
  const { message, remedy } = refused.refusal
  const said = globals.json ? undefined : await io.ask(`presence: ${message}\npresence: ${question} [y/N] `)
  if (said === undefined) return refused
  return said ? undefined : refuse('not_confirmed', 'nothing was done', remedy)
}
