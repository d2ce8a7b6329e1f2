import { PresenceError } from '../domain/fault.ts'
import { cutTo, oneLine } from '../domain/text.ts'
import type { Environment } from './folders.ts'

/** True if a host is this machine, judged by its name alone. */
export function isLoopback(host: string): boolean {
  return host === '::1' || /^(.+\.)?localhost\.?$/.test(host) || /^127(\.\d{1,3}){3}$/.test(host)
}

/**
 * True if the host of a URL is this machine. Only the parser knows which part of a URL is its host:
 * `http://localhost:x@elsewhere:80` leads elsewhere.
 */
export function isLoopbackUrl(text: string): boolean {
  const url = URL.parse(text)
  return url !== null && isLoopback(withoutBrackets(url.hostname))
}

/** What a URL of http or https leads to, without path and parameters; undefined for any other text. */
export function originOf(text: string): string | undefined {
  const url = URL.parse(text)
  if (!url || !/^https?:$/.test(url.protocol) || url.username !== '' || url.password !== '') return undefined
  return url.origin
}

/** Whether a text is a host, in any spelling that a URL may have. */
export function isHost(text: string): boolean {
  return sameSpelling(withoutBrackets(text)) !== undefined
}

/** A host, and its port if one is given. */
export interface HostAndPort {
  readonly host: string
  readonly port: number | undefined
}

/** The host and port that a server's DSN leads to. */
export function addressOf({ host, port }: { readonly host: string; readonly port: number }): HostAndPort {
  return { host: sameSpelling(host) ?? host, port }
}

export function shownAddress({ host, port }: HostAndPort): string {
  const name = host.includes(':') ? `[${host}]` : host
  return port === undefined ? name : `${name}:${port}`
}

/**
 * The hosts of `PRESENCE_TRUST`: names or addresses, separated by commas, each with a port if only that port
 * is meant.
 *
 * @throws PresenceError `invalid_config` if an entry is not a host. It doesn't show an entry that may hold a
 *   password
 */
export function trustedHosts(env: Environment): readonly HostAndPort[] {
  const entries = (env['PRESENCE_TRUST'] ?? '').split(',')
  return entries.flatMap((entry, at) => {
    const text = entry.trim()
    if (text === '') return []
    const host = hostAndPort(text)
    if (host) return [host]
    // A password may contain a comma, and then an @ is in another entry.
    const isSecret = entries.join().includes('@')
    const meant = isSecret ? undefined : hostOf(text)
    if (meant !== undefined)
      throw new PresenceError(
        'invalid_config',
        `entry ${at + 1} of PRESENCE_TRUST is a URL, not a host`,
        `write only its host, ${meant}: PRESENCE_TRUST=${meant}`,
      )
    const shown = isSecret || text.includes('://') ? '***' : oneLine(cutTo(text, 40))
    throw new PresenceError(
      'invalid_config',
      `entry ${at + 1} of PRESENCE_TRUST, "${shown}", is not a host`,
      'write only hosts, separated by commas, each with or without a port: PRESENCE_TRUST=db.example,board.example:8443',
    )
  })
}

/** The host of a URL, as it may be in `PRESENCE_TRUST`; undefined for any other text. */
function hostOf(text: string): string | undefined {
  const name = text.includes('://') ? URL.parse(text)?.hostname : undefined
  const host = name && hostAndPort(name)
  return host ? shownAddress(host) : undefined
}

/** Whether one of these hosts is meant. An entry without a port stands for every port. */
export function isAmong({ host, port }: HostAndPort, hosts: readonly HostAndPort[]): boolean {
  return hosts.some(each => each.host === host && (each.port === undefined || each.port === port))
}

function hostAndPort(text: string): HostAndPort | undefined {
  // An IPv6 address without brackets has no port.
  const isAddress = /:.*:/.test(text) && !text.startsWith('[')
  const [, name = '', digits] = isAddress
    ? ['', `[${text}]`]
    : (/^(\[[^\]]*\]|[^:]*)(?::(\d{1,5}))?$/.exec(text) ?? [])
  const host = sameSpelling(withoutBrackets(name))
  const port = digits === undefined ? undefined : Number(digits)
  return host === undefined || port === 0 || (port ?? 1) > 65_535 ? undefined : { host, port }
}

/**
 * A host in one spelling, as URLs of http have it: in lower case, in Punycode, numbers of IPv4 in four parts.
 * Undefined if the text is no host.
 */
function sameSpelling(host: string): string | undefined {
  const url = /[\s/?#@%\\]/.test(host) ? null : URL.parse(`http://${host.includes(':') ? `[${host}]` : host}`)
  const name = withoutBrackets(url?.hostname ?? '').replace(/\.$/, '')
  return /^[a-z0-9._-]+$|^[0-9a-f:.]+$/.test(name) ? name : undefined
}

function withoutBrackets(host: string): string {
  return host.replace(/^\[|\]$/g, '')
}
