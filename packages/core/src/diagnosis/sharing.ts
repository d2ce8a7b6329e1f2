import { oneLine } from '../domain/text.ts'
import { type Finding, note, ok } from './finding.ts'

/** The task tracker's database, as its own tools and the first presence tool name it. */
const TRACKER = 'beads'
const SHOWN_MAX = 3

/** Is the board alone in its database? @param tables all of them, the board's own included */
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
