import type { Ask } from '../calls/table.ts'
import type { Looks } from '../claims/look-since.ts'
import { PresenceError } from '../domain/fault.ts'

/** Reads the board for a watch, with the call `read`. */
export function looksBy(ask: Ask): Looks {
  return {
    look: async (label, _, eventsSince, deadline) => {
      const input = { ...(label === undefined ? {} : { label }), ...(eventsSince ? { eventsSince } : {}) }
      const said = await ask('read', input, { deadline })
      if (!said.ok) throw new PresenceError('unexpected', said.refusal.message, said.refusal.remedy)
      const { asOf, claims, events, born } = said
      return { snapshot: { asOf, claims }, events, born }
    },
  }
}
