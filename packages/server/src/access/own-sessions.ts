import { type Boards, parseSessionId, quoted } from '@presence/core/internal'
import { Denied } from '../faults.ts'
import type { TokenFile } from './token-file.ts'
import type { Token } from './tokens.ts'

/** How long a server relies on what it read about a session, in milliseconds. */
const KNOWN_MS = 600_000
/** How many sessions are remembered for each token. The one checked longest ago is forgotten first. */
const KNOWN_MAX = 10_000

/** How a request acts as its session. */
export interface Acting {
  /**
   * Whether the session becomes the token's if it belongs to no token yet. False for a call that leaves
   * nothing on the board, and shows nothing that is only for the session.
   * @default true
   */
  readonly keeps?: boolean
  /** The time limit for asking the board, in milliseconds. @default that of the server's calls */
  readonly deadlineMs?: number
}

/**
 * The tokens that act for their own sessions. A session belongs to the token that first acted as it, which is
 * stored on the board: so it holds for every server of the board, and after a restart. A session that is there
 * without a token belongs to no token. A token that was replaced under its name keeps its sessions.
 */
export class OwnSessions {
  readonly #boards: Boards
  readonly #file: TokenFile
  /**
   * The sessions that were found to belong to a token, and when. By the token as it was read: when the file
   * changes, everything is asked again. A session can't get another token within this time, because the board
   * keeps the one that it has for 30 days after its last use.
   */
  readonly #known = new WeakMap<Token, Map<string, number>>()

  constructor(boards: Boards, file: TokenFile) {
    this.#boards = boards
    this.#file = file
  }

  /** Why the token may not act as the session; undefined if it may. */
  async refusal(
    token: Token,
    sessionId: string,
    { keeps = true, deadlineMs }: Acting = {},
  ): Promise<Denied | undefined> {
    const checked = parseSessionId(sessionId, 'the session id')
    if (!checked.ok) return new Denied(422, checked.refusal)
    const known = this.#known.get(token) ?? new Map<string, number>()
    this.#known.set(token, known)
    const since = known.get(sessionId)
    if (since !== undefined && performance.now() - since < KNOWN_MS) return undefined
    known.delete(sessionId)
    const kept = this.#file.keptFor(sessionId, token)
    if (kept !== undefined) return anothers(token, sessionId, kept)
    const owner = await this.#ownerOf(token, sessionId, keeps, deadlineMs)
    if (owner.token === token.name) remember(known, sessionId)
    else if (owner.token !== undefined && !this.#isGone(owner.token))
      return anothers(token, sessionId, owner.token)
    // A call that keeps nothing may name a session that belongs to no token.
    else if (keeps || owner.isThere) return withoutToken(token, sessionId, owner.token)
    return undefined
  }

  /** Whose session it is, after the token has taken it if it may. */
  async #ownerOf({ name }: Token, sessionId: string, keeps: boolean, deadlineMs: number | undefined) {
    const owner = await this.#boards.ownerOf(sessionId, deadlineMs)
    if (owner.token === name) {
      if (owner.isOld) await this.#boards.usedBy(name, sessionId, deadlineMs)
      return owner
    }
    const isFree = !owner.isThere && (owner.token === undefined || this.#isGone(owner.token))
    return keeps && isFree ? this.#boards.giveTo(name, sessionId, owner.token, deadlineMs) : owner
  }

  /** Whether a session's token was removed, so that its sessions are free once they have ended. */
  #isGone(name: string): boolean {
    return !this.#file.hasName(name)
  }
}

function remember(known: Map<string, number>, sessionId: string): void {
  known.set(sessionId, performance.now())
  const [oldest] = known.keys()
  if (known.size > KNOWN_MAX && oldest !== undefined) known.delete(oldest)
}

function anothers(token: Token, sessionId: string, owner: string): Denied {
  return refused(
    token,
    sessionId,
    `it belongs to token ${quoted(owner)}`,
    'use an id that only your session has, or the token that the session belongs to',
  )
}

function withoutToken(token: Token, sessionId: string, removed: string | undefined): Denied {
  return refused(
    token,
    sessionId,
    removed === undefined
      ? 'it is on the board already, and was not made with this token'
      : `it belongs to token ${quoted(removed)}, which was removed, and has not ended`,
    "use an id that only your session has: start a new session of the agent, or open a new terminal. Or let the server's operator end the old session on the database: presence --session <id> session end; it releases what the session holds. Without that the id is free a day after the session was last seen, if it holds nothing",
  )
}

/** The answer to a request as a session that the token can't act as. */
export function refused({ name }: Token, sessionId: string, why: string, remedy: string): Denied {
  const message = `token "${name}" can't act as session ${quoted(sessionId, 128)}: ${why}`
  return new Denied(403, { code: 'forbidden', message, remedy })
}
