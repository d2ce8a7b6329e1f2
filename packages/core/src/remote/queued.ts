import { PresenceError } from '../domain/fault.ts'
import type { Refusal } from '../domain/refusal.ts'
import type { Replays } from '../queue/replay.ts'
import type { Store } from '../store/port.ts'
import type { Client } from './client.ts'
import type { Ask } from './steps.ts'

/** What a watch asks, over HTTP. */
export function readsOver(ask: Ask): Pick<Store, 'read'> {
  return {
    read: async (scope, sessionId, deadline) => {
      const asked = 'mine' in scope ? { of: sessionId } : 'label' in scope ? { label: scope.label } : {}
      const said = await ask('read', asked, deadline)
      if (said.ok) return said
      throw new PresenceError('unexpected', said.refusal.message, said.refusal.remedy)
    },
  }
}

/** What a queue asks, over HTTP: each operation as the session that said it, for a user's sessions share a queue. */
export function replaysOver(ask: Ask, client: Client): Replays {
  return {
    now: async deadline => (await ask('now', {}, deadline)).now,
    replay: async ({ at, session, ...operation }, saidAt, deadline) => {
      try {
        const said = await client.ask('replay', session, { ...operation, saidAt }, deadline)
        if (said.ok) return said
        throw setAside(said.refusal)
      } catch (error) {
        throw isForbidden(error) ? setAside(error) : error
      }
    },
  }
}

/** The server lets this token speak, and not as that session. */
function isForbidden(error: unknown): error is PresenceError {
  return error instanceof PresenceError && error.code === 'access_denied' && error.cause === 403
}

/** What the board refuses, or another token would have to say, must not stand in the way of what this one may. */
function setAside({ message, remedy }: PresenceError | Refusal): PresenceError {
  return new PresenceError('unexpected', message, remedy)
}
