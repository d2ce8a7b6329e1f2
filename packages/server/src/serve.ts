import { PresenceError } from '@presence/core'
import { type OpenBoardsOptions, openBoards } from '@presence/core/internal'
import { isLoopback } from './access/addresses.ts'
import { TokenFile } from './access/token-file.ts'
import { createApp } from './app.ts'
import { contextOf } from './context.ts'
import { drain, listen, type Patience, urlOf } from './listen.ts'
import { Log, type LogFormat } from './log.ts'
import type { AddRoutes } from './route.ts'

export interface ServeOptions extends OpenBoardsOptions {
  /** The address to listen on. */
  readonly host: string
  /** The port to listen on. 0 for any free port. */
  readonly port: number
  readonly version: string
  /** The file of accepted tokens. Without it the server only listens on loopback. */
  readonly tokenFile?: string
  /** Host names to accept in addition to those of loopback. */
  readonly allowedHosts?: readonly string[]
  /** Requests per minute for a token, or for an address without a token. 0 for no limit. */
  readonly perMinute?: number
  /** @default 'none' */
  readonly log?: LogFormat
  /** Called with each line of the log. */
  readonly write?: (line: string) => void
  readonly patience?: Patience
  /** Additional routes. */
  readonly routes?: readonly AddRoutes[]
}

/** How long running requests may take when the server closes, in milliseconds. */
const DRAIN_MS = 10_000

export interface Running {
  /** `http://host:port` */
  readonly url: string
  /** Stops taking requests, finishes the running ones within 10 s, and closes the board. */
  close(): Promise<void>
}

/**
 * Starts the server. It also starts while the database is unreachable: routes that need it answer 503 until
 * it is back.
 *
 * @throws PresenceError `invalid_dsn`; `cannot_listen`;
 * `invalid_config`, also for a host other than loopback without tokens
 */
export async function serve(options: ServeOptions): Promise<Running> {
  const { host, tokenFile, allowedHosts = [], perMinute } = options
  const loopback = isLoopback(host)
  if (!loopback && tokenFile === undefined) throw tooWide(host)
  const log = new Log(options.log ?? 'none', options.write ?? (() => {}))
  const tokens =
    tokenFile === undefined
      ? undefined
      : new TokenFile(tokenFile, message => log.notice('trouble', { message }))
  const boards = await openBoards(options)
  const draining = new AbortController()
  let port: number | undefined
  const context = contextOf({
    boards,
    version: options.version,
    log,
    draining: draining.signal,
    access: {
      loopback,
      allowedHosts,
      port: () => port,
      ...(tokens ? { tokens } : {}),
      ...(perMinute === undefined ? {} : { perMinute }),
    },
  })
  context.metrics.watchProcess()
  const server = await listen(createApp(context, options.routes), host, options.port, options.patience).catch(
    async error => {
      await boards.close()
      throw error
    },
  )
  const url = urlOf(server)
  port = Number(new URL(url).port || 80)
  return {
    url,
    close: async () => {
      draining.abort()
      context.hub.close()
      await drain(server, DRAIN_MS)
      await boards.close()
    },
  }
}

function tooWide(host: string): PresenceError {
  return new PresenceError(
    'invalid_config',
    `other machines can reach a server on ${host}, so it needs --token-file`,
    'make a token with presence token add <name>, then serve with --token-file; or leave out --host',
  )
}
