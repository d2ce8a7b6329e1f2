import type { BoardVersions } from '@presence/core'
import { MIGRATE_NEWER, type SchemaProgress, UPGRADE } from '@presence/core/internal'
import { broken, type Finding, ok } from '../finding.ts'

const MIGRATE = 'run: presence migrate'

/**
 * Rates the board's schema against this presence.
 *
 * @param hasClaims true if the claims table exists, with or without a record of its migration
 */
export function judgeSchema(
  { present, pending, unknown, missing, ...versions }: SchemaProgress,
  hasClaims: boolean,
): Finding {
  const { oldestClient, clientVersion } = versions
  if (oldestClient > clientVersion)
    return broken(
      'schema',
      `newer than this presence, which lacks ${unknown.join(', ')}: ${shown(versions)}`,
      UPGRADE,
      'schema_newer',
    )
  if (missing.length > 0)
    return broken(
      'schema',
      `lacks ${missing.join(' and ')}, which this board had: dropped by somebody`,
      unknown.length > 0 ? MIGRATE_NEWER : MIGRATE,
      'schema_missing',
    )
  if (pending.length === 0 && unknown.length > 0)
    return ok('schema', `newer than this presence, which may continue to use it: ${shown(versions)}`)
  if (pending.length === 0) return ok('schema', `up to date at ${present.at(-1)}: ${shown(versions)}`)
  if (present.length > 0)
    return broken(
      'schema',
      `older than this presence: the board lacks ${pending.join(', ')}: ${shown(versions)}`,
      MIGRATE,
      'schema_older',
    )
  return hasClaims
    ? broken(
        'schema',
        'only the claims table of an older tool, which presence migrate adopts',
        MIGRATE,
        'schema_older',
      )
    : broken('schema', 'missing: there is no board in this database', MIGRATE, 'schema_missing')
}

function shown({ version, oldestClient, clientVersion }: BoardVersions): string {
  return `version ${version}, for clients from version ${oldestClient}; this presence has ${clientVersion}`
}
