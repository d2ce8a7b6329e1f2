import type { Replay } from '../claims/replay.ts'
import { Deadline } from '../deadline.ts'
import { isFault, isOutage } from '../domain/fault.ts'
import type { QueuedOperation } from '../domain/operation.ts'
import type { Outcome } from '../domain/refusal.ts'
import { oneLine } from '../domain/text.ts'
import { Expiry } from './expired.ts'
import { type Failing, isDue } from './failures.ts'
import type { OutboxFile } from './file.ts'

/** The calls that the outbox makes on the board that it delivers to. */
export interface Replays {
  /** The database's current time. */
  now(deadline: Deadline): Promise<Date>
  /**
   * Applies an outbox entry as of `saidAt` in the database's time, and only once however often it is tried.
   * Returns `withheld` if this token may not speak for the entry's session.
   *
   * @throws PresenceError `rejected` if the board can never take the entry; any other fault may pass
   */
  replay(operation: QueuedOperation, saidAt: Date, deadline: Deadline): Promise<Outcome<Replay> | 'withheld'>
}

/** The options of {@link Board.sync}. */
export interface SyncOptions {
  /**
   * First moves the dead letters back into the outbox: entries that could not be read or that the board
   * refused.
   * @default false
   */
  readonly retryDeadLetters?: boolean
}

/** A claim from the outbox that was not put on the board. */
export interface Dropped {
  /** The label of the claim. */
  readonly label: string
  /** The id of the session that made it. */
  readonly sessionId: string
  /** When it was made, in the database's time. */
  readonly saidAt: Date
  /** The session that holds the label exclusively, if that is why the claim was dropped. */
  readonly heldBy?: string
}

/** The result of delivering an outbox. */
export interface Replayed {
  /** How many entries are done: by this delivery, or by an earlier one whose answer was lost. */
  readonly done: number
  /**
   * Claims that are not put on the board: they expired before delivery, or another session holds the label
   * exclusively.
   */
  readonly dropped: readonly Dropped[]
  /** The new dead letters: lines that can't be read or that the board refuses. */
  readonly damaged: readonly string[]
  /** The reasons, one for each of `damaged`, if there are any. */
  readonly reasons?: readonly string[]
  /** How many entries are still in the outbox, without the withheld ones. */
  readonly left: number
  /**
   * How many entries can't be delivered with this token. They stay in the outbox until a session whose
   * token may deliver them makes a call. After a week they become dead letters.
   */
  readonly withheld?: number
}

/**
 * A withheld entry that was not delivered within a week becomes a dead letter; otherwise the outbox would
 * grow without end.
 */
const WITHHELD_MS_MAX = 7 * 86_400_000
/**
 * With less than this left of the deadline, in milliseconds, no entry is started, because it could not be
 * finished.
 */
const OPERATION_MS = 100
/**
 * An entry that had at least this much time, in milliseconds, and wasn't done has failed; with less it was
 * only cut short.
 */
const FAIR_MS = 500
/** The time limit, in milliseconds, for checking whether the board takes another entry. */
const PROBE_MS = 500

const UNREADABLE = "the line can't be read"

/** The result of a delivery, and what stays in the outbox. */
export interface Drain {
  readonly replayed: Replayed
  /** Why the first failed entry failed. */
  readonly fault: unknown
  /** True if a new call of this session must join the outbox, behind its earlier entries. */
  holdsBack(sessionId: string): boolean
}

/**
 * Delivers the outbox in order, until the deadline, each entry as of the time when it was made. An entry
 * leaves the outbox only when the board has it or will never take it. An entry that the board already has,
 * because a process was killed in between, is not applied again. An entry that fails stays, with all later
 * entries of its session, and is retried later.
 *
 * @param insist also tries entries that failed a moment ago
 */
export async function drainQueue(
  queue: OutboxFile,
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
  /** Why the first failed entry failed. */
  fault: unknown
  /** How many entries stay because they need another token. */
  withheld = 0
  /** Sessions with a failed entry. */
  readonly failed = new Set<string>()
  /** True once every entry was tried, except those behind a failed one. */
  reachedEnd = false
  readonly #queue: OutboxFile
  readonly #board: Replays
  readonly #deadline: Deadline
  readonly #insists: boolean
  /** The database's time minus this host's, in milliseconds. */
  #offset: number | undefined
  #failing: Readonly<Record<string, Failing>> = {}
  /** Later entries get later times on the board too, even if this host's clock was set back in between. */
  #latest = 0

  constructor(queue: OutboxFile, board: Replays, deadline: Deadline, insists: boolean) {
    this.#queue = queue
    this.#board = board
    this.#deadline = deadline
    this.#insists = insists
  }

  /** Delivers what it can, and returns the entries that can leave the outbox. */
  async work(operations: readonly QueuedOperation[]): Promise<ReadonlySet<QueuedOperation>> {
    const finished = new Set<QueuedOperation>()
    const expiry = new Expiry(operations)
    /** Sessions with an entry that stays, so that all their later entries stay too. */
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
      // If the deadline ended the delivery, that isn't a failure: later calls deliver the rest.
      if (this.#deadline.passed && finished.size > 0) this.fault = undefined
      const left = operations.filter(operation => !finished.has(operation))
      this.#queue.failures.keepOnly(new Set(left.map(({ id }) => id)))
    }
    return finished
  }

  /** Returns false if the entry stays. @throws an outage, because no other entry could be delivered either */
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
      this.#setAside(operation, 'for a week, no session had a token that may send it')
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

  /**
   * An entry that the board can never take is a dead letter at once. Any other fault may be gone at the next
   * try, so the entry must fail for a long time.
   */
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

  /**
   * True if the board takes another entry of the same session, which shows that the failing entry itself is
   * the problem.
   */
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
   * The database's time when an entry was made. The clocks' difference is read once: a reconnect or a retry
   * between two reads would shift the times of entries against each other, and a release must find the claim
   * that it follows.
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
