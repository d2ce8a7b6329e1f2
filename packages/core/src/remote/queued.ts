import { PresenceError } from '../domain/fault.ts'
import type { Replays } from '../outbox/replay.ts'
import type { Looks } from '../verbs/look-since.ts'
import type { Client } from './client.ts'
import type { Ask } from './steps.ts'

/** What a watch needs, over HTTP. */
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

/**
 * What the outbox needs, over HTTP. Each entry is sent as the session that made it, because a user's sessions
 * share an outbox.
 */
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

/** The server accepts this token, but not for that session: only its own token can deliver the entry. */
function isForbidden(error: unknown): boolean {
  return error instanceof PresenceError && error.code === 'access_denied' && error.cause === 403
}
