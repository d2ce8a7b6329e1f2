import type { SchemaProgress } from '../store/probe.ts'
import { broken, type Finding, ok } from './finding.ts'

const MIGRATE = 'run: presence migrate'

/** @param hasClaims does the claims table exist, with or without a note of how it was made? */
export function judgeSchema(
  { present, pending, unknown, missing }: SchemaProgress,
  hasClaims: boolean,
): Finding {
  if (unknown.length > 0)
    return broken(
      'schema',
      `newer than this presence, which lacks ${unknown.join(', ')}`,
      'install a newer presence',
    )
  if (missing.length > 0)
    return broken(
      'schema',
      `lacks ${missing.join(' and ')}, which this board had: dropped by somebody`,
      MIGRATE,
    )
  if (pending.length === 0) return ok('schema', `up to date at ${present.at(-1)}`)
  if (present.length > 0)
    return broken('schema', `older than this presence: the board lacks ${pending.join(', ')}`, MIGRATE)
  return hasClaims
    ? broken('schema', 'the claims table of the first tool of this kind, which was not adopted yet', MIGRATE)
    : broken('schema', 'missing: there is no board in this database', MIGRATE)
}
