import type { ClaimRow } from './mysql/schema.ts'

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
