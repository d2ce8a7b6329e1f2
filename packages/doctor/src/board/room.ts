import type { Room } from '@presence/core/internal'
import { type Finding, note, ok } from '../finding.ts'

/** Above this number, pruning has fallen behind: one claim in eight prunes a hundred rows. */
const DUE_MAX = 10_000

export function judgeRoom({ rows, live, due }: Room): Finding {
  const message = `${rows} shared ${rows === 1 ? 'claim' : 'claims'}: ${live} live, ${rows - live} lapsed, ${due} of them due for pruning`
  if (due <= DUE_MAX) return ok('room', message)
  return note(
    'room',
    message,
    'no action is needed while the board is in use: about every eighth time that a session claims a label, up to 100 of these lapsed claims are deleted',
  )
}
