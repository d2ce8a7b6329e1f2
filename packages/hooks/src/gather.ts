import { all, type Board, PresenceError } from '@presence/core'
import { MESSAGES_ASKED, shownEnough } from './context/messages.ts'
import type { EventName, Heard, Need, Said, Tasks } from './hook.ts'
import type { Stamp } from './host.ts'

/** How many of the latest claims are read. 20 are shown, those of the same repository first. */
const LATEST = 200

/** The sources of everything that an event needs. */
export interface Sources {
  readonly event: EventName
  readonly board: Board
  readonly stamp: Stamp
  /** The pending answer of the tracker; undefined if there is no tracker. */
  readonly tasks: Promise<Tasks> | undefined
  /** Returns the key of the project. Called only if messages are needed. */
  readonly project: () => Promise<string | undefined>
  /** Why something failed, in words for the agent. */
  readonly explain: (error: unknown) => string
}

/**
 * Asks for everything that an event needs: the board one question after the other, and the tracker at the
 * same time.
 */
export async function gather(needs: readonly Need[], sources: Sources): Promise<Said> {
  const tasks = sources.tasks && heardOfTasks(sources.tasks)
  const asked = await askBoard(needs, sources)
  const said = needs.includes('unread') ? { ...asked, ...(await askMessages(asked, sources)) } : asked
  return tasks === undefined ? said : { ...said, tasks: await tasks }
}

async function askBoard(needs: readonly Need[], sources: Sources): Promise<Said> {
  const { board, stamp, explain } = sources
  const heard = <T extends object>(asked: Promise<T>) => heardOf(asked, explain)
  if (needs.includes('release')) return { released: await heard(board.release(all)) }
  if (needs.includes('deregister')) return { released: await heard(board.deregister()) }
  const beats = needs.includes('heartbeat') || (needs.includes('heartbeat-if-due') && mayBeat(stamp))
  const told = stamp.told()
  if (beats && needs.includes('list')) {
    const answer = await heard(board.heartbeatAndList({ register: needs.includes('register') }))
    if (!answer.known) return { told, standing: answer, others: answer }
    const { view, listed } = answer.value
    return { told, standing: { known: true, value: view }, others: { known: true, value: listed } }
  }
  if (beats) return { told, standing: await heard(board.heartbeat()) }
  return needs.includes('list') ? { told, others: await heard(board.list({ latest: LATEST })) } : { told }
}

/**
 * Uses the connection of the earlier questions. If they got no answer, it doesn't ask: the agent is told
 * about that already.
 */
async function askMessages(asked: Said, { event, board, stamp, project, explain }: Sources): Promise<Said> {
  if (asked.others && !asked.others.known) return {}
  const key = await project()
  const except = shownEnough(stamp.shown(), event)
  const options = { except, kinds: ['MESSAGE', 'STATUS_UPDATE'], limit: MESSAGES_ASKED }
  const inbox = board.messages.inbox({ ...options, ...(key === undefined ? {} : { project: key }) })
  return { messages: await heardOf(inbox, explain) }
}

/**
 * If parallel calls find a heartbeat due, only one of them sends it. It checks again after it has the lock,
 * because another call may have had the lock and sent one in between.
 */
function mayBeat(stamp: Stamp): boolean {
  return stamp.isDue(new Date()) && stamp.take() && stamp.isDue(new Date())
}

async function heardOfTasks(tasks: Promise<Tasks>): Promise<Heard<Tasks>> {
  try {
    return { known: true, value: await tasks }
  } catch (error) {
    return unknown(new Date(), (error as Error).message)
  }
}

type Answer<T> = T extends { readonly ok: false } ? never : T

/**
 * A missing answer never becomes an empty one. It is reported as unknown, with the time when that began and the
 * reason.
 */
async function heardOf<T extends object>(
  asked: Promise<T>,
  explain: Sources['explain'],
): Promise<Heard<Answer<T>>> {
  try {
    const value = await asked
    if ('refusal' in value) return unknown(new Date(), 'the board refused')
    return { known: true, value: value as Answer<T> }
  } catch (error) {
    return unknown(error instanceof PresenceError ? error.since : new Date(), explain(error))
  }
}

function unknown(since: Date, reason: string) {
  return { known: false, since, reason } as const
}
