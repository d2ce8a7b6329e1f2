import { Deadline } from '../deadline.ts'
import { isFault, isOutage } from '../domain/fault.ts'
import type { QueuedOperation } from '../domain/operation.ts'
import type { Outcome } from '../domain/refusal.ts'
import { oneLine } from '../domain/text.ts'
import type { Replay } from '../verbs/replay.ts'
import { Expiry } from './expired.ts'
import { type Failing, isDue } from './failures.ts'
import type { QueueFile } from './file.ts'

/** What a queue asks of the board that it is for. */
export interface Replays {
  /** The database's now. */
  now(deadline: Deadline): Promise<Date>
  /**
   * Does what was said at a moment of the database's time, once, however often it is tried; `withheld` where only another
   * token may say it.
   *
   * @throws PresenceError `rejected` for what the board can never take; any other fault may pass
   */
  replay(operation: QueuedOperation, saidAt: Date, deadline: Deadline): Promise<Outcome<Replay> | 'withheld'>
}

interface Dropped {
  readonly label: string
  readonly sessionId: string
  readonly saidAt: Date
  /** The session that holds the label exclusively. */
  readonly heldBy?: string
}

/** What became of a queue. */
export interface Replayed {
  /** How many operations are done: by this replay, or by one whose answer was lost. */
  readonly done: number
  /** Claims that had expired before they could be put on the board, or whose label is another's alone, and that are not on it. */
  readonly dropped: readonly Dropped[]
  /** Dead letters: lines that could not be read, or that the board refuses, and were set aside. */
  readonly damaged: readonly string[]
  /** Why, where there are any: one for each of `damaged`. */
  readonly reasons?: readonly string[]
  /** How many operations are still queued, but for those withheld. */
  readonly left: number
  /** How many stay queued until a session of theirs comes, with a token that may say them. */
  readonly withheld?: number
}

/** What nobody came for in a week is set aside: a queue has no end otherwise. */
const WITHHELD_MS_MAX = 7 * 86_400_000
/** Less than this is left of the deadline, in milliseconds: no operation is begun that would not be ended. */
const OPERATION_MS = 100
/** An operation that had this much time and was not done has failed, in milliseconds; else it was only cut short. */
const FAIR_MS = 500
/** What it may take to see whether the board takes another operation, in milliseconds. */
const PROBE_MS = 500

const UNREADABLE = 'the line can not be read'

/** What became of a queue, and what stays in it. */
export interface Drain {
  readonly replayed: Replayed
  /** What kept the first operation that failed from being done. */
  readonly fault: unknown
  /** Must whatever this session says now be queued too, behind what is left? */
  holdsBack(sessionId: string): boolean
}

/**
 * Does what is queued, in order, each with its own time, until the deadline. An operation is off the queue only once
 * the board has it, or will never take it; one that the board has and that a killed process left queued is not done
 * again. What fails stays where it is, with all that the same session queued behind it, and is tried again later.
 *
 * @param insist tries what failed a moment ago too
 */
export async function drainQueue(
  queue: QueueFile,
  board: Replays,
  deadline: Deadline,
  { insist = false } = {},
): Promise<Drain> {
  const replay = new Replaying(queue, board, deadline, insist)
  const drained = await queue.drain(deadline, operations => replay.work(operations))
  const unreadable = drained?.damaged ?? []
  const damaged = [...unreadable, ...replay.refused.map(({ line }) => line)]
  const reasons = [...unreadable.map(() => UNREADABLE), ...replay.refused.map(({ reason }) => reason)]
  const { done, dropped, withheld, fault } = replay
  const left = Math.max((drained?.left ?? queue.waiting()) - withheld, 0)
  const replayed = {
    done,
    dropped,
    damaged,
    ...(reasons.length > 0 ? { reasons } : {}),
    left,
    ...(withheld > 0 ? { withheld } : {}),
  }
  const isAll = drained !== undefined && replay.reachedEnd
  return { replayed, fault, holdsBack: id => left > 0 && (!isAll || replay.failed.has(id)) }
}

type QueuedClaim = Extract<QueuedOperation, { verb: 'claim' }>
type Done = 'done' | 'withheld' | 'failed'

class Replaying {
  done = 0
  readonly dropped: Dropped[] = []
  readonly refused: { readonly line: string; readonly reason: string }[] = []
  /** What kept the first operation that failed from being done. */
  fault: unknown
  /** How many are left of what another token would have to say. */
  withheld = 0
  /** Sessions of which an operation failed. */
  readonly failed = new Set<string>()
  /** Was every operation tried, but for those behind one that failed? */
  reachedEnd = false
  readonly #queue: QueueFile
  readonly #board: Replays
  readonly #deadline: Deadline
  readonly #insists: boolean
  /** The database's time minus this host's, in milliseconds. */
  #offset: number | undefined
  #failing: Readonly<Record<string, Failing>> = {}
  /** What was said later is later on the board too, whatever this host's clock did in between. */
  #latest = 0

  constructor(queue: QueueFile, board: Replays, deadline: Deadline, insists: boolean) {
    this.#queue = queue
    this.#board = board
    this.#deadline = deadline
    this.#insists = insists
  }

  /** Does what it can of these, and gives those that are done with. */
  async work(operations: readonly QueuedOperation[]): Promise<ReadonlySet<QueuedOperation>> {
    const finished = new Set<QueuedOperation>()
    const expiry = new Expiry(operations)
    /** Sessions of which something stays queued, and so all that they said after it. */
    const waiting = new Map<string, Done>()
    this.#failing = this.#insists ? {} : this.#queue.failures.all()
    this.withheld = 0
    this.reachedEnd = false
    try {
      for (const [at, operation] of operations.entries()) {
        if (this.#deadline.remainingMs() < OPERATION_MS) return finished
        if (operation.verb === 'claim' && expiry.isOver(operation, at, Date.now())) this.#drop(operation)
        else if (!(await this.#isDone(operation, waiting))) continue
        finished.add(operation)
      }
      this.reachedEnd = true
    } catch (error) {
      this.fault ??= error
    } finally {
      // Cut short by its own deadline on the way: what is left goes on at the next call.
      if (this.#deadline.passed && finished.size > 0) this.fault = undefined
      const left = operations.filter(operation => !finished.has(operation))
      this.#queue.failures.keepOnly(new Set(left.map(({ id }) => id)))
    }
    return finished
  }

  /** False where it stays queued. @throws an outage: nothing else could be done either */
  async #isDone(operation: QueuedOperation, waiting: Map<string, Done>): Promise<boolean> {
    const { session, at } = operation
    const done = waiting.get(session.id) ?? (await this.#do(operation))
    if (done === 'done') return true
    waiting.set(session.id, done)
    if (done === 'failed') {
      this.failed.add(session.id)
      return false
    }
    if (Date.now() - at > WITHHELD_MS_MAX) {
      this.#setAside(operation, 'no session with a token that may say it came within a week')
      return true
    }
    this.withheld++
    return false
  }

  async #do(operation: QueuedOperation): Promise<Done> {
    if (!isDue(this.#failing[operation.id])) return 'failed'
    const saidAt = await this.#moment(operation.at)
    const hadMs = this.#deadline.remainingMs()
    try {
      const replayed = await this.#board.replay(operation, saidAt, this.#deadline)
      if (replayed === 'withheld') return 'withheld'
      if (!replayed.ok) this.#setAside(operation, replayed.refusal.message)
      else if (replayed.heldBy !== undefined && operation.verb === 'claim')
        this.#drop(operation, replayed.heldBy)
      else this.done++
      return 'done'
    } catch (error) {
      const wasCutShort = this.#deadline.passed && hadMs < FAIR_MS
      if (await this.#isDeadLetter(operation, saidAt, error, wasCutShort)) {
        this.#setAside(operation, error instanceof Error ? error.message : String(error))
        return 'done'
      }
      if (isOutage(error)) throw error
      this.fault ??= error
      return 'failed'
    }
  }

  /** What the board can never take is one at once. Any other fault may be over at the next try, and is for long. */
  async #isDeadLetter(
    operation: QueuedOperation,
    saidAt: Date,
    error: unknown,
    wasCutShort: boolean,
  ): Promise<boolean> {
    if (isFault(error) && error.code === 'rejected') return true
    if (wasCutShort || !this.#queue.failures.note(operation.id, error)) return false
    return this.#takesAnother(operation, saidAt)
  }

  /** Does the board take another operation of the session in the same way? Then the failing operation is at fault. */
  async #takesAnother({ session }: QueuedOperation, saidAt: Date): Promise<boolean> {
    const probe: QueuedOperation = { id: crypto.randomUUID(), at: Date.now(), session, verb: 'heartbeat' }
    try {
      const replayed = await this.#board.replay(probe, saidAt, Deadline.after(PROBE_MS))
      return replayed !== 'withheld' && replayed.ok
    } catch {
      return false
    }
  }

  /**
   * When it was said, in the database's time: read once, so that neither a connection nor a retry in between comes to
   * stand between two moments, and a release finds the claim that it was said after.
   */
  async #moment(at: number): Promise<Date> {
    if (this.#offset === undefined) {
      const now = await this.#board.now(this.#deadline)
      this.#offset = now.getTime() - Date.now()
    }
    this.#latest = Math.max(this.#latest, at + this.#offset)
    return new Date(this.#latest)
  }

  #setAside(operation: QueuedOperation, reason: string): void {
    this.refused.push({ line: this.#queue.setAside(operation), reason: oneLine(reason) })
  }

  #drop({ label, session, at }: QueuedClaim, heldBy?: string): void {
    const held = heldBy === undefined ? {} : { heldBy }
    this.dropped.push({ label, sessionId: session.id, saidAt: new Date(at), ...held })
  }
}
