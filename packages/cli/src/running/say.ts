import { oneLine, PresenceError } from '@presence/core'
import type { Io } from '../io.ts'

/** Prints a line of presence's own, on standard error. */
export type Say = (text: string) => void

export function sayOn(io: Io): Say {
  return text => io.err(`presence: ${text}`)
}

/** What went wrong, on one line. */
export function messageOf(error: unknown): string {
  return oneLine(error instanceof Error ? error.message : String(error))
}

export function isQueued(error: unknown): boolean {
  return error instanceof PresenceError && error.queued
}
