import { oneLine } from '@presence/core/internal'
import { type Finding, note, ok } from '../finding.ts'

/**
 * The name that the task tracker's tools and the tool of the 8-column table give to the tracker's database.
 */
const TRACKER = 'beads'
const SHOWN_MAX = 3

/**
 * Reports whether the board shares its database with other tables.
 *
 * @param tables all tables, including the board's own
 */
export function judgeSharing(place: string, name: string, tables: readonly string[], own: string): Finding {
  const theirs = tables.filter(table => !table.startsWith('presence_'))
  if (theirs.length === 0 && name !== TRACKER) return ok('sharing', `the board has this ${place} to itself`)
  const shown = theirs.slice(0, SHOWN_MAX).map(oneLine).join(', ')
  const more = theirs.length > SHOWN_MAX ? ` and ${theirs.length - SHOWN_MAX} more` : ''
  return note(
    'sharing',
    theirs.length === 0
      ? `"${TRACKER}" is the task tracker's ${place}, whose tools commit, reset and check out what is in it`
      : `this ${place} is shared with other tables: ${shown}${more}`,
    own,
  )
}
