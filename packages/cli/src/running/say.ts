import { PresenceError } from '@presence/core'
import { oneLine } from '@presence/core/internal'
import type { Io } from '../io.ts'

/** Prints one of presence's own lines on standard error. */
export type Say = (text: string) => void

export function sayOn(io: Io): Say {
  return text => io.err(`presence: ${text}`)
}

/** The error's message, on one line. */
export function messageOf(error: unknown): string {
  return oneLine(error instanceof Error ? error.message : String(error))
}

export function isQueued(error: unknown): boolean {
  return error instanceof PresenceError && error.queued
}
