import { SESSION_ID_LENGTH_MAX } from './limits.ts'
import { accept, type Checked, refuse } from './outcome.ts'
import { cutTo, hasControl, lengthOf, oneLine } from './text.ts'

/** Who claims: an id, which is the same in every interface, and details that people are shown with the id. */
export interface Session {
  /** The id of the session: at most 128 characters. */
  readonly id: string
  /** The user that it runs as. */
  readonly user: string
  /** The host that it runs on. */
  readonly host: string
  /** The agent's name: `claude-code`, `codex`, …, or `cli` for a person at a terminal. */
  readonly agent: string
  /** Where it works. Unknown for a session of a client that doesn't report it. */
  readonly place?: Place
}

/** Where a session works. A field is undefined if it is unknown, or if there is no repository. */
export interface Place {
  /**
   * The repository's name: that of its remote (`github.com/acme/infra`), otherwise that of its folder. It is
   * the same in every clone and worktree.
   */
  readonly repo?: string
  /** The branch that is checked out. */
  readonly branch?: string
  /** The folder of the worktree, or else the folder that the session works in. */
  readonly worktree?: string
  /** The session's role, as it reported it. Known only for a registered session. */
  readonly role?: string
}

/** @param from where the id came from, for the message: `--session`, or the name of a variable */
export function parseSessionId(input: string, from: string): Checked<string> {
  const shown = oneLine(cutTo(input, 40))
  if (input.trim() === '') return invalid(`${from} is blank`)
  if (!input.isWellFormed() || hasControl(input))
    return invalid(`${from} "${shown}" contains a control character`)
  if (input !== input.trim()) return invalid(`${from} "${shown}" has spaces around it`)
  if (lengthOf(input) > SESSION_ID_LENGTH_MAX)
    return invalid(
      `${from} "${shown}…" has ${lengthOf(input)} characters; an id has at most ${SESSION_ID_LENGTH_MAX}`,
    )
  return accept(input)
}

function invalid(message: string): Checked<string> {
  return refuse({
    code: 'invalid_session',
    message,
    remedy: 'give a short id that no other session has',
  })
}
