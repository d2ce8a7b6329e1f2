import type { ClaimInput } from '../claims/claim.ts'
import { type OnLabel, ownClaimIn } from '../claims/context.ts'
import type { TakeBackInput } from '../claims/take-back.ts'
import type { SetComponentOptions } from '../coordination/component-group.ts'
import type { SendOptions } from '../coordination/message-group.ts'
import { ownWork } from '../deadline.ts'
import { parseLabel } from '../domain/label.ts'
import { newKey } from '../domain/write-key.ts'
import type { Author, Entry } from './call.ts'

// The entries that the outbox stores for calls that can wait there. Bad input is refused with or without a
// server and never goes to the outbox.

/**
 * The entry has the same write key as the call. So the claim can be taken back by that key, no matter whether
 * the call or the entry wrote it.
 */
export function claimEntry({ writeKey = newKey(), ...input }: ClaimInput, author: Author): Entry {
  const own = ownClaimIn(author, input)
  if (!own.ok) return undefined
  const { label, purpose, ttlSeconds } = own.value
  return { verb: 'claim', label, purpose, ttlSeconds, writeKey }
}

export function takeBackEntry({ label: text, writeKey }: TakeBackInput, { kinds }: Author): Entry {
  const label = parseLabel(text, kinds)
  return label.ok ? { verb: 'release', label: label.value.text, writeKey } : undefined
}

export function releaseEntry({ label: text }: OnLabel, { kinds }: Author): Entry {
  const label = parseLabel(text, kinds)
  return label.ok ? { verb: 'release', label: label.value.text } : undefined
}

export const releaseAllEntry = (): Entry => ({ verb: 'release' })

export const heartbeatEntry = (): Entry => ({ verb: 'heartbeat' })

export async function messageEntry(options: SendOptions, { session }: Author): Promise<Entry> {
  const { checkMessage } = await ownWork(() => import('../coordination/messages.ts'))
  const checked = checkMessage(options, session.id)
  if (!checked.ok) return undefined
  const { id, to, project, kind, subject, body } = checked.value
  const about = { ...(to === undefined ? {} : { to }), ...(project === undefined ? {} : { project }) }
  return { verb: 'message', id, ...about, kind, subject, body }
}

export async function stateEntry(options: SetComponentOptions, { session }: Author): Promise<Entry> {
  const { checkState } = await ownWork(() => import('../coordination/components.ts'))
  const checked = checkState(options, session.id)
  if (!checked.ok) return undefined
  const { id, project, component, state, version, notes } = checked.value
  const more = {
    ...(version === undefined ? {} : { version }),
    ...(notes === undefined ? {} : { notes }),
  }
  return { verb: 'component', id, project, component, state, ...more }
}
