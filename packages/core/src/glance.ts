import { resolveBoard } from './config/board.ts'
import type { Claim } from './domain/claim.ts'
import { KINDS } from './domain/label.ts'
import { type OpenOptions, openBoard } from './open-board.ts'
import { isThere } from './store/sqlite/access.ts'

/** What could be seen of a board at once. */
export interface Glance {
  /** The kinds of label known here. */
  readonly kinds: readonly string[]
  /** The live claims; undefined when nobody could be asked in time: unknown is not empty (G6). */
  readonly claims: readonly Claim[] | undefined
  /** Who is speaking, as far as that could be told. */
  readonly sessionId: string | undefined
}

const DEADLINE_MS = 200

/**
 * Looks at a board for a prompt or a completion, which may neither wait nor fail: within 200 ms or not at all, and
 * without making a file that isn't there yet.
 */
export async function glance(options: OpenOptions = {}): Promise<Glance> {
  let kinds = KINDS
  let sessionId: string | undefined
  try {
    const place = await resolveBoard(options.dsn, options.env ?? process.env, options.cwd ?? process.cwd())
    kinds = place.kinds
    if (place.dsn.scheme === 'sqlite' && !isThere(place.dsn.file)) return { kinds, claims: [], sessionId }
    // What is queued is for a call whose answer somebody reads: it is said once.
    await using board = await openBoard({ deadlineMs: DEADLINE_MS, ...options, queue: false })
    sessionId = board.session.id
    const said = await board.list()
    return { kinds, claims: said.ok ? said.claims : undefined, sessionId }
  } catch {
    return { kinds, claims: undefined, sessionId }
  }
}
