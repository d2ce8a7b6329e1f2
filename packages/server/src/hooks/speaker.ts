import type { JudgedRole, Session } from '@presence/core'
import { type Moment, type Payload, validId } from '@presence/hooks'
import { Memory, type Remembered } from './memory.ts'
import type { Sender } from './sender.ts'

/** Who speaks in a hook, and what is remembered of it. */
export interface Speaker {
  /** As it stands on the board. */
  readonly session: Session
  readonly project: string | undefined
  readonly role: JudgedRole | undefined
  readonly remembered: Remembered
  /** Forgets the session. */
  readonly forget: () => void
  /** It is a doctor's sample, of which nothing stays. */
  readonly isSample: boolean
}

/**
 * The session that a hook is of: as its machine's start hook introduced it, as a header names it, or as the agent does.
 * Undefined where nobody can tell.
 */
export function speakerOf(
  { adapter, event }: Moment,
  payload: Payload,
  { sender, memory, caller }: { readonly sender: Sender; readonly memory: Memory; readonly caller: string },
): Speaker | undefined {
  const own = validId(adapter.read(payload, event).sessionId, adapter.name) ?? sender.session
  if (own === undefined) return undefined
  // What one token says of a session is nothing to another's.
  const key = `${caller} ${adapter.name} ${own}`
  const remembered = sender.isSample ? new Memory().of(key) : memory.of(key)
  // A start says anew who it is.
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
