import { isLoopbackUrl } from '@presence/core/internal'

/** Where `presence serve` listens by default. */
export const SERVER_DEFAULT = 'http://127.0.0.1:8787'

/**
 * The headers of a request that come from the agent's environment. The settings file contains only the names
 * of the variables.
 */
const FROM_ENVIRONMENT = {
  Authorization: 'Bearer $PRESENCE_SERVER_TOKEN',
  'X-Presence-Session': '$PRESENCE_SESSION_ID',
  'X-Presence-Hook-Session': '$PRESENCE_HOOK_SESSION_ID',
  'X-Presence-User': '$USER',
  'X-Presence-Host': '$HOSTNAME',
} as const
const VARIABLE = /\$([A-Z_]+)/

/**
 * A handler that is a request, in Claude Code's form. The agent fills in the variables that `allowedEnvVars`
 * names, only in headers; a variable that isn't set becomes empty.
 */
export interface HttpHook {
  readonly type: 'http'
  readonly url: string
  /** In seconds. */
  readonly timeout: number
  readonly headers: Readonly<Record<string, string>>
  readonly allowedEnvVars: readonly string[]
}

/** @param url where the server answers an agent's hooks */
export function httpHook(url: string, timeout: number): HttpHook {
  const variables = Object.values(FROM_ENVIRONMENT).map(value => VARIABLE.exec(value)?.[1] ?? '')
  return { type: 'http', url, timeout, headers: FROM_ENVIRONMENT, allowedEnvVars: variables }
}

/** The address at which a server answers an agent's hooks. */
export function hooksUrl(server: string, agent: string): string {
  return `${server}/hooks/${agent}`
}

/** True if any version of presence wrote this handler. */
export function isOurHttpHook(handler: unknown): handler is HttpHook {
  const { type, url, headers } = (handler ?? {}) as { type?: unknown; url?: unknown; headers?: object }
  return (
    type === 'http' &&
    typeof url === 'string' &&
    /\/hooks\/[a-z-]+$/.test(url) &&
    'X-Presence-Session' in (headers ?? {})
  )
}

/** True if this version writes exactly this handler. */
export function isWrittenHttpHook(handler: HttpHook): boolean {
  const server = /^(.*)\/hooks\/claude-code$/.exec(handler.url)?.[1]
  const parsed = server === undefined ? undefined : serverOf(server)
  return (
    parsed !== undefined &&
    'url' in parsed &&
    parsed.url === server &&
    JSON.stringify(handler) === JSON.stringify(httpHook(handler.url, handler.timeout))
  )
}

/** A server's address in the form for settings, or what is wrong with it. */
export function serverOf(
  text: string,
): { readonly url: string } | { readonly problem: string; readonly remedy: string } {
  const remedy = `give it as ${SERVER_DEFAULT} or https://presence.example`
  let url: URL
  try {
    url = new URL(text)
  } catch {
    return { problem: '--http takes the address of a presence server', remedy }
  }
  if (url.protocol !== 'http:' && url.protocol !== 'https:')
    return { problem: '--http takes an address of http or https', remedy }
  if (url.username || url.password)
    return {
      problem: 'a settings file must not hold a password',
      remedy: 'a token is taken from PRESENCE_SERVER_TOKEN',
    }
  const path = url.pathname.replace(/\/+$/, '')
  // The address is also used inside quotes in a shell command.
  if (url.search || url.hash || !/^[\w.~/-]*$/.test(path))
    return { problem: '--http takes an address without a query, a fragment or special characters', remedy }
  const server = `${url.origin}${path}`
  if (url.protocol === 'http:' && !isLoopbackUrl(server))
    return {
      problem: `${url.origin} is not on this machine, and http would carry a token in the clear`,
      remedy: 'use https, or a tunnel to an address on loopback',
    }
  return { url: server }
}
