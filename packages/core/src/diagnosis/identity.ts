import type { Environment } from '../config/folders.ts'
import { oneLine } from '../domain/text.ts'
import { resolveIdentity } from '../identity/resolve.ts'
import { hasTerminal } from '../identity/terminal.ts'
import { broken, type Finding, note, ok } from './finding.ts'

/**
 * Reports the session and the rule that determined it.
 *
 * @param onTerminal tells whether this process has a terminal; asks the system by default, and tests replace
 *   it
 */
export function checkIdentity(
  given: string | undefined,
  env: Environment,
  onTerminal: () => boolean = hasTerminal,
): Finding {
  const identity = resolveIdentity(given, env)
  if (!identity.ok) return broken('identity', identity.refusal.message, identity.refusal.remedy)
  const { session, from } = identity.value
  const who = `you are ${oneLine(session.id)} (${oneLine(session.agent)})`
  if (from !== 'terminal') return ok('identity', `${who}, by ${from}`)
  if (onTerminal()) return ok('identity', `${who}, by this terminal`)
  return note(
    'identity',
    `${who}, by the process that leads this session: there is no terminal, and no variable names the session`,
    'set PRESENCE_SESSION_ID, so that no two jobs share an id',
  )
}
