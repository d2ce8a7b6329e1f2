import { all, type Board, PresenceError } from '@presence/core'
import { isLapsedKey } from './context/lapsed.ts'
import { MESSAGES_ASKED, shownEnough } from './context/messages.ts'
import type { EventName, Heard, Need, Said } from './hook.ts'
import type { Stamp } from './host.ts'
import { toldTo } from './subagents.ts'

/** How many of the latest claims are read. 20 are shown, those of the same repository first. */
const LATEST = 200

/** The sources of everything that an event needs. */
export interface Sources {
  readonly event: EventName
  readonly subagent: string | undefined
  readonly board: Board
  readonly stamp: Stamp
  /** Returns the key of the project. Called only if messages are needed. */
  readonly project: () => Promise<string | undefined>
  /** Why something failed, in words for the agent. */
  readonly explain: (error: unknown) => string
  /** What somebody has to do about it first, in words for the agent. */
  readonly remedyFor: (error: unknown) => string | undefined
}

/** Asks the board for everything that an event needs, one question after the other. */
export async function gather(needs: readonly Need[], sources: Sources): Promise<Said> {
  const asked = await askBoard(needs, sources)
  return needs.includes('unread') ? { ...asked, ...(await askMessages(asked, sources)) } : asked
}

async function askBoard(needs: readonly Need[], sources: Sources): Promise<Said> {
  const { board, stamp } = sources
  const heard = <T extends object>(asked: Promise<T>) => heardOf(asked, sources)
  if (needs.includes('release')) return { released: await heard(board.release(all)) }
  if (needs.includes('deregister')) return { released: await heard(board.deregister()) }
  const beats = needs.includes('heartbeat') || (needs.includes('heartbeat-if-due') && mayBeat(stamp))
  const told = toldTo(sources.subagent, stamp)
  const shownLapsed = new Set(shownEnough(stamp.shown(), sources.event).filter(isLapsedKey))
  if (beats && needs.includes('list')) {
    const answer = await heard(board.heartbeatAndList({ register: needs.includes('register') }))
    if (!answer.known) return { told, shownLapsed, standing: answer, others: answer }
    const { view, listed } = answer.value
    return {
      told,
      shownLapsed,
      standing: { known: true, value: view },
      others: { known: true, value: listed },
    }
  }
  if (beats) return { told, standing: await heard(board.heartbeat()) }
  return needs.includes('list')
    ? { told, shownLapsed, others: await heard(board.list({ latest: LATEST })) }
    : { told }
}

/**
 * Uses the connection of the earlier questions. If they got no answer, it doesn't ask: the agent is told
 * about that already.
 */
async function askMessages(asked: Said, sources: Sources): Promise<Said> {
  const { event, board, stamp, project } = sources
  if (asked.others && !asked.others.known) return {}
  const key = await project()
  const except = shownEnough(stamp.shown(), event).filter(id => !isLapsedKey(id))
  const options = { except, kinds: ['MESSAGE', 'STATUS_UPDATE'], limit: MESSAGES_ASKED }
  const inbox = board.messages.inbox({ ...options, ...(key === undefined ? {} : { project: key }) })
  return { messages: await heardOf(inbox, sources) }
}

/**
 * If parallel calls find a heartbeat due, only one of them sends it. It checks again after it has the lock,
 * because another call may have had the lock and sent one in between.
 */
function mayBeat(stamp: Stamp): boolean {
  return stamp.isDue(new Date()) && stamp.take() && stamp.isDue(new Date())
}

type Answer<T> = T extends { readonly ok: false } ? never : T

/**
 * A missing answer never becomes an empty one. It is reported as unknown, with the time when that began and the
 * reason.
 */
async function heardOf<T extends object>(
  asked: Promise<T>,
  { explain, remedyFor }: Pick<Sources, 'explain' | 'remedyFor'>,
): Promise<Heard<Answer<T>>> {
  try {
    const value = await asked
    if ('refusal' in value) return unknown(new Date(), 'the board refused')
    return { known: true, value: value as Answer<T> }
  } catch (error) {
    return {
      ...unknown(error instanceof PresenceError ? error.since : new Date(), explain(error)),
      code: error instanceof PresenceError ? error.code : undefined,
      remedy: remedyFor(error),
    }
  }
}

function unknown(since: Date, reason: string) {
  return { known: false, since, reason } as const
}
