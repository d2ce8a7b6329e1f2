import { PresenceError } from '../domain/fault.ts'
import type { Replays } from '../queue/replay.ts'
import type { Looks } from '../verbs/look-since.ts'
import type { Client } from './client.ts'
import type { Ask } from './steps.ts'

/** What a watch asks, over HTTP. */
export function looksOver(ask: Ask): Looks {
  return {
    look: async (label, _, eventsSince, deadline) => {
      const asked = { ...(label === undefined ? {} : { label }), ...(eventsSince ? { eventsSince } : {}) }
      const said = await ask('read', asked, deadline)
      if (!said.ok) throw new PresenceError('unexpected', said.refusal.message, said.refusal.remedy)
      const { asOf, claims, events, born } = said
      return { snapshot: { asOf, claims }, events, born }
    },
  }
}

/** What a queue asks, over HTTP: each operation as the session that said it, for a user's sessions share a queue. */
export function replaysOver(ask: Ask, client: Client): Replays {
  return {
    now: async deadline => (await ask('now', {}, deadline)).now,
    replay: async ({ at, session, ...operation }, saidAt, deadline) => {
      try {
        return await client.ask('replay', session, { ...operation, saidAt }, deadline)
      } catch (error) {
        if (isForbidden(error)) return 'withheld'
        throw error
      }
    },
  }
}

/** The server lets this token speak, and not as that session: what it said is its own token's to say. */
function isForbidden(error: unknown): boolean {
  return error instanceof PresenceError && error.code === 'access_denied' && error.cause === 403
}
