import type { HookEvent } from '../hook.ts'

/**
 * A session ends: its claims are released, or queued to be. After `/clear` the same process goes on under another id, and
 * its claims with it.
 */
export const sessionEnd: HookEvent = {
  needs: ({ because }) => (because === 'clear' ? [] : ['deregister']),
  answer: () => ({}),
}

/** A turn ends, by option: what is held is released, and the session goes on. */
export const stop: HookEvent = { needs: () => ['release'], answer: () => ({}) }
