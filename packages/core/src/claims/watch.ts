import { type Deadline, monotonicMs } from '../deadline.ts'
import type { Change, ContactLost } from '../domain/change.ts'
import { isLive, type Snapshot } from '../domain/claim.ts'
import { WINDOW_MS } from '../domain/contact.ts'
import type { Fact } from '../domain/fact.ts'
import { PresenceError } from '../domain/fault.ts'
import { Follower, type Looked } from '../domain/follower.ts'
import type { Label } from '../domain/label.ts'
import { type CoClaim, viewOf } from '../domain/session-view.ts'
import { sleep } from '../sleep.ts'
import type { Looks } from './look-since.ts'

export interface Watched {
  /** Undefined: the whole board. */
  readonly label: Label | undefined
  /** Milliseconds between an answer and the next poll. */
  readonly everyMs: number
  /** Ends the watch. */
  readonly signal: AbortSignal
  /** The deadline of one call. */
  readonly deadline: () => Deadline
}

/** The result of one poll. */
export interface Followed {
  readonly changes: readonly Change[]
  /** Facts that are not reported, neither in `changes` nor by a later poll. */
  readonly passed?: readonly Fact[]
  /** The facts of the changes, by the key of the change. */
  readonly facts?: ReadonlyMap<string, Fact>
  /** Facts from before this time are not reported either. */
  readonly since?: Date | undefined
  /** When the board was created. */
  readonly born?: Date | undefined
  /** The current state, as reported. Undefined while it is unknown. */
  readonly snapshot: Snapshot | undefined
}

interface Poll extends Looked {
  readonly coClaims: readonly CoClaim[]
  /** This process's monotonic clock at the answer. */
  readonly readAt: number
}

/**
 * Follows the board by polling it: first yields the current state, then what the history and a comparison of
 * snapshots show. A poll without an answer only changes the board to unknown. The first answer after it shows
 * what happened in the meantime.
 */
export async function* watch(
  looks: Looks,
  sessionId: string,
  watched: Watched,
): AsyncGenerator<Change, void, undefined> {
  for await (const { changes } of follow(looks, sessionId, watched))
    for (const change of changes) {
      if (watched.signal.aborted) return
      yield change
    }
}

/**
 * The same, poll by poll, together with the current state. Yields nothing for a poll without an answer,
 * except for the first such poll.
 */
export async function* follow(
  looks: Looks,
  sessionId: string,
  { label, everyMs, signal, deadline }: Watched,
): AsyncGenerator<Followed, void, undefined> {
  const follower = new Follower()
  let last: Poll | undefined
  let unknownSince: Date | undefined
  while (!signal.aborted) {
    const next = await unlessAborted(poll(looks, sessionId, label, follower.since, deadline), signal)
    if (!next) return
    if (next instanceof PresenceError) {
      if (!unknownSince) {
        const lost = contactLost(next, last)
        unknownSince = lost.since
        yield { changes: [lost], snapshot: undefined }
      }
    } else {
      const { snapshot, coClaims, born } = next
      const told = last ? toldBy(follower, next) : { changes: follower.begin(next), ...begunWith(follower) }
      const live = snapshot.claims.filter(claim => isLive(claim, snapshot.asOf)).length
      const known = { event: 'known' as const, at: snapshot.asOf, since: unknownSince, live, coClaims }
      const isNews = !last || unknownSince !== undefined
      last = next
      unknownSince = undefined
      const changes = isNews ? [known, ...told.changes] : told.changes
      yield { ...told, changes, snapshot: follower.standing(snapshot), since: follower.since, born }
    }
    await sleep(everyMs, { signal })
  }
}

function toldBy(follower: Follower, looked: Looked): Omit<Followed, 'snapshot'> {
  const news = follower.take(looked)
  return {
    changes: news.flatMap(({ change }) => change ?? []),
    passed: news.flatMap(({ change, fact }) => (change ? [] : fact)),
    facts: new Map(news.flatMap(({ change, fact }) => (change ? [[fact.key, fact]] : []))),
  }
}

/** Facts from before the watch began need no report. */
function begunWith({ seen }: Follower): Pick<Followed, 'passed'> {
  return { passed: [...seen].map(([key, at]) => ({ key, at, row: '' })) }
}

/** One poll of the board. A fault is returned, not thrown, because it does not end the watch. */
async function poll(
  looks: Looks,
  sessionId: string,
  label: Label | undefined,
  since: Date | undefined,
  deadline: () => Deadline,
): Promise<Poll | PresenceError> {
  try {
    const by = deadline()
    const look = (from: Date | undefined) => looks.look(label?.text, sessionId, from, by)
    // Only the database knows its own time.
    const from = since ?? new Date((await look(undefined)).snapshot.asOf.getTime() - WINDOW_MS)
    const looked = await look(from)
    const { asOf, claims } = looked.snapshot
    const snapshot = { asOf, claims: claims.filter(claim => !label || claim.label === label.text) }
    const { coClaims } = viewOf(looked.snapshot, sessionId)
    return { ...looked, snapshot, coClaims, readAt: monotonicMs() }
  } catch (error) {
    if (error instanceof PresenceError) return error
    throw error
  }
}

/**
 * Continues the database's time at the pace of this process's monotonic clock. No host's wall clock is used
 * (G8).
 */
function contactLost(fault: PresenceError, last: Poll | undefined): ContactLost {
  if (!last) return { event: 'unknown', at: fault.since, since: fault.since, fault }
  const { asOf } = last.snapshot
  const at = new Date(asOf.getTime() + monotonicMs() - last.readAt)
  return { event: 'unknown', at, since: asOf, fault }
}

/** Returns the promise's result, or undefined once the signal fires. The promise itself keeps running. */
async function unlessAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T | undefined> {
  let stop = () => {}
  const aborted = new Promise<undefined>(resolve => {
    stop = () => resolve(undefined)
    signal.addEventListener('abort', stop)
  })
  try {
    return await Promise.race([promise, aborted])
  } finally {
    // A remaining listener would keep the poll's answer in memory for as long as the watch runs.
    signal.removeEventListener('abort', stop)
  }
}
