import type { OpenOptions } from '@presence/core'
import { oneLine } from '@presence/core/internal'
import type { Globals } from './globals.ts'
import type { Io } from './io.ts'
import { replayNotes } from './ui/replay.ts'

/**
 * How long a call may wait for the board, in milliseconds. With start-up, pruning and exit, an answer comes
 * within 3 s (G7).
 */
const CALL_MS = 2_200

export function callMs(): number {
  return CALL_MS
}

/**
 * With `--strict`, a call that can't be delivered is an error and is not queued. The outbox is still
 * delivered first.
 */
export function queueFor({ strict }: Globals): boolean | 'deliver' {
  return strict ? 'deliver' : true
}

/**
 * The options that say which board and which session, and how the result of a replay is printed.
 *
 * @param say prints a line on standard error
 */
export function openOptions(globals: Globals, io: Io, say: (line: string) => void = io.err): OpenOptions {
  return {
    ...boardOptions(globals, io),
    outbox: queueFor(globals),
    onReplay: replayed => {
      for (const note of replayNotes(replayed)) say(`presence: note: ${note}`)
    },
    onTrouble: fault => {
      say(`presence: note: ${oneLine(fault.message)}`)
      say(`presence: hint: ${oneLine(fault.remedy)}`)
    },
  }
}

/** The options that say which board and which session. */
export function boardOptions({ dsn, session }: Globals, io: Io): OpenOptions {
  return {
    env: io.env,
    cwd: io.cwd,
    ...(dsn === undefined ? {} : { dsn }),
    ...(session === undefined ? {} : { session }),
  }
}
