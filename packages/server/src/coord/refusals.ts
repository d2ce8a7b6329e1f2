import type { Claim, Refusal } from '@presence/core'
import type { Context } from 'hono'
import { refuse } from '../faults.ts'
import { holderJson } from './lock-json.ts'

/** Who is on a label, as an answer to whoever wants it. A claim that was abandoned can be taken away. */
export function conflict(
  c: Context,
  {
    message,
    holders,
    asOf,
    waiting = 0,
  }: Extract<Refusal, { holders: readonly Claim[] }> & { waiting?: number },
) {
  const found = holders.map(claim => holderJson(claim, asOf))
  const stale = found.find(holder => holder.stale)
  const [first] = found
  const remedy = stale
    ? `it is stale: look after what it was about, then DELETE /api/coord/locks/${stale.lock_id} with session_id, force=true and a reason`
    : first
      ? `ask ${first.session_id}, or try again once it is released`
      : 'try again once they are done'
  const detail = first ? `${message}: ${first.description}` : message
  return c.json({ detail, error: { code: 'held', message, remedy }, holders: found, waiting }, 409)
}

/** Input that the board doesn't take, for its reason. */
export function invalid(c: Context, { code, message, remedy }: Refusal) {
  return refuse(c, 422, code, message, remedy)
}
