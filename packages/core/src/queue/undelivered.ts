import { type FaultCode, PresenceError } from '../domain/fault.ts'
import { QueueFault } from './fault.ts'
import type { Replayed } from './replay.ts'

/**
 * With these faults a call is queued: the board did not do it, or may have done it, and a later try can succeed. The other
 * faults are for the user to fix, or are final.
 */
export const UNDELIVERED: ReadonlySet<FaultCode> = new Set<FaultCode>([
  'unreachable',
  'too_slow',
  'too_many_connections',
  'tls_failed',
  'busy',
  'unexpected',
])

export function hasNews({ done, dropped, damaged }: Replayed): boolean {
  return done + dropped.length + damaged.length > 0
}

/** A fault of the queue, and no word about the board. */
export function notYet(left: number): QueueFault {
  const message = `the board is unreachable for now: ${left} operations are to be delivered before this one`
  return new QueueFault('unreachable', message, 'run: presence sync')
}

export function tooLate(): PresenceError {
  return new PresenceError('unreachable', 'the board is unreachable: no answer in time', 'run: presence sync')
}
