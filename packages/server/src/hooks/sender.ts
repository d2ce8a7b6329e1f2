import { z } from '@hono/zod-openapi'
import type { Place } from '@presence/core'
import {
  BRANCH_LENGTH_MAX,
  cutTo,
  HOST_LENGTH_MAX,
  type JudgedRole,
  oneLine,
  parseSessionId,
  projectOfRepo,
  REPO_LENGTH_MAX,
  USER_LENGTH_MAX,
  WORKTREE_LENGTH_MAX,
} from '@presence/core/internal'

/** The sender of a hook, and its place. Only the sender's machine knows this, so it comes in headers. */
export interface Sender {
  /** The session id that a user or a launcher set. */
  readonly session: string | undefined
  readonly user: string | undefined
  readonly host: string | undefined
  readonly place: Place
  /** The project's key, from its config or from its repository's name. */
  readonly project: string | undefined
  /** Its role in the project, as the sender's machine judged it. */
  readonly role: JudgedRole | undefined
  /** Whether this is a sample call of `presence doctor`. */
  readonly isSample: boolean
}

/** The headers for the OpenAPI document. No call is refused because of their values. */
export const SenderHeaders = z.object({
  'x-presence-session': header("The session's id on the board, if it isn't the id in the payload"),
  'x-presence-hook-session': header(
    "The session id that this agent inherited in PRESENCE_HOOK_SESSION_ID from the agent that started it. It is not this agent's own id",
  ),
  'x-presence-user': header("The session's user"),
  'x-presence-host': header('The machine that it runs on'),
  'x-presence-repo': header('The repository that it works in'),
  'x-presence-project': header('The key of the project that it works in'),
  'x-presence-branch': header('The branch that it is on'),
  'x-presence-worktree': header("Its worktree's folder on that machine"),
  'x-presence-role': header('Its role in the project, and any problem with it, as JSON'),
  'x-presence-probe': header(
    'Marks a sample call: it leaves nothing behind, and its answer has a report in a header of this name',
  ),
})

function header(description: string) {
  return z.string().optional().openapi({ description })
}

export function senderOf(headerOf: (name: string) => string | undefined): Sender {
  const read = (name: string, max: number) => {
    const value = headerOf(`x-presence-${name}`)
    return value === undefined ? undefined : cutTo(oneLine(inUtf8(value)), max) || undefined
  }
  const repo = read('repo', REPO_LENGTH_MAX)
  const role = roleIn(headerOf('x-presence-role'))
  const named = read('project', REPO_LENGTH_MAX) ?? repo
  return {
    session: givenSession(headerOf),
    user: read('user', USER_LENGTH_MAX),
    host: read('host', HOST_LENGTH_MAX),
    place: withoutUnknown({
      repo,
      branch: read('branch', BRANCH_LENGTH_MAX),
      worktree: read('worktree', WORKTREE_LENGTH_MAX),
      role: role?.role,
    }),
    role,
    isSample: headerOf('x-presence-probe') !== undefined,
    project: named && projectOfRepo(named),
  }
}

function withoutUnknown(place: { readonly [Key in keyof Place]: Place[Key] | undefined }): Place {
  return Object.fromEntries(Object.entries(place).filter(([, value]) => value !== undefined))
}

const Role = z.object({
  role: z.string().max(64).optional(),
  problem: z
    .object({
      about: z.enum(['identity', 'place']),
      message: z.string(),
      remedy: z.string(),
      blocks: z.boolean(),
    })
    .optional(),
})

/** Undefined if the header is missing or malformed. */
function roleIn(header: string | undefined): JudgedRole | undefined {
  if (header === undefined) return undefined
  try {
    const { role, problem } = Role.parse(JSON.parse(inUtf8(header)))
    return { role, ...(problem ? { problem } : {}) }
  } catch {
    return undefined
  }
}

/** The given session id. Undefined if it is invalid, or inherited from the shell of another agent. */
function givenSession(headerOf: (name: string) => string | undefined): string | undefined {
  const given = headerOf('x-presence-session')
  if (!given || given === headerOf('x-presence-hook-session')) return undefined
  const checked = parseSessionId(inUtf8(given), 'x-presence-session')
  return checked.ok ? checked.value : undefined
}

/** Decodes a header as UTF-8: Node gives its bytes as Latin-1. */
function inUtf8(value: string): string {
  const text = Buffer.from(value, 'latin1').toString('utf8')
  return text.includes('\ufffd') ? value : text
}
