import { fileNameOf } from '@presence/core/internal'
import type { Payload } from './agents/adapter.ts'

/**
 * Copies of one hook (in a settings file and in a plugin, or in the settings of two agents) start at the same
 * time with the same payload. A payload that comes more than this later, in milliseconds, is another event
 * with the same text.
 */
export const AT_ONCE_MS = 2_000
/** How much of each text in a payload is compared, in characters: a prompt may be megabytes long. */
const TEXT_MAX = 1_000

/**
 * A short name of an event, as a hash. `fileNameOf` hashes every text that is not a plain name, and this JSON
 * text never is a plain name, because it has brackets.
 */
export function momentOf(event: string, payload: Payload): string {
  const texts = Object.entries(payload).map(([key, value]) => [
    key,
    (typeof value === 'string' ? value : (JSON.stringify(value) ?? '')).slice(0, TEXT_MAX),
  ])
  return fileNameOf(JSON.stringify([event, texts.sort()]))
}
