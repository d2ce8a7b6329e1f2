import { type FaultCode, PresenceError } from '../domain/fault.ts'
import { counted } from '../domain/text.ts'
import { OutboxFault } from './fault.ts'
import type { Replayed } from './replay.ts'

/**
 * With these faults a call goes to the outbox: the board didn't do it, or may have done it, and a later try
 * can succeed. Other faults are for the user to fix, or are final.
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

/** A fault of the outbox, which tells nothing about the board. */
export function notYet(left: number): OutboxFault {
  const message = `this was not sent yet: it waits for ${counted(left, 'queued operation')}`
  return new OutboxFault('too_slow', message, 'run: presence sync')
}

/**
 * The fault for a call that got no answer in time after the outbox was delivered. The board answered the
 * delivery, so it counts as slow, not as unreachable.
 */
export function tooLate(ms: number): PresenceError {
  const seconds = (ms / 1_000).toFixed(1)
  const message = `the board took longer than ${seconds} s to take what was queued and then to answer this call`
  return new PresenceError('too_slow', message, 'run: presence sync')
}
