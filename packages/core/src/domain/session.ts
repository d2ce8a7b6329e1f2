import { SESSION_ID_LENGTH_MAX } from './limits.ts'
import { accept, type Checked, refuse } from './refusal.ts'
import { cutTo, hasControl, lengthOf, oneLine } from './text.ts'

/** Who claims: one id, the same on every face, and what to show people beside it. */
export interface Session {
  readonly id: string
  readonly user: string
  readonly host: string
  /** The agent's name: `claude-code`, `codex`, …, or `cli` for a person at a terminal. */
  readonly agent: string
  /** Where it works; unknown for a session of a client that doesn't say. */
  readonly place?: Place
}

/** Where a session works. What isn't known, or isn't there outside a repository, is undefined. */
export interface Place {
  /** The repository's name: that of its remote (`github.com/acme/infra`), else its folder's. The same in every clone and worktree. */
  readonly repo?: string
  readonly branch?: string
  /** The folder of the worktree, else the one that the session works in. */
  readonly worktree?: string
  /** What it is there for, as it says itself: known of a session that is registered. */
  readonly role?: string
}

/** @param from where the id was found, for the message: `--session`, a variable's name */
export function parseSessionId(input: string, from: string): Checked<string> {
  const shown = oneLine(cutTo(input, 40))
  if (input.trim() === '') return invalid(`${from} is blank`)
  if (!input.isWellFormed() || hasControl(input))
    return invalid(`${from} "${shown}" holds a control character`)
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
