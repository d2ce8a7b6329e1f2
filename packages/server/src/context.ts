import { type Boards, cutTo, oneLine } from '@presence/core/internal'
import type { Context } from 'hono'
import { routePath } from 'hono/route'
import type { Access } from './access/access.ts'
import { EventHub } from './events/hub.ts'
import { Denied } from './faults.ts'
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
  /** The only session that the caller may speak as. Undefined if it may speak as several. */
  readonly ownId: string | undefined
  maySpeakAs(sessionId: string): boolean
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
  }
}

/**
 * Throws unless the caller may speak as this session, which includes reading what is private to it. Every
 * route that takes a session must call this with the same id that it then uses;
 * `packages/server/test/speaks-as.test.ts` checks each route.
 *
 * @throws Denied 403 `forbidden`, and records the refusal
 */
export function speaksAs(c: Context, sessionId: string): void {
  const caller = c.get('caller') as Caller | undefined
  if (caller?.maySpeakAs(sessionId)) return
  caller?.refused(sessionId, `${c.req.method} ${routePath(c)}`)
  throw new Denied(403, {
    code: 'forbidden',
    message: `this token may not be used for session ${cutTo(oneLine(sessionId), 255)}`,
    remedy: "use a session id that the token allows, or ask the server's operator for another token",
  })
}
