import { appendFileSync } from 'node:fs'
import type { FaultCode } from '@presence/core'
import type { EventName, Need, Said } from './hook.ts'

/**
 * What `presence doctor --hooks` learns from a hook that it ran: that it ran at all, and what the board
 * answered.
 */
interface Report {
  readonly event: EventName
  /** Why the board gave no answer; null if it answered, undefined if it was not asked. */
  readonly unknown?: string | null
  /** The fault's code. */
  readonly code?: FaultCode | undefined
  /** What somebody has to fix first, if the board can't be used until then. */
  readonly remedy?: string | undefined
  /** The labels that the guard would claim for the sample command; undefined if it wasn't asked. */
  readonly guarded?: readonly string[]
}

/**
 * The needs of a sample event that leave nothing behind: nothing is registered, and claims are released
 * instead of ending the session.
 */
export function harmless(needs: readonly Need[]): readonly Need[] {
  return needs.filter(need => need !== 'register').map(need => (need === 'deregister' ? 'release' : need))
}

/** @param file where the doctor waits for a line */
export function passOn(file: string, report: string): void {
  appendFileSync(file, `${report}\n`)
}

export function reportOf(event: EventName, said: Said): Report {
  const { guarded } = said
  const about = guarded === undefined ? { event } : { event, guarded }
  const asked = [said.standing, said.others, said.released].filter(heard => heard !== undefined)
  const unheard = asked.find(heard => !heard.known)
  if (asked.length === 0) return about
  if (!unheard || unheard.known) return { ...about, unknown: null }
  const { reason, code, remedy } = unheard
  return { ...about, unknown: reason, code, remedy }
}
