import type { Change } from '../domain/change.ts'
import { oneLine } from '../domain/text.ts'
import { claimJson, type JsonView } from './claim.ts'

/** A change as one object: event and time, plus the keys of a claim if the change is about one. */
export function changeJson(change: Change, view: JsonView = {}) {
  const { event } = change
  const at = change.at.toISOString()
  if (event === 'known')
    return { event, at, unknown_since: change.since?.toISOString() ?? null, live: change.live }
  if (event !== 'unknown') return { event, at, ...claimJson(change.claim, view) }
  const { code, message, remedy } = change.fault
  const error = { code, message: oneLine(message), remedy: oneLine(remedy) }
  return { event, at, unknown_since: change.since.toISOString(), error }
}
