import { knownKinds, resolveBoard } from '../config/board.ts'
import type { Claim } from '../domain/claim.ts'
import { KINDS } from '../domain/label.ts'
import { isThere } from '../store/sqlite/access.ts'
import { type OpenOptions, openBoard } from './open-board.ts'

/** The result of a quick look at a board. */
export interface QuickList {
  /** The kinds of label known here. */
  readonly kinds: readonly string[]
  /** The live claims. Undefined if the board did not answer in time: unknown is not empty (G6). */
  readonly claims: readonly Claim[] | undefined
  /** The id of this session, as far as it could be determined. */
  readonly sessionId: string | undefined
}

const DEADLINE_MS = 200

/**
 * Looks at a board for a prompt or a completion, which must neither wait nor fail. Ends within 200 ms and
 * does not create a missing file.
 */
export async function quickList(options: OpenOptions = {}): Promise<QuickList> {
  let kinds = KINDS
  let sessionId: string | undefined
  const { env = process.env, cwd = process.cwd() } = options
  try {
    // Known even if the board may not be asked.
    kinds = knownKinds(cwd, env)
    const place = await resolveBoard(options.dsn, env, cwd)
    if (place.dsn.scheme === 'sqlite' && !isThere(place.dsn.file)) return { kinds, claims: [], sessionId }
    // Use no outbox: the result of a delivery is reported only once, so it needs a call whose answer somebody
    // reads.
    await using board = await openBoard({ deadlineMs: DEADLINE_MS, ...options, outbox: false })
    sessionId = board.session.id
    const said = await board.list()
    return { kinds, claims: said.ok ? said.claims : undefined, sessionId }
  } catch {
    return { kinds, claims: undefined, sessionId }
  }
}
