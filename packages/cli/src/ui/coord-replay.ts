import { oneLine } from '@presence/core/internal'
import type { CoordReplayed, NotTaken } from '@presence/server'

/** How many characters of a line are shown: enough to see which call it was. */
const SHOWN = 120

/** The result of delivering a project's outbox of the coordination API, one line per fact. */
export function coordNotes({ done, refused, damaged, left, reason }: CoordReplayed): readonly string[] {
  return [
    ...(done > 0 ? [`delivered ${calls(done)} from .claude/coord-queue.jsonl`] : []),
    ...refused.map(each => `the board refuses ${shown(each)}`),
    ...damaged.map(each => `can't read ${shown(each)}`),
    ...(refused.length + damaged.length > 0
      ? [
          'refused and unreadable calls are now dead letters in .claude/coord-queue.aside.jsonl, and are not tried again',
        ]
      : []),
    ...(left > 0
      ? [
          `${calls(left)} still queued in .claude/coord-queue.jsonl: ${reason === undefined ? 'the board does not answer' : oneLine(reason).slice(0, 2 * SHOWN)}`,
        ]
      : []),
  ]
}

export function coordJson({ done, refused, damaged, left, reason }: CoordReplayed) {
  return {
    delivered: done,
    refused,
    damaged,
    left,
    left_because: left > 0 ? (reason ?? 'the board does not answer') : null,
  }
}

function calls(count: number): string {
  return `${count} call${count === 1 ? '' : 's'}`
}

function shown({ line, reason }: NotTaken): string {
  return `${JSON.stringify(oneLine(line).slice(0, SHOWN))}: ${oneLine(reason).slice(0, 2 * SHOWN)}`
}
