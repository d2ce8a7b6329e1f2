import { z } from '@hono/zod-openapi'
import type { Claim, Refusal } from '@presence/core'
import type { Context } from 'hono'
import { ErrorBody, refuse } from '../faults.ts'
import { holderJson } from './lock-json.ts'

type HeldBy = Extract<Refusal, { holders: readonly Claim[] }>

/**
 * Answers 409 `held` with the holders of a label. If one is idle (`stale`), the remedy says how to take its
 * lock away.
 */
export function conflict(c: Context, { message, holders, asOf, ...more }: Omit<HeldBy, 'code' | 'remedy'>) {
  const found = holders.map(claim => holderJson(claim, asOf))
  const stale = found.find(holder => holder.stale)
  const [first] = found
  const remedy = stale
    ? `the lock is idle: check what it was for, then DELETE /api/coord/locks/${stale.lock_id} with session_id, force=true and a reason`
    : first
      ? `ask ${first.session_id}, or try again once it is released`
      : 'try again later'
  const detail = first ? `${message}: ${first.description}` : message
  const waiting = 'waiting' in more ? (more.waiting ?? 0) : 0
  return c.json({ detail, error: { code: 'held', message, remedy }, holders: found, waiting }, 409)
}

/**
 * A refused status change of a workflow or an item. The additional fields describe the allowed moves.
 */
export const NotMoved = ErrorBody.extend({
  status: z.string().optional().openapi({ description: 'The current status' }),
  moved_by: z.string().optional().openapi({ description: 'The session that set this status' }),
  allowed: z.array(z.string()).optional().openapi({ description: 'The statuses that may follow' }),
}).openapi('CoordNotMoved')

/**
 * Refusals that depend on the board's state, not on the request's form. Their status is 409, because the same
 * request may succeed later.
 */
const FOR_WHAT_THERE_IS: ReadonlySet<Refusal['code']> = new Set(['id_taken', 'not_moved'])

/** Answers with the board's refusal and its HTTP status: 404, 409 or 422. */
export function refused(c: Context, { code, message, remedy }: Refusal) {
  if (code === 'not_found') return refuse(c, 404, code, message, 'look up the id in its list')
  return refuse(c, FOR_WHAT_THERE_IS.has(code) ? 409 : 422, code, message, remedy)
}

/**
 * Answers a refused change.
 * For `not_moved` it adds the present status, who set it, and the allowed next ones.
 */
export function notChanged(c: Context, refusal: Refusal) {
  if (refusal.code !== 'not_moved') return refused(c, refusal)
  const { code, message, from, by, allowed } = refusal
  const remedy =
    allowed.length > 0
      ? `from ${from} it can only move to ${allowed.join(', ')}`
      : 'it has ended; to continue it, send "reopen": true'
  const error = { code, message, remedy }
  return c.json({ detail: message, error, status: from, moved_by: by, allowed: [...allowed] }, 409)
}
