import type { Environment } from '@presence/core'
import { matchesPattern, openServer, resolveIdentity } from '@presence/core/internal'
import { parsed } from './json.ts'
import type { Problem } from './problem.ts'

/** The session of sample calls; no real session has this id. */
export const SAMPLE = `presence-doctor-${process.pid}`

/** Ids that agents' hooks use as they are: see `validId` of the hooks. */
const PLAIN = /^[A-Za-z0-9][A-Za-z0-9_.@:-]{0,127}$/

/** The id for sample calls; undefined if the token acts only as certain sessions, which may be real ones. */
export interface Sample {
  readonly id: string | undefined
  /** The token's name, if its patterns decided the id. */
  readonly token?: string
  /** The token's patterns, if they decided the id. */
  readonly patterns?: readonly string[]
}

/**
 * Why the server refuses the sessions of agents, though it answers a sample: an agent makes its own ids, which are
 * UUIDs, and no pattern of the token matches them. Undefined if it doesn't refuse them.
 *
 * @param ids the ids that an agent may have here; one that matches is enough
 */
export function refusesAgents({ token, patterns = [] }: Sample, ids: readonly string[]): Problem | undefined {
  if (token === undefined) return undefined
  if (ids.some(id => patterns.some(pattern => matchesPattern(pattern, id)))) return undefined
  return {
    message: `the server refuses agents' sessions: the token "${token}" acts only as ids that match its patterns, and an agent's own id does not`,
    remedy: 'use a token that acts for your own sessions: presence token add <name>, without --as',
  }
}

/** The id of an agent's hooks: the one that somebody chose, else the agent's own. */
export function hooksId(env: Environment): string {
  const chosen = env['PRESENCE_SESSION_ID']
  return chosen && chosen !== env['PRESENCE_HOOK_SESSION_ID'] ? chosen : crypto.randomUUID()
}

/** The ids that an agent's MCP server may have: the agent's, or one of its own. */
export function mcpIds(env: Environment): readonly string[] {
  const found = resolveIdentity(undefined, env)
  const own = found.ok ? [`${found.value.session.id}-${crypto.randomUUID().slice(0, 6)}`] : []
  return [crypto.randomUUID(), ...own]
}

/**
 * Asks the server which sessions the token acts as, and makes an id for a sample that is one of them. If no
 * server answers, or if it requires no token, any id will do: the sample itself shows what is wrong.
 *
 * @param hooks where a server answers the agent's hooks; undefined if the hooks ask the board themselves
 */
export async function sampleFor(hooks: string | undefined, env: Environment, cwd: string): Promise<Sample> {
  try {
    await using server = await openServer({ ...boardOf(hooks, env), cwd })
    const answer = await server?.ask({ method: 'GET', path: '/api/v1/token' })
    const said = answer?.status === 200 ? parsed<TokenAnswer>(answer.body) : undefined
    if (said?.acts_as !== 'patterns') return { id: SAMPLE }
    const { token, patterns = [] } = said
    return { id: idFor(patterns), token: token ?? '', patterns }
  } catch {
    return { id: SAMPLE }
  }
}

/** The answer of `GET /api/v1/token`, as far as it is read here. */
interface TokenAnswer {
  readonly token?: string | null
  readonly acts_as?: string
  readonly patterns?: readonly string[]
}

/** A request of a hook sends the token of this variable, and no other. */
function boardOf(hooks: string | undefined, env: Environment) {
  if (hooks === undefined) return { env }
  const { PRESENCE_SERVER_TOKEN_FILE: _file, ...tokenOnly } = env
  return { env: tokenOnly, dsn: hooks.replace(/\/hooks\/[a-z-]+$/, '') }
}

/** An id that one of the patterns matches. A pattern without `*` is the id of a session that may be real. */
function idFor(patterns: readonly string[]): string | undefined {
  return patterns
    .filter(pattern => pattern.includes('*'))
    .map(pattern => pattern.replace('*', SAMPLE).replaceAll('*', ''))
    .find(id => PLAIN.test(id))
}
