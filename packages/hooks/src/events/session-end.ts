import type { HookEvent } from '../hook.ts'

/**
 * A session ends: its claims are released, or queued to be. After `/clear` the same process goes on under another id, and
 * its claims with it.
 */
export const sessionEnd: HookEvent = {
  needs: ({ because }) => (because === 'clear' ? [] : ['release']),
  answer: () => ({}),
}
