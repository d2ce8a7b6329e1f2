import { labelOf, nameOf, type Turn } from '@presence/core'
import * as z from 'zod/v4'
import type { Call } from './tool.ts'

/** Clients end a call that they hear nothing of after 60 s, unless told otherwise. */
export const WAIT_SECONDS_MAX = 50

export const waitSeconds = z
  .int(`send whole seconds, 0 to ${WAIT_SECONDS_MAX}`)
  .min(0, `send 0 to ${WAIT_SECONDS_MAX}`)
  .max(WAIT_SECONDS_MAX, `send at most ${WAIT_SECONDS_MAX}, and call again`)
  .optional()

/** Tells the client how a wait in turn stands. */
export function tellTurn({ progress }: Call): (turn: Turn) => void {
  return ({ label, ahead, holders, fault }) => {
    const [holder] = holders
    const held = holder ? `, held by ${nameOf(holder.session.id)}` : ''
    progress(
      `waiting for ${labelOf(label)}${held}, ${ahead} ahead${fault ? '; the board gives no answer' : ''}`,
    )
  }
}
