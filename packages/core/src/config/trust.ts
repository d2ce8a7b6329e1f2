import { labelOf } from '../domain/agent-text.ts'
import { anchored } from './anchored.ts'
import type { Config } from './config.ts'
import type { Dsn } from './dsn.ts'
import type { ConfigFile } from './file.ts'
import type { Environment } from './folders.ts'
import { addressOf, isAmong, trustedHosts } from './hosts.ts'
import { readBounded } from './read-bounded.ts'
import { isInside, realPath } from './real-path.ts'
import { parsedOrNot, withoutPassword } from './shown-dsn.ts'
import { changesSince } from './trust-changes.ts'
import { shownBoard, untrusted } from './trust-words.ts'
import { type Fields, isStored, store } from './trusted.ts'
import { othersHolding } from './writers.ts'

/** The fields of a config that decide where claims and secrets go. The others may change freely. */
const DECIDING = ['dsn'] as const satisfies readonly (keyof Config)[]

/** In what is trusted although others may change it. A file that only this user could write is another thing. */
export const OTHERS = { others: true }
/** As large as the CA file of a DSN may be. */
const CA_BYTES_MAX = 4 << 20

/** Why a project's config file isn't used before this user trusts it, and what exactly that trust is in. */
export interface NeedsTrust {
  readonly file: ConfigFile
  /** Undefined if the file names no board, or no valid one. */
  readonly dsn: Dsn | undefined
  /** `server`: its board is on a server; `outside`: its board's file is outside the project. */
  readonly board: 'server' | 'outside' | 'inside' | 'none'
  readonly fields: Fields
  /** Why other users decide what the file says, or what its board's file contains. */
  readonly others?: string
}

/**
 * What a config file needs trust for; undefined if it needs none. The user's own file needs none. Of a
 * project, a file needs none that only this user and root can write, and that names no board or one in such a file
 * inside the project.
 */
export function needsTrust(file: ConfigFile): NeedsTrust | undefined {
  if (file.own) return undefined
  const { config, base } = file
  const parsed = config.dsn === undefined ? undefined : parsedOrNot(config.dsn)
  const dsn = parsed && anchored(parsed, base)
  const board = boardOf(dsn, base)
  const others =
    file.others ?? (dsn?.scheme === 'sqlite' && board === 'inside' ? othersOf(dsn.file, base) : undefined)
  if (others === undefined && (board === 'inside' || board === 'none')) return undefined
  const fields = {
    ...Object.fromEntries(
      DECIDING.flatMap(key => (config[key] === undefined ? [] : [[key, withoutPassword(config[key])]])),
    ),
    ...(dsn?.scheme === 'sqlite' && board === 'outside' ? { file: realPath(dsn.file) } : {}),
    ...caOf(dsn),
    ...(others === undefined ? {} : OTHERS),
  }
  return { file, dsn, board, fields, ...(others === undefined ? {} : { others }) }
}

/**
 * Whether this user trusts what a project's config file says: by `PRESENCE_TRUST`, or by an earlier
 * `presence trust` or `presence init`.
 *
 * @param onIgnored see `isStored`
 * @throws PresenceError `invalid_config` if `PRESENCE_TRUST` holds something that is no host
 */
export function isTrusted(
  { file, dsn, fields, others }: NeedsTrust,
  env: Environment,
  onIgnored?: (reason: string) => void,
): boolean {
  if (isVouchedFor(dsn, env)) return true
  if (isStored(file.base, fields, env, onIgnored)) return true
  // A linked worktree of one's own, of a checkout that others may write to, says the same.
  return others === undefined && isStored(file.base, { ...fields, ...OTHERS }, env)
}

/**
 * Whether `PRESENCE_TRUST` names a board's host.
 *
 * @throws PresenceError `invalid_config`, as `isTrusted`
 */
export function isVouchedFor(dsn: Dsn | undefined, env: Environment): boolean {
  const hosts = trustedHosts(env)
  return dsn !== undefined && dsn.scheme !== 'sqlite' && isAmong(addressOf(dsn), hosts)
}

/**
 * Whether of a file only kinds, project and stricter modes of the guard may be read. Its roles and `strictIdentity` may not: they could
 * block this user's prompts.
 *
 * @throws PresenceError `invalid_config`, as `isTrusted`
 */
export function isUntrusted(file: ConfigFile, env: Environment): boolean {
  const needed = needsTrust(file)
  return needed !== undefined && !isTrusted(needed, env)
}

/** @throws PresenceError `untrusted` if this user must trust the file first; `invalid_config`, as `isTrusted` */
export function demandTrust(file: ConfigFile, env: Environment): void {
  const needed = needsTrust(file)
  if (needed === undefined) return
  const ignored: string[] = []
  if (isTrusted(needed, env, reason => ignored.push(reason))) return
  const changes = changesSince(needed, env, shownBoard)
  throw untrusted({ ...needed, hosts: trustedHosts(env), ignored, changes })
}

/**
 * Stores that this user trusts what a project's file says now, if it needs trust.
 *
 * @throws PresenceError `not_writable`
 */
export function trust(file: ConfigFile, env: Environment): void {
  const needed = needsTrust(file)
  if (needed) store(file.base, needed.fields, env)
}

function boardOf(dsn: Dsn | undefined, base: string): NeedsTrust['board'] {
  if (dsn === undefined) return 'none'
  if (dsn.scheme !== 'sqlite') return 'server'
  return isInside(base, dsn.file) ? 'inside' : 'outside'
}

function othersOf(board: string, base: string): string | undefined {
  const why = othersHolding(board, base)
  return why && `its board is the file ${labelOf(board)}, and ${why}`
}

/**
 * The CA decides who may answer for the board's host, and a project may bring its own: another one is another
 * destination. TLS needs node:crypto anyway.
 */
function caOf(dsn: Dsn | undefined): Fields {
  const file = dsn?.scheme === 'http' ? dsn.caFile : dsn?.scheme === 'mysql' ? dsn.tls?.caFile : undefined
  if (file === undefined) return {}
  try {
    const { hash } = process.getBuiltinModule('node:crypto')
    return { ca: `sha256:${hash('sha256', readBounded(file, CA_BYTES_MAX))}` }
  } catch {
    return { ca: 'none' }
  }
}
