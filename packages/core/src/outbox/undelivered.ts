import { PresenceError } from '../domain/fault.ts'
import { counted } from '../domain/text.ts'
import { OutboxFault } from './fault.ts'
import type { Replayed } from './replay.ts'

export function hasNews({ done, dropped, damaged }: Replayed): boolean {
  return done + dropped.length + damaged.length > 0
}

const QUEUED_FIRST = 'deliver the outbox first, then try again'

/** A fault of the outbox, which tells nothing about the board. */
export function notYet(left: number): OutboxFault {
  const message = `this was not sent yet: it waits for ${counted(left, 'queued operation')}`
  return new OutboxFault('too_slow', message, QUEUED_FIRST)
}

/**
 * The fault for a call that got no answer in time after the outbox was delivered. The board answered the
 * delivery, so it counts as slow, not as unreachable.
 */
export function tooLate(ms: number): PresenceError {
  const seconds = (ms / 1_000).toFixed(1)
  const message = `the board took longer than ${seconds} s to take what was queued and then to answer this call`
  return new PresenceError('too_slow', message, QUEUED_FIRST)
}
