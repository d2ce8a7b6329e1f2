import { type Claim, momentOf } from '../domain/claim.ts'
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

/** A row as any store gives it: times as dates or as milliseconds. Other clients may have written anything. */
export type AnyRow = { readonly [Column in keyof ClaimRow]: ClaimRow[Column] | number | null }

export function toClaim(row: AnyRow): Claim {
  return {
    label: String(row.resource_label),
    session: {
      id: String(row.session_id),
      user: String(row.user),
      host: String(row.host),
      agent: String(row.agent_name ?? ''),
    },
    purpose: String(row.purpose),
    claimedAt: momentOf(row.claimed_at ?? 0),
    expiresAt: momentOf(row.expires_at ?? 0),
    ttlSeconds: Number(row.ttl_seconds),
    lapsedAt: row.lapsed_at === null ? undefined : momentOf(row.lapsed_at),
  }
}
