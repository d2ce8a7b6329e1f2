import { oneLine, type Wording } from '@presence/core/internal'
import { when } from './time.ts'

/** How a terminal shows what others wrote: without quotes, because people tell it from our words. */
export function wordingAt(asOf: Date): Wording {
  return { name: oneLine, label: oneLine, text: oneLine, time: time => when(time, asOf) }
}
