import { oneLine, type Wording } from '@presence/core/internal'
import { when } from './time.ts'

/**
 * How a terminal shows texts of other sessions: without quotes, because people can tell them from presence's
 * own words.
 */
export function wordingAt(asOf: Date): Wording {
  return { name: oneLine, label: oneLine, text: oneLine, at: time => `at ${when(time, asOf)}` }
}
