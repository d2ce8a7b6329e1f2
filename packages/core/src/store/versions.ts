import { PresenceError } from '../domain/fault.ts'
import type { StoredVersions } from './migration.ts'

const MIGRATE = 'run: presence migrate'

/** The remedy for a client that is too old for a board. */
export const UPGRADE = 'upgrade presence'

/** The remedy for a board that lacks a table and has steps of a newer presence. */
export const MIGRATE_NEWER =
  'run presence migrate with a version of presence that is at least as new as the board'

/**
 * Why a client may not use a board; undefined if it may. @param board the board's name, as the start of a
 * sentence
 */
export function unusable(
  board: string,
  { version, oldestClient }: StoredVersions,
  client: number,
): PresenceError | undefined {
  if (version < 0) return new PresenceError('schema_missing', `${board} has no schema yet`, MIGRATE)
  if (version < client)
    return new PresenceError(
      'schema_older',
      `${board} has schema version ${version}; this presence needs ${client}`,
      MIGRATE,
    )
  if (oldestClient > client)
    return new PresenceError(
      'schema_newer',
      `${board} has schema version ${version}, for clients of version ${oldestClient} or newer; this presence has ${client}`,
      UPGRADE,
    )
  return undefined
}

/**
 * Why a client may not migrate a board that a newer presence has migrated; undefined if it may. It has
 * nothing to apply there, and it can't recreate missing tables as the newer steps left them.
 *
 * @param unknown the board's steps that the client lacks
 * @param missing tables and steps that the client would have to add
 */
export function unmigratable(
  board: string,
  oldestClient: number,
  { unknown, missing }: { readonly unknown: readonly string[]; readonly missing: readonly string[] },
  client: number,
): PresenceError | undefined {
  if (unknown.length === 0) return undefined
  const has = `${board} has steps that this presence lacks (${unknown.join(', ')})`
  if (oldestClient > client)
    return new PresenceError(
      'schema_newer',
      `${has} and is for clients of version ${oldestClient} or newer; this presence has ${client}`,
      UPGRADE,
    )
  if (missing.length === 0) return undefined
  return new PresenceError(
    'schema_newer',
    `${has}, and ${missing.join(', ')} is missing: only a newer presence can make it`,
    MIGRATE_NEWER,
  )
}
