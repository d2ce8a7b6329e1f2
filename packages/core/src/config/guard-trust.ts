import { isFault } from '../domain/fault.ts'
import type { ConfigFile } from './file.ts'
import type { Environment } from './folders.ts'
import { parsedOrNot } from './shown-dsn.ts'
import { isVouchedFor, OTHERS } from './trust.ts'
import { type Fields, isStored, store } from './trusted.ts'

/**
 * Whether this user trusts what a project's config file says about the guard. It is stored apart from the board,
 * so a changed rule ends the trust in the rules, and the board stays in use. In CI and images, where nobody can be
 * asked, `PRESENCE_TRUST` with the host of the file's board is enough.
 */
export function isGuardTrusted(file: ConfigFile, env: Environment): boolean {
  if (isStored(file.base, guardFields(file), env)) return true
  const { dsn } = file.config
  try {
    return dsn !== undefined && isVouchedFor(parsedOrNot(dsn), env)
  } catch (error) {
    // The command that opens the board reports what is wrong with PRESENCE_TRUST.
    if (isFault(error)) return false
    throw error
  }
}

/**
 * Stores that this user trusts what a project's file says now about the guard.
 *
 * @throws PresenceError `not_writable`
 */
export function trustGuard(file: ConfigFile, env: Environment): void {
  store(file.base, guardFields(file), env)
}

function guardFields({ config, others }: ConfigFile): Fields {
  return { guard: config.guard ?? {}, ...(others === undefined ? {} : OTHERS) }
}
