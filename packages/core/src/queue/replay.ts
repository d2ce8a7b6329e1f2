import type { Deadline } from '../deadline.ts'
import { PresenceError } from '../domain/fault.ts'
import type { QueuedOperation } from '../domain/operation.ts'
import type { Outcome } from '../domain/refusal.ts'
import type { Replay } from '../verbs/replay.ts'
import { Expiry } from './expired.ts'
import type { QueueFile } from './file.ts'

/** What a queue asks of the board that it is for. */
export interface Replays {
  /** The database's now. */
  now(deadline: Deadline): Promise<Date>
  /**
   * Does what was said at a moment of the database's time, once, however often it is tried; `withheld` where only another
   * token may say it.
   *
   * @throws PresenceError `unexpected` too for what the board will never take
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
  /** How many operations were done now. */
  readonly done: number
  /** Claims that had expired before they could be put on the board, or whose label is another's alone, and that are not on it. */
  readonly dropped: readonly Dropped[]
  /** Lines that could not be read, or that the board refuses, and were set aside. */
  readonly damaged: readonly string[]
  /** How many operations are still queued, but for those withheld. */
  readonly left: number
  /** How many stay queued until a session of theirs comes, with a token that may say them. */
  readonly withheld?: number
}

/** What nobody came for in a week is set aside: a queue has no end otherwise. */
const WITHHELD_MS_MAX = 7 * 86_400_000
/** Less than this is left of the deadline, in milliseconds: no operation is begun that would not be ended. */
const OPERATION_MS = 100

/**
 * Does what is queued, in order, each with its own time, until the deadline. An operation is off the queue only once
 * the board has it; one that the board has and that a killed process left queued is not done again.
 *
 * @param tell told what was done, dropped and set aside when the board then gave no answer, for that is off the queue
 * @throws PresenceError when the board gives no answer
 */
export async function replayQueue(
  queue: QueueFile,
  board: Replays,
  deadline: Deadline,
  tell: (replayed: Replayed) => void = () => {},
): Promise<Replayed> {
  const replay = new Replaying(queue, board, deadline)
  const drained = await queue.drain(deadline, operations => replay.work(operations))
  const damaged = [...(drained?.damaged ?? []), ...replay.refused]
  const { done, dropped, withheld } = replay
  const left = Math.max((drained?.left ?? queue.waiting()) - withheld, 0)
  const replayed = { done, dropped, damaged, left, ...(withheld > 0 ? { withheld } : {}) }
  if (replay.fault === undefined) return replayed
  if (replayed.done + replayed.dropped.length + damaged.length > 0) tell(replayed)
  throw replay.fault
}

type QueuedClaim = Extract<QueuedOperation, { verb: 'claim' }>

class Replaying {
  done = 0
  readonly dropped: Dropped[] = []
  readonly refused: string[] = []
  fault: unknown
  /** How many are left of what another token would have to say. */
  withheld = 0
  readonly #queue: QueueFile
  readonly #board: Replays
  readonly #deadline: Deadline
  /** The database's time minus this host's, in milliseconds. */
  #offset: number | undefined
  /** What was said later is later on the board too, whatever this host's clock did in between. */
  #latest = 0

  constructor(queue: QueueFile, board: Replays, deadline: Deadline) {
    this.#queue = queue
    this.#board = board
    this.#deadline = deadline
  }

  /** Does what it can of these, and gives those that are done with. */
  async work(operations: readonly QueuedOperation[]): Promise<ReadonlySet<QueuedOperation>> {
    const finished = new Set<QueuedOperation>()
    const expiry = new Expiry(operations)
    const withheldFrom = new Set<string>()
    this.withheld = 0
    try {
      for (const [at, operation] of operations.entries()) {
        if (this.#deadline.remainingMs() < OPERATION_MS) break
        if (operation.verb === 'claim' && expiry.isOver(operation, at, Date.now())) this.#drop(operation)
        else if (!(await this.#isDone(operation, withheldFrom))) continue
        finished.add(operation)
      }
    } catch (error) {
      // Cut short by its own deadline on the way: what is left goes on at the next call.
      if (!(this.#deadline.passed && finished.size > 0)) this.fault = error
    }
    return finished
  }

  /** False where it stays queued: it, and so all behind it of that session, is withheld. */
  async #isDone(operation: QueuedOperation, withheldFrom: Set<string>): Promise<boolean> {
    const { session, at } = operation
    if (!withheldFrom.has(session.id)) {
      if (await this.#do(operation)) return true
      withheldFrom.add(session.id)
    }
    if (Date.now() - at > WITHHELD_MS_MAX) {
      this.#setAside(operation)
      return true
    }
    this.withheld++
    return false
  }

  /** False where it is withheld. */
  async #do(operation: QueuedOperation): Promise<boolean> {
    const saidAt = await this.#moment(operation.at)
    try {
      const replayed = await this.#board.replay(operation, saidAt, this.#deadline)
      if (replayed === 'withheld') return false
      if (!replayed.ok) {
        this.#setAside(operation)
        return true
      }
      const { done, heldBy } = replayed
      if (heldBy !== undefined && operation.verb === 'claim') this.#drop(operation, heldBy)
      if (done) this.done++
    } catch (error) {
      // What no server would take must not stand in the way of all that is behind it.
      if (!(error instanceof PresenceError) || error.code !== 'unexpected') throw error
      this.#setAside(operation)
    }
    return true
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

  #setAside(operation: QueuedOperation): void {
    this.refused.push(this.#queue.setAside(operation))
  }

  #drop({ label, session, at }: QueuedClaim, heldBy?: string): void {
    const held = heldBy === undefined ? {} : { heldBy }
    this.dropped.push({ label, sessionId: session.id, saidAt: new Date(at), ...held })
  }
}
