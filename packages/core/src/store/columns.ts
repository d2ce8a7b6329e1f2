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
    resource_label: label.text,
    purpose,
    host: session.host,
    user: session.user,
    agent_name: session.agent,
    ttl_seconds: ttlSeconds,
  }
}
