import { type Deadline, monotonicMs } from '../deadline.ts'
import type { Change, ContactLost } from '../domain/change.ts'
import { isLive, type Snapshot } from '../domain/claim.ts'
import { WINDOW_MS } from '../domain/contact.ts'
import type { Fact } from '../domain/fact.ts'
import { PresenceError } from '../domain/fault.ts'
import { Follower, type Looked } from '../domain/follower.ts'
import type { Label } from '../domain/label.ts'
import { type CoClaim, standingOf } from '../domain/standing.ts'
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

/** What one look at the board told. */
export interface Followed {
  readonly changes: readonly Change[]
  /** Facts that need no telling from now on although no change here tells them. */
  readonly passed?: readonly Fact[]
  /** The change's facts, by the key that it has. */
  readonly facts?: ReadonlyMap<string, Fact>
  /** Facts of before this time need no telling either. */
  readonly since?: Date | undefined
  /** When the board was made. */
  readonly born?: Date | undefined
  /** What stands, as it was told; undefined while that is unknown. */
  readonly snapshot: Snapshot | undefined
}

interface Poll extends Looked {
  readonly coClaims: readonly CoClaim[]
  /** This process's monotonic clock at the answer. */
  readonly readAt: number
}

/**
 * Follows the board by polling it: first what stands, then what the history and comparing snapshots tell. A poll without
 * an answer changes nothing but that the board is unknown; the first answer after it tells what happened meanwhile.
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

/** The same with what stands, look by look: nothing for a look without an answer but the first. */
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
    await pause(everyMs, signal)
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

/** What happened before the watch began needs no telling. */
function begunWith({ seen }: Follower): Pick<Followed, 'passed'> {
  return { passed: [...seen].map(([key, at]) => ({ key, at, row: '' })) }
}

/** One look at the board; a fault is a value, for it ends nothing. */
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
    // Only the database knows which time it is there.
    const from = since ?? new Date((await look(undefined)).snapshot.asOf.getTime() - WINDOW_MS)
    const looked = await look(from)
    const { asOf, claims } = looked.snapshot
    const snapshot = { asOf, claims: claims.filter(claim => !label || claim.label === label.text) }
    const { coClaims } = standingOf(looked.snapshot, sessionId)
    return { ...looked, snapshot, coClaims, readAt: monotonicMs() }
  } catch (error) {
    if (error instanceof PresenceError) return error
    throw error
  }
}

/** The database's time goes on at this process's monotonic pace; no host's clock tells it (G8). */
function contactLost(fault: PresenceError, last: Poll | undefined): ContactLost {
  if (!last) return { event: 'unknown', at: fault.since, since: fault.since, fault }
  const { asOf } = last.snapshot
  const at = new Date(asOf.getTime() + monotonicMs() - last.readAt)
  return { event: 'unknown', at, since: asOf, fault }
}

/** The promise's result, or undefined once the signal fires; the promise goes on by itself. */
async function unlessAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T | undefined> {
  let stop = () => {}
  const aborted = new Promise<undefined>(resolve => {
    stop = () => resolve(undefined)
    signal.addEventListener('abort', stop)
  })
  try {
    return await Promise.race([promise, aborted])
  } finally {
    // A listener left behind a poll would hold its answer for as long as the watch goes on.
    signal.removeEventListener('abort', stop)
  }
}

async function pause(ms: number, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return
  let timer: NodeJS.Timeout | undefined
  await unlessAborted(
    new Promise<void>(resolve => {
      timer = setTimeout(resolve, ms)
    }),
    signal,
  )
  clearTimeout(timer)
}
