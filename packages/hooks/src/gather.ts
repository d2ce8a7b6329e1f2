import { all, type Board, PresenceError } from '@presence/core'
import { listTasks, type Tracker } from '@presence/tracker'
import type { Heard, Need, Said, Tasks } from './hook.ts'
import type { Stamp } from './session/stamp.ts'

/** Where what an event needs to know is asked. */
export interface Sources {
  readonly board: Board
  readonly stamp: Stamp
  readonly tracker: Tracker | undefined
  readonly cwd: string
  /** The heartbeat's lock is this process's already. */
  readonly taken: boolean
}

/** Asks what is needed: the board's questions one after the other, the tracker's beside them. */
export async function gather(needs: readonly Need[], sources: Sources): Promise<Said> {
  const tasks =
    needs.includes('tasks') && sources.tracker ? askTracker(sources.tracker, sources.cwd) : undefined
  const said: Said = { ...(await askBoard(needs, sources)) }
  return tasks === undefined ? said : { ...said, tasks: await tasks }
}

async function askBoard(needs: readonly Need[], sources: Sources): Promise<Said> {
  const { board, stamp } = sources
  if (needs.includes('release')) return { released: await heard(board.release(all)) }
  if (needs.includes('deregister')) return { released: await heard(board.deregister()) }
  const beats = needs.includes('heartbeat') || (needs.includes('heartbeat-if-due') && mayBeat(sources))
  const told = stamp.told()
  if (beats && needs.includes('list')) {
    const surveyed = await heard(board.survey({ register: needs.includes('register') }))
    if (!surveyed.known) return { told, standing: surveyed, others: surveyed }
    const { standing, listed } = surveyed.value
    return { told, standing: { known: true, value: standing }, others: { known: true, value: listed } }
  }
  if (beats) return { told, standing: await heard(board.heartbeat()) }
  return needs.includes('list') ? { told, others: await heard(board.list()) } : { told }
}

/**
 * Of parallel calls that find a heartbeat due, one beats: looked at again with the lock in hand, for another may have had
 * it in between.
 */
function mayBeat({ stamp, taken }: Sources): boolean {
  return (taken || (stamp.isDue(new Date()) && stamp.take())) && stamp.isDue(new Date())
}

/** Asks for both lists at once: each may take a second. */
async function askTracker(tracker: Tracker, cwd: string): Promise<Heard<Tasks>> {
  try {
    const [inProgress, open] = await Promise.all([
      listTasks(tracker, cwd, 'in_progress'),
      listTasks(tracker, cwd, 'open'),
    ])
    return { known: true, value: { inProgress, open } }
  } catch (error) {
    return unknown(new Date(), (error as Error).message)
  }
}

type Answer<T> = T extends { readonly ok: false } ? never : T

/** Unknown is never empty: an answer that didn't come says since when, and why. */
async function heard<T extends object>(asked: Promise<T>): Promise<Heard<Answer<T>>> {
  try {
    const value = await asked
    if ('refusal' in value) return unknown(new Date(), 'the board refused')
    return { known: true, value: value as Answer<T> }
  } catch (error) {
    return error instanceof PresenceError
      ? unknown(error.since, error.message)
      : unknown(new Date(), `presence failed: ${(error as Error).message}`)
  }
}

function unknown(since: Date, reason: string) {
  return { known: false, since, reason } as const
}
