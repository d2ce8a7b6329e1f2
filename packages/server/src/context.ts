import type { Boards } from '@presence/core/internal'
import type { Context } from 'hono'
import { routePath } from 'hono/route'
import type { Access } from './access/access.ts'
import { refuseIfGone } from './access/disconnected.ts'
import type { Acting } from './access/own-sessions.ts'
import { EventHub } from './events/hub.ts'
import type { Denied } from './faults.ts'
import { Log } from './log.ts'
import { Metrics } from './metrics.ts'

/** The objects that every route can use. */
export interface ServerContext {
  readonly boards: Boards
  /** The program's version, as shown in the API documents. */
  readonly version: string
  /** Who may send requests. */
  readonly access: Access
  readonly log: Log
  readonly metrics: Metrics
  readonly hub: EventHub
  /** Aborted when the server stops taking requests. */
  readonly draining: AbortSignal
}

export type ContextOptions = Pick<ServerContext, 'boards' | 'version'> & Partial<ServerContext>

/** Fills in missing options with those of a loopback server without tokens that logs nothing. */
export function contextOf(options: ContextOptions): ServerContext {
  const { boards } = options
  const log = options.log ?? new Log('none', () => {})
  return {
    access: { loopback: true },
    metrics: new Metrics(boards),
    hub: new EventHub(boards, { onTrouble: message => log.notice('trouble', { message }) }),
    draining: new AbortController().signal,
    ...options,
    log,
  }
}

/** The sender of a request. */
export interface Caller {
  /** The token's name; undefined without one. */
  readonly name: string | undefined
  /** The rate limit's key: the token, or the address without a token. */
  readonly countedAs: string
  /** The sessions that the caller may act as: any, its own, or those that these patterns match. */
  readonly actsAs: 'any' | 'own' | readonly string[]
  /**
   * Why the caller may not act as this session; undefined if it may.
   *
   * @throws PresenceError if the board doesn't say whose session it is
   */
  refusal(sessionId: string, acting?: Acting): Promise<Denied | undefined>
  /** Whether the token is still valid. Needed because a stream outlives the check of its request. */
  stillHolds(): boolean
  /**
   * Records that the caller was refused a session.
   *
   * @param what the method and route pattern of the request
   */
  refused(sessionId: string, what: string): void
}

declare module 'hono' {
  interface ContextVariableMap {
    caller?: Caller
    requestId: string
    /** The request has no body, or an empty one. */
    hasNoBody?: boolean
  }
}

/**
 * Throws unless the caller may act as this session, which includes reading what is private to it. Every
 * route that takes a session must await this with the same id that it then uses;
 * `packages/server/test/speaks-as.test.ts` checks each route.
 *
 * @throws Denied 403 `forbidden`, and records the refusal; 422 for an id that no session can have; 499 if the
 * client has disconnected meanwhile
 * @throws PresenceError if the board doesn't say whose session it is
 */
export async function speaksAs(c: Context, sessionId: string, acting?: Acting): Promise<void> {
  const caller = c.get('caller') as Caller | undefined
  if (!caller) throw new TypeError('the access checks did not run')
  const refusal = await caller.refusal(sessionId, acting)
  if (!refusal) return caller.actsAs === 'own' ? refuseIfGone(c) : undefined
  if (refusal.status === 403) caller.refused(sessionId, `${c.req.method} ${routePath(c)}`)
  throw refusal
}
