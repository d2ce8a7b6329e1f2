import type { HookEvent } from '../hook.ts'

/**
 * A session ends: its claims are released, or their release is queued. After `/clear` the same process
 * continues under another id and keeps its claims.
 */
export const sessionEnd: HookEvent = {
  needs: ({ because }) => (because === 'clear' ? [] : ['deregister']),
  answer: () => ({}),
}

/**
 * A turn ends. Agents call this only if the hooks were installed with `--release-on-stop`. The session's
 * claims are released, and the session continues.
 */
export const stop: HookEvent = { needs: () => ['release'], answer: () => ({}) }
