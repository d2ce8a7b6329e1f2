import { oneLine, type Replayed } from '@presence/core'

/** Why operations are kept back. */
export const WITHHELD =
  'the server lets no token of this session say them; they wait a week for a session that has one'

/** What became of a queue, a line each; nothing when there was none. */
export function replayNotes({ done, dropped, damaged, left, withheld = 0 }: Replayed): readonly string[] {
  return [
    ...(done > 0 ? [`delivered ${operations(done)} from while the board could not be reached`] : []),
    ...dropped.map(
      ({ label, sessionId, saidAt, heldBy }) =>
        `the claim of ${oneLine(sessionId)} on ${oneLine(label)}, said at ${saidAt.toISOString()}, ${
          heldBy === undefined ? 'had expired' : `met the exclusive one of ${oneLine(heldBy)}`
        } and was dropped`,
    ),
    ...(damaged.length > 0
      ? [
          `set aside ${damaged.length} damaged line${damaged.length === 1 ? '' : 's'} of the queue: ${shown(damaged)}`,
        ]
      : []),
    ...(left > 0 ? [`${operations(left)} still queued`] : []),
    ...(withheld > 0 ? [`${operations(withheld)} kept back: ${WITHHELD}`] : []),
  ]
}

function operations(count: number): string {
  return `${count} queued operation${count === 1 ? '' : 's'}`
}

function shown(lines: readonly string[]): string {
  return lines
    .slice(0, 3)
    .map(line => JSON.stringify(oneLine(line).slice(0, 60)))
    .join(', ')
}
