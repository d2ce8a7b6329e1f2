import { PresenceError } from '@presence/core'

/**
 * The fault for an error that stopped a change half-way.
 *
 * @param also what the message says besides: what was done before it, or what is left
 * @param more what the user can do besides the remedy
 */
export function faultOf(error: unknown, also: string, more = ''): PresenceError {
  const { code, message, remedy } =
    error instanceof PresenceError
      ? error
      : { code: 'unexpected' as const, message: (error as Error).message, remedy: 'run it again' }
  return new PresenceError(code, message + also, remedy + more, { cause: error })
}
