import { pathOf } from '../domain/agent-text.ts'
import { PresenceError } from '../domain/fault.ts'
import type { HttpDsn } from './dsn.ts'
import type { Environment } from './folders.ts'
import { isLoopback } from './hosts.ts'
import { readPassword, refuseOutside } from './password.ts'

/**
 * Adds the token to a DSN: its file's, else `PRESENCE_SERVER_TOKEN`, else that of the file named by
 * `PRESENCE_SERVER_TOKEN_FILE`. A DSN's text never holds a token, because it is printed, logged and visible
 * in process lists.
 *
 * @param project as for `withPassword`: a project's config can't name a file of the user's, nor allow sending
 *   the token without TLS
 * @throws PresenceError `invalid_config` if a file can't be read or holds no token; `invalid_dsn` if the
 *   token would be sent without TLS to another host, unless a DSN of the user's own has `insecure=true`
 */
export function withToken(dsn: HttpDsn, env: Environment, project: string | undefined): HttpDsn {
  const { token, from } = tokenFor(dsn, env, project)
  if (token === '') return dsn
  if (!/^[\x21-\x7e]+$/.test(token))
    throw new PresenceError(
      'invalid_config',
      "the token has a character that isn't allowed in a token",
      'write it as it was given out, on one line',
    )
  refuseInTheClear(dsn, project)
  return { ...dsn, token, tokenFrom: from }
}

/** Anybody may have written a project's config. Only the token's owner may decide to send it without TLS. */
function refuseInTheClear({ secure, insecure, host, shown }: HttpDsn, project: string | undefined): void {
  if (secure || isLoopback(host) || (insecure && project === undefined)) return
  throw new PresenceError(
    'invalid_dsn',
    insecure
      ? `the token would go in the clear to ${shown}, and a project's config can't allow that`
      : `the token would go in the clear to ${shown}`,
    project === undefined
      ? 'write the DSN with https://, or add insecure=true if you trust the network'
      : 'write the DSN with https://, or, if you trust the network, with insecure=true in your own config or PRESENCE_DSN',
  )
}

/** The token, and where it came from. */
function tokenFor({ tokenFile }: HttpDsn, env: Environment, project: string | undefined) {
  if (tokenFile !== undefined) {
    if (project !== undefined) refuseOutside(tokenFile, project, 'token-file', 'PRESENCE_SERVER_TOKEN_FILE')
    const token = readPassword(tokenFile, "the DSN's token-file", 'token').trim()
    return { token, from: `the DSN's token-file ${pathOf(tokenFile)}` }
  }
  const { PRESENCE_SERVER_TOKEN: token, PRESENCE_SERVER_TOKEN_FILE: file } = env
  if (token) return { token: token.trim(), from: 'PRESENCE_SERVER_TOKEN' }
  return {
    token: file ? readPassword(file, 'PRESENCE_SERVER_TOKEN_FILE', 'token').trim() : '',
    from: `PRESENCE_SERVER_TOKEN_FILE ${pathOf(file ?? '')}`,
  }
}
