import { oneLine, type Turn } from '@presence/core'
import type { Io } from '../io.ts'
import { cut } from './columns.ts'
import { duration } from './time.ts'

/** In a log, how often a wait is told of, in milliseconds. */
const LINE_EVERY_MS = 60_000

/** Tells how a wait stands: on a terminal as it goes on, in a log at its beginning and once a minute. */
export function tellWait(io: Io): (turn: Turn) => void {
  let toldAt = Number.NEGATIVE_INFINITY
  return turn => {
    // A line that is written over must not be folded by the terminal: some fold one that fills it.
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
