import type { Replayed } from '@presence/core'
import { counted, isObject, moment, objectIn, oneLine } from '@presence/core/internal'

/** Why operations stay in the outbox. */
export const WITHHELD =
  "the server accepts them only with a token that this session doesn't have; they wait a week for a session that has it"

/** How many dead letters are named. */
const SHOWN_MAX = 3
const KEPT = 'dead letters are kept'
const RETRY = `${KEPT}; to try them again, run: presence sync --retry-dead-letters`

/**
 * The result of a replay, one line per fact; empty if the outbox was empty.
 *
 * @param retried the dead letters were tried again just now
 */
export function replayNotes(
  { done, dropped, damaged, reasons = [], left, withheld = 0 }: Replayed,
  retried = false,
): readonly string[] {
  return [
    ...(done > 0 ? [`delivered ${operations(done)}, made while the board could not be reached`] : []),
    ...dropped.map(
      ({ label, sessionId, saidAt, heldBy }) =>
        `the claim of ${oneLine(sessionId)} on ${oneLine(label)}, made at ${moment(saidAt)}, was dropped, because it ${
          heldBy === undefined ? 'had expired' : `conflicts with the exclusive claim of ${oneLine(heldBy)}`
        }`,
    ),
    ...damaged
      .slice(0, SHOWN_MAX)
      .map((line, at) => `dead letter: ${nameOf(line)}: ${oneLine(reasons[at] ?? 'the board refuses it')}`),
    ...(damaged.length > SHOWN_MAX ? [`and ${counted(damaged.length - SHOWN_MAX, 'more dead letter')}`] : []),
    ...(damaged.length > 0 ? [retried ? KEPT : RETRY] : []),
    ...(left > 0 ? [`${operations(left)} still queued`] : []),
    ...(withheld > 0 ? [`${operations(withheld)} kept back: ${WITHHELD}`] : []),
  ]
}

function operations(count: number): string {
  return counted(count, 'queued operation')
}

/** A description of a dead letter, as far as it can be read. */
function nameOf(line: string): string {
  const { verb, label, session } = objectIn(line) ?? {}
  if (typeof verb !== 'string') return `a line of the outbox, ${JSON.stringify(oneLine(line).slice(0, 60))}`
  const on = typeof label === 'string' ? ` on ${oneLine(label)}` : ''
  const { id } = isObject(session) ? session : {}
  const by = typeof id === 'string' ? ` by ${oneLine(id)}` : ''
  return `the queued ${oneLine(verb).slice(0, 60)}${on}${by}`
}
