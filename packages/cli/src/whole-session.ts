import type { Board, InvalidInput, Refused } from '@presence/core'
import { mayBeShort, wholeSessionOn } from '@presence/core/internal'
import type { Globals } from './globals.ts'
import type { Io } from './io.ts'

/**
 * The options with the whole id of `--session`, which may be short. Only an id that may be short is looked up: every
 * other costs nothing.
 *
 * @throws PresenceError `invalid_session` if several sessions' ids begin like this, or any fault of the board
 */
export async function withWholeSession(globals: Globals, io: Io): Promise<Globals> {
  const { session } = globals
  if (session === undefined || !mayBeShort(session)) return globals
  const { wholeSessionOf } = await import('./whole-id.ts')
  return { ...globals, session: await wholeSessionOf(session, globals, io) }
}

/** The whole id of a session that an option names, other than `--session`. @throws PresenceError as above */
export async function wholeSession(board: Board, given: string): Promise<string> {
  return mayBeShort(given) ? wholeSessionOn(board, given) : given
}

/** The whole id of an item or a workflow, or the refusal of an id that several begin with. */
export async function wholeWorkId(
  board: Board,
  of: 'items' | 'workflows',
  given: string,
): Promise<string | Refused<InvalidInput>> {
  if (!mayBeShort(given)) return given
  const [{ wholeIdAmong }, exact] = await Promise.all([import('./whole-id.ts'), board[of].get(given)])
  if (exact.ok) return given
  return wholeIdAmong(given, (limit, after) =>
    board[of].list({ limit, ...(after === undefined ? {} : { after }) }),
  )
}

/** The same for each of several messages, among those that the session can read. */
export async function wholeMessageIds(
  board: Board,
  given: readonly string[],
): Promise<readonly string[] | Refused<InvalidInput>> {
  const whole: string[] = []
  for (const id of given) {
    const found = mayBeShort(id) ? await wholeMessageId(board, id) : id
    if (typeof found !== 'string') return found
    whole.push(found)
  }
  return whole
}

async function wholeMessageId(board: Board, given: string): Promise<string | Refused<InvalidInput>> {
  const { wholeIdAmong } = await import('./whole-id.ts')
  return wholeIdAmong(given, (limit, before) =>
    board.messages.inbox({ unreadOnly: false, limit, ...(before === undefined ? {} : { before }) }),
  )
}
