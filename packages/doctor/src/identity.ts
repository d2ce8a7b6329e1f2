import type { Checked } from '@presence/core'
import { hasTerminal, type Identity, oneLine, resolveIdentity } from '@presence/core/internal'
import type { Context } from './context.ts'
import { broken, type Finding, note, ok } from './finding.ts'

export function checkIdentity({ session, env }: Context): readonly Finding[] {
  return [judgeIdentity(resolveIdentity(session, env))]
}

/**
 * Reports the session and the rule that determined it.
 *
 * @param onTerminal tells whether this process has a terminal; asks the system by default, and tests replace
 *   it
 */
export function judgeIdentity(identity: Checked<Identity>, onTerminal: () => boolean = hasTerminal): Finding {
  if (!identity.ok)
    return broken('identity', identity.refusal.message, identity.refusal.remedy, 'invalid_session')
  const { session, from } = identity.value
  const who = `your session id is ${oneLine(session.id)} (${oneLine(session.agent)})`
  if (from !== 'terminal') return ok('identity', `${who}, from ${from}`)
  if (onTerminal()) return ok('identity', `${who}, derived from this terminal`)
  return note(
    'identity',
    `${who}, derived from this job's leading process, because there is no terminal and no environment variable with a session id`,
    'set PRESENCE_SESSION_ID, so that no two jobs share an id',
  )
}
