import { labelOf, quoted } from '../domain/agent-text.ts'
import { PresenceError } from '../domain/fault.ts'
import type { Dsn } from './dsn.ts'
import { addressOf, type HostAndPort, shownAddress } from './hosts.ts'
import { parsedOrNot } from './shown-dsn.ts'

/** The length of a board's name in a message. Its author chose it. */
const SHOWN_MAX = 80

interface Untrusted {
  readonly file: { readonly path: string }
  readonly dsn: Dsn | undefined
  readonly board: 'server' | 'outside' | 'inside' | 'none'
  readonly others?: string
  /** What `PRESENCE_TRUST` names. */
  readonly hosts: readonly HostAndPort[]
  /** Why a stored trust doesn't count. */
  readonly ignored: readonly string[]
  /** What changed since this user trusted the file. */
  readonly changes: readonly string[]
}

/** What an agent does about it: only a person can give trust. */
export const ASK_FOR_TRUST = 'ask the user to run presence trust in a terminal of their own'

/** States the facts for people: everything in it that the file's author chose is quoted. */
export function untrusted({ file, dsn, board, others, hosts, ignored, changes }: Untrusted): PresenceError {
  const path = labelOf(file.path)
  const server = dsn === undefined || dsn.scheme === 'sqlite' ? undefined : addressOf(dsn)
  const name = dsn && nameOf(dsn)
  const fact =
    others !== undefined
      ? `you have not trusted ${path}: ${others}${name ? `; it names the board ${name}` : ''}`
      : `you have not trusted the project's board ${name}${board === 'outside' ? ', a file outside the project' : ''}, which ${path} names`
  const since = changes.length > 0 ? [`it has changed since you trusted it: ${changes.join(', ')}`] : []
  const other =
    server && hosts.length > 0
      ? [
          `the environment trusts ${hosts.map(host => quoted(shownAddress(host), SHOWN_MAX)).join(', ')}, the file names ${name}`,
        ]
      : []
  return new PresenceError(
    'untrusted',
    [fact, ...since, ...other, ...ignored].join('; '),
    `read that file, then run: presence trust${server ? `; in CI, set PRESENCE_TRUST=${shownAddress({ ...server, port: undefined })}` : ''}; or name the board yourself: PRESENCE_DSN`,
  )
}

/**
 * A fault as an agent reads it. It is not told how to do without the trust: only a person can give it. Any fault but
 * `untrusted` stays as it is.
 */
export function forAgent(fault: PresenceError): PresenceError {
  if (fault.code !== 'untrusted') return fault
  const message = fault.message
    .replace(/^you have not trusted/, 'this user has not trusted')
    .replace('since you trusted it', 'since this user trusted it')
  return new PresenceError('untrusted', message, ASK_FOR_TRUST, { cause: fault.cause })
}

/** A board's DSN in a message: of a server only its address, because the rest may be any words. */
export function shownBoard(text: string): string {
  const dsn = parsedOrNot(text)
  return dsn === undefined ? 'no board' : nameOf(dsn)
}

function nameOf(dsn: Dsn): string {
  return quoted(dsn.scheme === 'sqlite' ? dsn.shown : shownAddress(addressOf(dsn)), SHOWN_MAX)
}

/** As {@link untrusted}, for the address of a presence server in an agent's settings. */
export function untrustedAddress(origin: string): PresenceError {
  return new PresenceError(
    'untrusted',
    `this user has not trusted the presence server ${quoted(origin, SHOWN_MAX)}, which the hooks of an agent's settings name`,
    ASK_FOR_TRUST,
  )
}
