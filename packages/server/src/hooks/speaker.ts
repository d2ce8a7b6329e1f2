import type { Session } from '@presence/core'
import type { JudgedRole } from '@presence/core/internal'
import { type Moment, type Payload, validId } from '@presence/hooks'
import { Memory, type Remembered } from './memory.ts'
import type { Sender } from './sender.ts'

/** The session that a hook speaks for, and what is remembered about it. */
export interface Speaker {
  /** The session as the board shows it. */
  readonly session: Session
  readonly project: string | undefined
  readonly role: JudgedRole | undefined
  readonly remembered: Remembered
  /** Removes the session from memory. */
  readonly forget: () => void
  /** Whether this is a sample call of `presence doctor`, which leaves nothing behind. */
  readonly isSample: boolean
}

/**
 * The session of a hook: as its start hook introduced it, else as a header names it, else as the agent's
 * payload does. Undefined if none of them names it.
 */
export function speakerOf(
  { adapter, event }: Moment,
  payload: Payload,
  { sender, memory, caller }: { readonly sender: Sender; readonly memory: Memory; readonly caller: string },
): Speaker | undefined {
  const own = validId(adapter.read(payload, event).sessionId, adapter.name) ?? sender.session
  if (own === undefined) return undefined
  // Memory is separate per token: one caller must not affect what is remembered for another.
  const key = `${caller} ${adapter.name} ${own}`
  const remembered = sender.isSample ? new Memory().of(key) : memory.of(key)
  // A SessionStart hook introduces the session again, so the stored introduction doesn't apply.
  const introduction = event === 'SessionStart' ? undefined : remembered.introduction
  const known = introduction?.session
  return {
    session: {
      id: known?.id ?? sender.session ?? own,
      user: known?.user ?? sender.user ?? 'unknown',
      host: known?.host ?? sender.host ?? 'unknown',
      agent: adapter.name,
      place: { ...known?.place, ...sender.place },
    },
    project: introduction?.project ?? sender.project,
    role: introduction?.role ?? sender.role,
    remembered,
    forget: () => memory.forget(key),
    isSample: sender.isSample,
  }
}
