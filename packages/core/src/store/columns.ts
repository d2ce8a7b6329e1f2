import type { QueuedOperation } from '../domain/operation.ts'
import type { ClaimRow } from './mysql/schema.ts'
import type { OwnClaim } from './port.ts'

/** The claim table's columns, as every dialect has them and every read gives them. */
export const CLAIM_COLUMNS = [
  'session_id',
  'resource_label',
  'purpose',
  'claimed_at',
  'expires_at',
  'host',
  'user',
  'agent_name',
  'ttl_seconds',
  'lapsed_at',
] as const satisfies readonly (keyof ClaimRow)[]

/** What a session puts on the board, by column. Its times are the database's to give. */
export function columnsOfOwn({ session, label, purpose, ttlSeconds }: OwnClaim) {
  return {
    session_id: session.id,
    resource_label: label,
    purpose,
    host: session.host,
    user: session.user,
    agent_name: session.agent,
    ttl_seconds: ttlSeconds,
  }
}

/** What a queued operation says, by column. */
export function columnsOfQueued(operation: QueuedOperation) {
  const { session } = operation
  if (operation.verb === 'claim') return columnsOfOwn(operation)
  const label = operation.verb === 'release' ? operation.label : undefined
  return { session_id: session.id, ...(label === undefined ? {} : { resource_label: label }) }
}
