import { fileNameOf } from '@presence/core'
import type { Payload } from './agents/adapter.ts'

/**
 * Copies of one hook (in a settings file and in a plugin, or in the settings of two agents) are started at once, with the
 * same payload: what comes later than this, in milliseconds, is another moment with the same words.
 */
export const AT_ONCE_MS = 2_000
/** Of a payload's texts so much tells it from others: a prompt may be megabytes long. */
const TEXT_MAX = 1_000

/** A short name of what happened: brackets make it no plain name, so it is a hash. */
export function momentOf(event: string, payload: Payload): string {
  const texts = Object.entries(payload).map(([key, value]) => [
    key,
    (JSON.stringify(value) ?? '').slice(0, TEXT_MAX),
  ])
  return fileNameOf(JSON.stringify([event, texts.sort()]))
}
