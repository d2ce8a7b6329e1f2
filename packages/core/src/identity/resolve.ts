import { hostname, userInfo } from 'node:os'
import type { Environment } from '../config/folders.ts'
import { AGENT_LENGTH_MAX, HOST_LENGTH_MAX, USER_LENGTH_MAX } from '../domain/limits.ts'
import { accept, type Checked } from '../domain/refusal.ts'
import { parseSessionId, type Session } from '../domain/session.ts'
import { cutTo } from '../domain/text.ts'
import { type Caller, callersIn } from './caller.ts'
import { terminalId } from './terminal.ts'

/** The calling session, and the rule that determined it. */
export interface Identity {
  readonly session: Session
  /** `--session`, a variable's name, `the agent's process`, or `terminal`. */
  readonly from: string
  /** The name of the files that the agent's hooks keep; undefined outside of an agent. */
  readonly file?: string
}

/**
 * Determines the calling session. The first match counts: the id given, the session of the nearest agent (or
 * one that `PRESENCE_SESSION_ID` names beneath it), an id made for this terminal. Refused with
 * `invalid_session` if the id is malformed; the message names where it came from.
 */
export function resolveIdentity(given: string | undefined, env: Environment): Checked<Identity> {
  const callers = given !== undefined && env['PRESENCE_AGENT'] ? [] : callersIn(env)
  const { session, from } =
    given === undefined ? (callers[0] ?? NOBODY) : { session: given, from: '--session' }
  return identityOf(session, from, callers, env)
}

const NOBODY: Pick<Caller, 'session' | 'from'> = { session: undefined, from: 'terminal' }

/**
 * A session with the details that people are shown.
 *
 * @param id undefined if nothing names the session: it is then that of this terminal
 * @param callers the agent that is shown is that of the first
 */
export function identityOf(
  id: string | undefined,
  from: string,
  callers: readonly Pick<Caller, 'session' | 'agent' | 'file'>[],
  env: Environment,
): Checked<Identity> {
  const user = cutTo(userName(), USER_LENGTH_MAX)
  const host = cutTo(hostname().split('.')[0] || 'localhost', HOST_LENGTH_MAX)
  const known = callers.find(each => each.agent !== undefined)
  const agent = cutTo(env['PRESENCE_AGENT'] || known?.agent || 'cli', AGENT_LENGTH_MAX)
  if (id === undefined) {
    const own = `${cutTo(user, 50)}@${cutTo(host, 60)}@${terminalId()}`
    return accept({ session: { id: own, user, host, agent }, from: 'terminal' })
  }
  // `--session` for a command, `session` for a program: the message fits both.
  const checked = parseSessionId(id, from === '--session' ? "the session's id" : from)
  if (!checked.ok) return checked
  const file = callers.find(each => each.session === id)?.file
  const session = { id: checked.value, user, host, agent }
  return accept({ session, from, ...(file === undefined ? {} : { file }) })
}

/** A container may run as a uid without a name. */
function userName(): string {
  try {
    return userInfo().username
  } catch {
    return `uid${process.getuid?.() ?? ''}`
  }
}
