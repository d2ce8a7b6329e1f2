import { createServer, type Server } from 'node:http'
import { isIP } from 'node:net'
import { getRequestListener } from '@hono/node-server'
import { PresenceError } from '@presence/core'
import type { App } from './route.ts'

/**
 * How long a client may take, in milliseconds: to send its headers, to send its whole request, and to start
 * the next request. The last is longer than the time for which proxies keep idle connections.
 */
const HEADERS_MS = 10_000
const REQUEST_MS = 15_000
const KEEP_ALIVE_MS = 65_000
/**
 * A connection without a byte in either direction ends after this time.
 * Event listeners get a byte every 15 s.
 */
const SILENT_MS = 75_000
const HEADER_BYTES_MAX = 8_192
/**
 * More than the sessions and listeners that one server is meant for. Further connections are closed at once.
 */
const CONNECTIONS_MAX = 4_096

/** Time limits that a test may shorten. */
export interface Patience {
  readonly headersMs?: number
  readonly requestMs?: number
}

/**
 * Starts to listen.
 *
 * @throws PresenceError `cannot_listen` if the port is taken or not allowed, `invalid_config` if the host is
 * not an address of this machine
 */
export function listen(app: App, host: string, port: number, patience: Patience = {}): Promise<Server> {
  const { headersMs = HEADERS_MS, requestMs = REQUEST_MS } = patience
  const server = createServer(
    {
      headersTimeout: headersMs,
      requestTimeout: requestMs,
      keepAliveTimeout: KEEP_ALIVE_MS,
      // How often Node checks the time limits for headers and requests, in milliseconds. With its default, a
      // slow client could stay half a minute longer.
      connectionsCheckingInterval: 1_000,
      maxHeaderSize: HEADER_BYTES_MAX,
    },
    getRequestListener(app.fetch),
  )
  server.maxConnections = CONNECTIONS_MAX
  server.setTimeout(SILENT_MS)
  return new Promise((resolve, reject) => {
    const failed = (error: NodeJS.ErrnoException) => reject(listenFault(error, host, port))
    server.once('error', failed)
    server.listen({ host, port }, () => {
      server.off('error', failed)
      resolve(server)
    })
  })
}

export function urlOf(server: Server): string {
  const address = server.address()
  if (address === null || typeof address === 'string') throw new TypeError('the server listens on no port')
  const name = isIP(address.address) === 6 ? `[${address.address}]` : address.address
  return `http://${name}:${address.port}`
}

/**
 * Stops taking connections, finishes running requests, and cuts the remaining connections after `withinMs`.
 */
export async function drain(server: Server, withinMs: number): Promise<void> {
  const cut = setTimeout(() => server.closeAllConnections(), withinMs)
  await new Promise(done => server.close(done))
  clearTimeout(cut)
}

function listenFault(error: NodeJS.ErrnoException, host: string, port: number): PresenceError {
  const at = `${host}:${port}`
  const { code = '' } = error
  const options = { cause: error }
  if (code === 'EADDRINUSE')
    return new PresenceError(
      'cannot_listen',
      `something listens on ${at} already`,
      'stop it, or choose another --port',
      options,
    )
  if (code === 'EACCES')
    return new PresenceError(
      'cannot_listen',
      `this user may not listen on ${at}`,
      'choose a --port of 1024 or more',
      options,
    )
  if (['ENOTFOUND', 'EADDRNOTAVAIL', 'EAI_AGAIN', 'EINVAL'].includes(code))
    return new PresenceError(
      'invalid_config',
      `${host} is not an address of this machine (${code})`,
      'give --host an address of this machine, or leave --host out for loopback',
      options,
    )
  return new PresenceError(
    'cannot_listen',
    `nothing can listen on ${at}: ${error.message}`,
    'check --host and --port',
    options,
  )
}
