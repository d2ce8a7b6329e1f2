import type { Turn } from '@presence/core'
import { labelOf, nameOf } from '@presence/core/internal'
import * as z from 'zod'
import type { Call } from './tool.ts'

/** The longest wait. By default clients end a call without progress after 60 s. */
export const WAIT_SECONDS_MAX = 50

export const waitSeconds = z
  .int(`send whole seconds, 0 to ${WAIT_SECONDS_MAX}`)
  .min(0, `send 0 to ${WAIT_SECONDS_MAX}`)
  .max(WAIT_SECONDS_MAX, `send at most ${WAIT_SECONDS_MAX}, and call again`)
  .optional()

/** Reports the state of a wait in the wait queue to the client. */
export function tellTurn({ progress }: Call): (turn: Turn) => void {
  return ({ label, ahead, holders, fault }) => {
    const [holder] = holders
    const held = holder ? `, held by ${nameOf(holder.session.id)}` : ''
    progress(
      `waiting for ${labelOf(label)}${held}, ${ahead} ahead${fault ? '; the board does not answer' : ''}`,
    )
  }
}
