import type { Context, MiddlewareHandler } from 'hono'
import type { ServerContext } from '../context.ts'
import { Denied } from '../faults.ts'
import type { Access } from './access.ts'

const LOOPBACK_NAMES: ReadonlySet<string> = new Set(['localhost', '127.0.0.1', '[::1]'])
/** Orchestrators call these by IP address, so any Host is accepted. They show nothing of the board. */
export const PROBES: ReadonlySet<string> = new Set(['/health', '/ready'])
/** A name or an address, and an optional port. */
const HOST = /^([a-z0-9._-]+|\[[0-9a-f:.]+\])(?::([0-9]{1,5}))?$/i

/**
 * Refuses requests from web pages. A page whose own name was made to resolve to this server (DNS rebinding)
 * is detected by its Host, any other page by its Origin or by its browser's Sec-Fetch-Site. Programs send
 * neither of the last two.
 *
 * @throws Denied 403 `host_refused` or `origin_refused`
 */
export function hosts({ access, metrics }: ServerContext): MiddlewareHandler {
  return async (c, next) => {
    const refuse = (reason: 'host' | 'origin', message: string, remedy: string) => {
      metrics.refused(reason)
      throw new Denied(403, { code: `${reason}_refused`, message, remedy })
    }
    const host = hostOf(c)
    if (!PROBES.has(c.req.path) && !isOurs(host, access))
      refuse(
        'host',
        'the server does not accept this host name',
        'start the server with --allowed-host <name>',
      )
    if (!isSameOrigin(c, host))
      refuse(
        'origin',
        'the server does not answer web pages of another origin',
        'send the request from a program',
      )
    await next()
  }
}

/** Without a socket, as in a test, there may be no Host header. */
function hostOf(c: Context): string {
  return (c.req.header('host') ?? new URL(c.req.url).host).toLowerCase()
}

function isOurs(host: string, { allowedHosts = [], port }: Access): boolean {
  const [, name, given] = HOST.exec(host) ?? []
  if (name === undefined) return false
  const own = port?.()
  if (LOOPBACK_NAMES.has(name) && (own === undefined || Number(given ?? 80) === own)) return true
  return allowedHosts.some(allowed => [name, host].includes(allowed.toLowerCase()))
}

function isSameOrigin(c: Context, host: string): boolean {
  const origin = c.req.header('origin')
  if (origin !== undefined && origin !== `http://${host}` && origin !== `https://${host}`) return false
  const site = c.req.header('sec-fetch-site')
  if (site === undefined || site === 'same-origin' || site === 'none') return true
  // A link on another site that a person follows is allowed:
  // it opens a new page, which the other site can't read.
  return (
    c.req.method === 'GET' &&
    c.req.header('sec-fetch-mode') === 'navigate' &&
    c.req.header('sec-fetch-dest') === 'document'
  )
}
