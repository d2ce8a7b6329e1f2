import type { Turn } from '@presence/core'
import { oneLine } from '@presence/core/internal'
import type { Io } from '../io.ts'
import { cut } from './columns.ts'
import { duration } from './time.ts'

/** In a log, how often a wait is reported, in milliseconds. */
const LINE_EVERY_MS = 60_000

/** Reports a wait: on a terminal continuously, in a log at its beginning and once a minute. */
export function tellWait(io: Io): (turn: Turn) => void {
  let toldAt = Number.NEGATIVE_INFINITY
  return turn => {
    // A terminal must not fold a line that is overwritten, and some fold a line that fills the whole width.
    if (io.watched) return io.progress(cut(`presence: ${waiting(turn)}`, io.width - 1))
    if (turn.waitedMs - toldAt < LINE_EVERY_MS) return
    toldAt = turn.waitedMs
    io.err(`presence: ${waiting(turn)}`)
  }
}

function waiting({ label, ahead, holders, fault, waitedMs }: Turn): string {
  const since = `waiting for ${oneLine(label)}, ${duration(waitedMs)}`
  if (fault) return `${since}: ${oneLine(fault.message)}`
  const first = holders[0]
  const others = holders.length > 1 ? ` and ${holders.length - 1} more` : ''
  const holder = first ? `, held by ${oneLine(first.session.id)}${others} (${oneLine(first.purpose)})` : ''
  return `${since}: ${ahead === 0 ? 'next in turn' : `${ahead} ahead`}${holder}`
}
