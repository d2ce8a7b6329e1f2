import { moment, plain } from '@presence/core/internal'
import type { Unknown } from '../hook.ts'

/** The most characters of a fault, and of what fixes it. It may contain two paths. */
const FIX_MAX = 600

/**
 * Says since when the board has been unknown, and how to ask again. If somebody has to fix something first, says what.
 */
export function unknownBlock({ since, reason, remedy }: Omit<Unknown, 'known'>): readonly string[] {
  const begun = `what others are changing has been unknown since ${moment(since)}`
  if (remedy === undefined)
    return [`Presence board: ${begun} (${plain(reason)}). To ask again, run \`presence list\`.`]
  return [
    `Presence board: it can't be used here until this is fixed: ${plain(reason, FIX_MAX)}. To fix it: ${plain(remedy, FIX_MAX)}. Until then this session can't claim anything, and ${begun}.`,
  ]
}
