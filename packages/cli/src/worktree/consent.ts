import { oneLine } from '@presence/core/internal'
import type { Globals } from '../globals.ts'
import type { Io } from '../io.ts'
import { type Refused, refuse } from './refusal.ts'
import { claimsAt, type Present } from './sessions.ts'

const SHOWN_MAX = 5

/** Asks before changing a folder in which another session works. Without a terminal it needs `--yes`. */
export async function agreedToClaims(
  what: string,
  { path, present }: { readonly path: string; readonly present: Present },
  yes: boolean,
  globals: Globals,
  io: Io,
): Promise<Refused | undefined> {
  if (!present.known) {
    io.err(`presence: warning: ${oneLine(present.fault.message)}`)
    io.err(`presence: the claims in ${path} have been unknown since ${present.fault.since.toISOString()}`)
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
  const message = `live claims are held in ${path}: ${shown.join(', ')}${more}`
  return confirmed(
    message,
    `${what} anyway?`,
    { globals, io },
    refuse('live_claims', message, `ask their holders; to ${what.toLowerCase()} anyway: --yes`),
  )
}

/**
 * Asks for consent.
 * @returns the refusal if it is not given
 */
export async function confirmed(
  message: string,
  question: string,
  { globals, io }: { readonly globals: Globals; readonly io: Io },
  refusal: Refused,
): Promise<Refused | undefined> {
  const said = globals.json ? undefined : await io.ask(`presence: ${message}\npresence: ${question} [y/N] `)
  if (said === undefined) return refusal
  return said ? undefined : refuse('not_confirmed', 'nothing was done', refusal.refusal.remedy)
}
