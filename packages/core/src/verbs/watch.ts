import { type Deadline, monotonicMs } from '../deadline.ts'
import { type Change, type ContactLost, changesBetween, presentIn, vanished } from '../domain/change.ts'
import { isLive, type Snapshot, snapshotOf } from '../domain/claim.ts'
import { PresenceError } from '../domain/fault.ts'
import type { Label } from '../domain/label.ts'
import { type CoClaim, standingOf } from '../domain/standing.ts'
import type { Scope, Store } from '../store/port.ts'

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
  /** What stands; undefined while that is unknown. */
  readonly snapshot: Snapshot | undefined
}

interface Poll {
  readonly snapshot: Snapshot
  readonly coClaims: readonly CoClaim[]
  /** This process's monotonic clock at the answer. */
  readonly readAt: number
}

/**
 * Follows the board by polling it: first what stands, then what changes. A poll without an answer changes nothing but
 * that the board is unknown; the first answer after it is compared with the last one before it.
 */
export async function* watch(
  store: Pick<Store, 'read'>,
  sessionId: string,
  watched: Watched,
): AsyncGenerator<Change, void, undefined> {
  for await (const { changes } of follow(store, sessionId, watched))
    for (const change of changes) {
      if (watched.signal.aborted) return
      yield change
    }
}

/** The same with what stands, look by look: nothing for a look without an answer but the first. */
export async function* follow(
  store: Pick<Store, 'read'>,
  sessionId: string,
  { label, everyMs, signal, deadline }: Watched,
): AsyncGenerator<Followed, void, undefined> {
  let last: Poll | undefined
  let unknownSince: Date | undefined
  while (!signal.aborted) {
    const next = await unlessAborted(poll(store, sessionId, label, last?.snapshot, deadline), signal)
    if (!next) return
    if (next instanceof PresenceError) {
      if (!unknownSince) {
        const lost = contactLost(next, last)
        unknownSince = lost.since
        yield { changes: [lost], snapshot: undefined }
      }
    } else {
      const { snapshot, coClaims } = next
      const changes = last ? changesBetween(last.snapshot, snapshot) : presentIn(snapshot)
      const live = snapshot.claims.filter(claim => isLive(claim, snapshot.asOf)).length
      const known = { event: 'known' as const, at: snapshot.asOf, since: unknownSince, live, coClaims }
      const isNews = !last || unknownSince !== undefined
      last = next
      unknownSince = undefined
      yield { changes: isNews ? [known, ...changes] : changes, snapshot }
    }
    await pause(everyMs, signal)
  }
}

/** One look at the board; a fault is a value, for it ends nothing. */
async function poll(
  store: Pick<Store, 'read'>,
  sessionId: string,
  label: Label | undefined,
  previous: Snapshot | undefined,
  deadline: () => Deadline,
): Promise<Poll | PresenceError> {
  try {
    const scope: Scope = label ? { label: label.text } : { whole: true }
    const read = await store.read(scope, sessionId, deadline())
    const found = { ...read, claims: read.claims.filter(claim => !label || claim.label === label.text) }
    const snapshot = previous ? await settled(store, previous, found, deadline) : found
    return { snapshot, coClaims: standingOf(read, sessionId).coClaims, readAt: monotonicMs() }
  } catch (error) {
    if (error instanceof PresenceError) return error
    throw error
  }
}

/** `next` with the expired rows of what vanished: a read gives the live claims and only my own expired ones. */
async function settled(
  store: Pick<Store, 'read'>,
  previous: Snapshot,
  next: Snapshot,
  deadline: () => Deadline,
): Promise<Snapshot> {
  const sessions = new Set(vanished(previous, next).map(claim => claim.session.id))
  const expired = []
  for (const id of sessions) {
    const { claims } = await store.read({ mine: true }, id, deadline())
    expired.push(...claims.filter(claim => claim.session.id === id && !isLive(claim, next.asOf)))
  }
  return sessions.size === 0 ? next : snapshotOf(next.asOf, [...next.claims, ...expired])
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
