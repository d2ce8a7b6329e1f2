import { oneLine } from '@presence/core'
import type { CoordReplayed, NotTaken } from '@presence/server'

/** How many characters of a line are shown: enough to see which call it was. */
const SHOWN = 120

/** The result of delivering a project's queue of the coordination API, one line per fact. */
export function coordNotes({ done, refused, damaged, left, reason }: CoordReplayed): readonly string[] {
  return [
    ...(done > 0 ? [`made ${calls(done)} of .claude/coord-queue.jsonl`] : []),
    ...refused.map(each => `the board refuses ${shown(each)}`),
    ...damaged.map(each => `can not read ${shown(each)}`),
    ...(refused.length + damaged.length > 0
      ? ['calls that were not taken are in .claude/coord-queue.aside.jsonl, and are not tried again']
      : []),
    ...(left > 0
      ? [
          `${calls(left)} of .claude/coord-queue.jsonl still to be made: ${reason === undefined ? 'the board gives no answer' : oneLine(reason).slice(0, 2 * SHOWN)}`,
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
    left_because: left > 0 ? (reason ?? 'the board gives no answer') : null,
  }
}

function calls(count: number): string {
  return `${count} call${count === 1 ? '' : 's'}`
}

function shown({ line, reason }: NotTaken): string {
  return `${JSON.stringify(oneLine(line).slice(0, SHOWN))}: ${oneLine(reason).slice(0, 2 * SHOWN)}`
}
