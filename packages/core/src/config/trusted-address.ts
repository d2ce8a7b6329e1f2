import { dirname } from 'node:path'
import { readConfigs } from './file.ts'
import type { Environment } from './folders.ts'
import { addressOf, isAmong, originOf, trustedHosts } from './hosts.ts'
import { parsedOrNot } from './shown-dsn.ts'
import { isUntrusted } from './trust.ts'
import { type Fields, forget, isStored, isStoredForAll, store } from './trusted.ts'

/**
 * Whether this user trusts the presence server that hooks in a folder are to ask. A project's settings may
 * name any address: it counts if the user named the same server as a board, in `PRESENCE_TRUST`, to
 * `presence init --http`, or to `presence trust`.
 *
 * @throws PresenceError `invalid_config`
 */
export function isTrustedAddress(url: string, cwd: string, env: Environment): boolean {
  const origin = originOf(url)
  if (origin === undefined) return false
  const dsn = parsedOrNot(origin)
  if (dsn?.scheme === 'http' && isAmong(addressOf(dsn), trustedHosts(env))) return true
  const fields = fieldsOf(origin)
  return isStoredForAll(fields, env) || isStoredAbove(cwd, fields, env) || isBoard(origin, cwd, env)
}

/**
 * Stores that this user trusts the presence server at an address.
 *
 * @param project the project whose settings name it; undefined for the user's own settings
 * @throws PresenceError `not_writable`
 */
export function trustAddress(url: string, project: string | undefined, env: Environment): void {
  store(project, fieldsOf(originOf(url) ?? url), env)
}

/** Ends this user's trust in the servers that a project's settings, or the user's own, name. */
export function forgetAddresses(project: string | undefined, env: Environment): void {
  forget(project, env, ({ fields }) => 'hooks' in fields)
}

/** The hooks of one project may run in any folder of it. */
function isStoredAbove(cwd: string, fields: Fields, env: Environment): boolean {
  for (let folder = cwd; ; folder = dirname(folder)) {
    if (isStored(folder, fields, env)) return true
    if (dirname(folder) === folder) return false
  }
}

function isBoard(origin: string, cwd: string, env: Environment): boolean {
  const files = readConfigs(cwd, env).files.filter(file => originOf(file.config.dsn ?? '') === origin)
  return originOf(env['PRESENCE_DSN'] ?? '') === origin || files.some(file => !isUntrusted(file, env))
}

function fieldsOf(origin: string): Fields {
  return { hooks: origin }
}
