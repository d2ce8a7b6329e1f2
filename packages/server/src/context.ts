import { type Boards, cutTo, oneLine } from '@presence/core'
import type { Context } from 'hono'
import { routePath } from 'hono/route'
import { EventHub } from './events/hub.ts'
import { Denied } from './faults.ts'
import type { Access } from './guard/access.ts'
import { Log } from './log.ts'
import { Metrics } from './metrics.ts'

/** What every route may use. */
export interface ServerContext {
  readonly boards: Boards
  /** Of this program, as its documents name it. */
  readonly version: string
  /** Who gets in. */
  readonly access: Access
  readonly log: Log
  readonly metrics: Metrics
  readonly hub: EventHub
  /** Aborted once the server takes no more requests. */
  readonly draining: AbortSignal
}

export type ContextOptions = Pick<ServerContext, 'boards' | 'version'> & Partial<ServerContext>

/** The rest as for a server on loopback without tokens, which logs nothing. */
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

/** Who asks. */
export interface Caller {
  /** The token's name; undefined without one. */
  readonly name: string | undefined
  /** Under which what it uses is counted: its token, or its address without one. */
  readonly countedAs: string
  /** The only session that it may speak as; undefined where there are several. */
  readonly ownId: string | undefined
  maySpeakAs(sessionId: string): boolean
  /** Is the token still one? A stream outlives the request that it was checked for. */
  stillHolds(): boolean
  /** Records that it was refused a session. @param what it asked for: a method and a route's pattern */
  refused(sessionId: string, what: string): void
}

declare module 'hono' {
  interface ContextVariableMap {
    caller?: Caller
    requestId: string
  }
}

/**
 * Goes on only where whoever asks may speak as this session, or read what is for this session alone. Every route that
 * takes a session calls it, with the very id that it then uses; `packages/server/test/speaks-as.test.ts` tries each.
 *
 * @throws Denied 403, which is recorded
 */
export function speaksAs(c: Context, sessionId: string): void {
  const caller = c.get('caller') as Caller | undefined
  if (caller?.maySpeakAs(sessionId)) return
  caller?.refused(sessionId, `${c.req.method} ${routePath(c)}`)
  throw new Denied(403, {
    code: 'forbidden',
    message: `this token may not speak as ${cutTo(oneLine(sessionId), 255)}`,
    remedy: 'speak as a session that the token is for, or ask whoever runs the server for another token',
  })
}
