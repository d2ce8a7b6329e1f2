import { nameOf } from '../domain/agent-text.ts'
import { PresenceError } from '../domain/fault.ts'
import { begins } from '../domain/short-id.ts'
import type { Board } from './board.ts'

/** How many candidates are named. */
const NAMED_MAX = 5

/**
 * The whole id of a session: the given one if there is such a session or none begins with it. So a session may still
 * be given a new id that begins like another.
 *
 * @throws PresenceError `invalid_session` if several begin with it, or any fault of the board
 */
export async function wholeSessionOn(board: Board, given: string): Promise<string> {
  const there = await board.who({ of: given })
  if (there.sessions.length > 0) return given
  // In the order of the ids, those that begin with the given text come right after it.
  const { sessions } = await board.who({ all: true, after: given, limit: NAMED_MAX + 1 })
  const found = sessions.map(({ session }) => session).filter(({ id }) => begins(id, given))
  const [only] = found
  if (only === undefined) return given
  if (found.length === 1) return only.id
  const named = found
    .slice(0, NAMED_MAX)
    .map(({ id, agent, user, host }) => `${nameOf(id)} (${nameOf(agent)}, ${nameOf(`${user}@${host}`)})`)
  throw new PresenceError(
    'invalid_session',
    `several sessions' ids begin with ${nameOf(given)}: ${named.join(', ')}${found.length > named.length ? ' and more' : ''}`,
    'give more of the id',
  )
}
