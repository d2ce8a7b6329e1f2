import { type OpenBoardsOptions, openBoards, PresenceError } from '@presence/core'
import { type AddRoutes, createApp } from './app.ts'
import { contextOf } from './context.ts'
import { isLoopback } from './guard/addresses.ts'
import { TokenFile } from './guard/token-file.ts'
import { drain, listen, type Patience, urlOf } from './listen.ts'
import { Log, type LogFormat } from './log.ts'

export interface ServeOptions extends OpenBoardsOptions {
  /** The address to listen on; loopback unless told. */
  readonly host: string
  /** 0 for any that is free. */
  readonly port: number
  readonly version: string
  /** Who gets in; without one only whoever is on this machine. */
  readonly tokenFile?: string
  /** Names beside the loopback's by which the server may be asked. */
  readonly allowedHosts?: readonly string[]
  /** Requests a minute for a token, or an address without one; 0 for no limit. */
  readonly perMinute?: number
  readonly log?: LogFormat
  /** Takes the log's lines. */
  readonly write?: (line: string) => void
  readonly patience?: Patience
  /** Routes beside the server's own. */
  readonly routes?: readonly AddRoutes[]
}

/** What is under way when the server ends may take so long, in milliseconds. */
const DRAIN_MS = 10_000

/** A server that answers. */
export interface Running {
  /** `http://host:port` */
  readonly url: string
  /** Takes no more requests, answers those under way, and closes the board. */
  close(): Promise<void>
}

/**
 * Starts the server. The database need not be there: what needs it answers 503 until it is.
 *
 * @throws PresenceError `invalid_dsn`; `invalid_config`, also for a host wider than loopback without tokens;
 * `cannot_listen`
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
    `others can reach a server on ${host}, and none without --token-file is served to them`,
    'make a token, presence token add <name> --as <session id>, and serve with --token-file; or leave --host out',
  )
}
