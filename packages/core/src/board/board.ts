import type { Acquired } from '../claims/acquire.ts'
import type { Claimed } from '../claims/claim.ts'
import type { HeartbeatAndList } from '../claims/heartbeat-and-list.ts'
import type { Listed } from '../claims/list.ts'
import type { Logged } from '../claims/log.ts'
import type { Released } from '../claims/release.ts'
import type { Resolved } from '../claims/resolve.ts'
import type { Stolen } from '../claims/steal.ts'
import type { Verified } from '../claims/verify.ts'
import type { Who, WhoOptions } from '../claims/who-answer.ts'
import type { Status } from '../coordination/status.ts'
import type { Change } from '../domain/change.ts'
import type { Compliance, Guarded, GuardInput, Settled, SettleInput } from '../domain/guarded.ts'
import type { Outcome } from '../domain/refusal.ts'
import type { Session } from '../domain/session.ts'
import type { SessionView } from '../domain/session-view.ts'
import type { Replayed, SyncOptions } from '../outbox/replay.ts'
import type { AllAcquired } from './claim-all.ts'
import type { Groups } from './groups.ts'
import type { Lease } from './lease.ts'
import type {
  ComplianceOptions,
  ExclusiveOptions,
  ListOptions,
  LogOptions,
  MarkWrongOptions,
  SharedOptions,
  StatusOptions,
  StealOptions,
  TakeBackOptions,
  WatchOptions,
} from './options.ts'

/**
 * Pass this to {@link Board.release} instead of a label to release every claim of this session.
 *
 * The symbol is registered globally because each of the command's bundles has its own copy of this module.
 *
 * @example
 * ```ts
 * await board.release(all)
 * ```
 */
export const all: unique symbol = Symbol.for('presence: all my claims')

/**
 * A board as one session sees it. Open one with {@link openBoard}.
 *
 * Every call ends within the deadline that the board was opened with. A call with `wait` may take that much
 * longer, and a watch runs until it is ended.
 *
 * If the board refuses a request, the call returns `{ ok: false, refusal }`. If something fails, the call
 * throws {@link PresenceError}. An empty list therefore always means that the board was read and nothing was
 * there, never that it could not be reached (G6).
 *
 * Each call can throw the codes that concern the board itself, such as `unreachable`, `too_slow`,
 * `access_denied` or `schema_older`: {@link FAULT_CODES} lists them. A method's own documentation names only
 * the codes that it adds.
 *
 * If the board can't be reached, its outbox stores `claim`, `takeBack`, `heartbeat`, `heartbeatAndList`, `release` and
 * `deregister`, and also sent messages and states of components. For `heartbeatAndList` it stores only the heartbeat,
 * and for `deregister` only the release. The error then has `queued: true`, and the call is delivered at the
 * next contact. Other calls are never stored. See `outbox` in {@link OpenOptions}.
 *
 * The examples of the methods use a `board` that was opened like this:
 *
 * @example
 * ```ts
 * await using board = await openBoard()
 * console.log(board.session.id)
 * ```
 */
export interface Board extends Groups, AsyncDisposable {
  /** The session that this board speaks for. */
  readonly session: Session
  /**
   * Makes a shared claim on a label, and lists the other sessions that hold it.
   *
   * If this session already holds the label, the claim keeps its `claimedAt` and the longer of both ttls, and
   * never ends sooner than before. The answer shows the resulting claim.
   *
   * Refused with `held` if another session holds the label exclusively. Other refusals: `invalid_label`,
   * `invalid_purpose`, `invalid_ttl`, `invalid_wait`, `invalid_write_key`.
   *
   * @throws {@link PresenceError} `busy` if the claim ended before the answer: its ttl is too short, or another
   *   process of this session keeps releasing the label
   *
   * @example
   * ```ts
   * const said = await board.claim('node:k8s-1', { purpose: 'drain for the kernel upgrade', ttl: '30m' })
   * if (said.ok)
   *   for (const other of said.others) console.log(`${other.session.id} is there too: ${other.purpose}`)
   * else console.log(said.refusal.message, said.refusal.remedy)
   * ```
   */
  claim(label: string, options: SharedOptions): Promise<Outcome<Claimed>>
  /**
   * Ends the claim that was made with this write key. Claims that other processes of this session made on
   * the label stay. `gone` is true if no such claim was left, so the label is released.
   *
   * Refused with `invalid_label` or `invalid_write_key`.
   *
   * @example
   * ```ts
   * const writeKey = crypto.randomUUID().replaceAll('-', '')
   * await board.claim('node:k8s-1', { purpose: 'drain', writeKey })
   * await board.takeBack('node:k8s-1', { writeKey })
   * ```
   */
  takeBack(label: string, options: TakeBackOptions): Promise<Outcome<{ readonly gone: boolean }>>
  /**
   * Makes an exclusive claim on a label, or extends the exclusive claim that this session already holds. It
   * is never stored in the outbox and never replaced by a weaker claim.
   *
   * Nothing keeps the claim alive: send a heartbeat before its ttl is over, or use {@link Board.acquire}. The
   * limits that `acquire` describes apply here too.
   *
   * Refused with `held` if another session holds the label in either mode, or waits for it. Other refusals:
   * `invalid_label`, `invalid_purpose`, `invalid_ttl`, `invalid_wait`.
   *
   * @throws {@link PresenceError} `busy` if too many sessions want the label at once
   *
   * @example
   * ```ts
   * const said = await board.claimExclusively('stack:network', { purpose: 'terraform apply' })
   * if (said.ok) console.log(`token ${said.claim.token}`)
   * ```
   */
  claimExclusively(label: string, options: ExclusiveOptions): Promise<Outcome<Acquired>>
  /**
   * Makes exclusive claims on all the labels, or on none. All callers take labels in the same order, so two that
   * want the same labels don't wait for each other. If a label is refused, the claims that this call made are given
   * back; a claim that this session already held stays.
   *
   * `wait` is the time for all the labels together. What is already taken is kept alive meanwhile. If `signal` fires,
   * or a label is lost during the wait, everything is given back, and the call throws.
   *
   * Refused as {@link Board.claimExclusively} is.
   *
   * @throws {@link PresenceError} `too_slow` if `signal` fired, `lease_lost` if a label was lost during the wait,
   *   `unreachable` if what was taken could not be given back: it then stands until it is released or expires
   *
   * @example
   * ```ts
   * const said = await board.claimAllExclusively(['node:k8s-1', 'pvc:shop/orders'], { purpose: 'move the volume' })
   * if (said.ok) for (const { claim } of said.all) console.log(`${claim.label}: token ${claim.token}`)
   * else console.log(said.refusal.message)
   * ```
   */
  claimAllExclusively(labels: readonly string[], options: ExclusiveOptions): Promise<Outcome<AllAcquired>>
  /**
   * Takes a lease on a label: an exclusive claim that is kept alive until it is released or lost.
   *
   * **It is not safe to assume that the lease is held until you release it.** Another session can steal it,
   * it is lost if no heartbeat reaches the board for the length of its ttl, and a process that was paused
   * doesn't notice that its lease ended. A lease stops no one by itself:
   *
   * - Stop the work when {@link Lease.signal} fires.
   * - Call {@link Lease.verify} right before each change. If the thing that you change can compare numbers,
   *   pass it {@link Lease.token} and let it reject a token that is lower than one it has seen.
   * - Programs that don't use presence are not stopped. A client of the 8-column table, which presence took
   *   over from an earlier tool, is not refused either, but both sides are told.
   * - `release` and `deregister` act for the whole session. If another process of this session calls them,
   *   this lease ends too.
   * - Tokens start again from the beginning if someone drops the table `presence_locks`.
   *
   * With `wait`, sessions get the label in the order of their first look at the board. A waiter that dies
   * leaves the wait queue within 6 s. Waiting doesn't block new shared claims. Two sessions that both hold a
   * shared claim on the label and both wait for it wait for each other until one of the waits is over.
   *
   * If the answer to this call is lost, the claim is taken back: at once, and again when the board is closed.
   * If neither attempt reaches the board, the claim stands until it expires.
   *
   * Refused with `held` if another session holds the label in either mode or waits for it, or if this session
   * already holds it exclusively. Other refusals: `invalid_label`, `invalid_purpose`, `invalid_ttl` (also for
   * `never`), `invalid_wait`.
   *
   * @throws {@link PresenceError} `busy` if too many sessions want the label at once
   *
   * @example
   * ```ts
   * const said = await board.acquire('stack:network', { purpose: 'terraform apply', wait: '10m' })
   * if (!said.ok) throw new Error(said.refusal.message)
   * await using lease = said.lease
   * for (const step of ['plan', 'apply']) {
   *   lease.signal.throwIfAborted()
   *   if (!(await lease.verify())) throw new Error('the lease is lost')
   *   console.log(`${step} with token ${lease.token}`)
   * }
   * ```
   */
  acquire(label: string, options: ExclusiveOptions): Promise<Outcome<{ readonly lease: Lease }>>
  /**
   * Checks whether a fencing token is the current one of a label. Refused with `invalid_label` or
   * `invalid_token`.
   *
   * @example
   * ```ts
   * const said = await board.verify('stack:network', 1)
   * if (!said.ok || !said.current) console.log('stop: the token is no longer the current one')
   * ```
   */
  verify(label: string, token: number): Promise<Outcome<Verified>>
  /**
   * Takes a label from the session that holds it exclusively. The steal is kept in the history, and the
   * previous holder is told.
   *
   * Refused with `not_held` if no other session holds the label exclusively, or with `held` if another
   * session stole it in turn before the answer. Other refusals: `invalid_label`, `invalid_note`,
   * `invalid_purpose`, `invalid_ttl`.
   *
   * @throws {@link PresenceError} `busy` if too many sessions want the label at once
   *
   * @example
   * ```ts
   * const said = await board.steal('node:k8s-1', { reason: 'its host is down, and the node must go back' })
   * if (said.ok) console.log(`taken from ${said.from.session.id}: ${said.from.purpose}`)
   * else if (said.refusal.code === 'not_held') console.log('nobody else holds it exclusively')
   * ```
   */
  steal(label: string, options: StealOptions): Promise<Outcome<Stolen>>
  /**
   * Marks the lapsed claims on a label as resolved, with a note on what you found: at most 4,000 characters,
   * not blank. Refused with `invalid_label` or `invalid_note`.
   *
   * @example
   * ```ts
   * const said = await board.resolve('node:k8s-1', 'looked at it: the drain had finished')
   * if (said.ok) console.log(`${said.resolved.length} lapsed claims resolved`)
   * ```
   */
  resolve(label: string, note: string): Promise<Outcome<Resolved>>
  /**
   * Decides on a command that is about to run, and makes a shared claim on each label that it would change. A label
   * that this session has claimed by hand keeps that claim.
   *
   * If one label refuses the command, the whole command is refused (`decision`), and nothing that this call wrote
   * stays but a record of the decision. See {@link GuardTargetMode}. The claims end soon after {@link Board.settle}.
   * The call is never stored in the outbox: if the board can't be reached, it throws, and nobody knows who is there.
   *
   * Refused with `invalid_command`, `invalid_label`, `invalid_purpose` or `invalid_write_key`.
   *
   * @throws {@link PresenceError} `busy` if too many sessions want the labels at once
   *
   * @example
   * ```ts
   * const targets = [{ label: 'node:k8s-1', mode: 'pause' as const }]
   * const said = await board.guard({ callId: 'call-1', purpose: 'kubectl drain k8s-1', targets })
   * if (said.ok && said.decision === 'refused')
   *   for (const { label, refused, others } of said.targets) console.log(label, refused, others.length)
   * ```
   */
  guard(input: GuardInput): Promise<Outcome<Guarded>>
  /**
   * Says how a guarded command ended. When no other command of this session is running on a label, its automatic
   * claim is settled: after a success it ends 5 minutes later, and after a failure it lapses with the command and its
   * exit status. A command that goes on in the background (`background`) keeps its claims for at most 60 minutes.
   *
   * Refused with `invalid_command`.
   *
   * @example
   * ```ts
   * const said = await board.settle({ callId: 'call-1', outcome: 'failed', exitStatus: 1 })
   * if (said.ok) console.log(`settled ${said.labels.join(', ')}`)
   * ```
   */
  settle(input: SettleInput): Promise<Outcome<Settled>>
  /**
   * Counts the guarded commands per kind of label and ISO week. They are kept for 90 days.
   *
   * @example
   * ```ts
   * const said = await board.compliance({ since: new Date('2026-03-01') })
   * if (said.ok) for (const { week, kind, changed, byHand } of said.rows) console.log(week, kind, changed, byHand)
   * ```
   */
  compliance(options: ComplianceOptions): Promise<Outcome<Compliance>>
  /**
   * Marks a decision of the guard as wrong: the command changes no such label, for example. Refused with `not_found`,
   * `invalid_id` or `invalid_note`.
   *
   * @example
   * ```ts
   * const said = await board.markWrong({ event: '5c0f1a2b3c4d5e6f', note: 'it only reads' })
   * if (!said.ok) console.log(said.refusal.message)
   * ```
   */
  markWrong(options: MarkWrongOptions): Promise<Outcome<object>>
  /**
   * Returns the history of claims, the earliest event first. History is kept for 30 days. Refused with
   * `invalid_label` or `invalid_since`.
   *
   * @example
   * ```ts
   * const said = await board.log({ label: 'node:k8s-1', since: '7d' })
   * if (said.ok)
   *   for (const { at, event, session } of said.events) console.log(at.toISOString(), event, session.id)
   * ```
   */
  log(options?: LogOptions): Promise<Outcome<Logged>>
  /**
   * Extends each live claim of this session by the claim's own ttl. Returns what the session holds, who else
   * is there, and which of its claims ended without a release.
   *
   * @example
   * ```ts
   * const { mine, lapsed } = await board.heartbeat()
   * console.log(`${mine.length} claims extended, ${lapsed.length} lapsed`)
   * ```
   */
  heartbeat(): Promise<SessionView>
  /**
   * Sends a heartbeat and lists the latest claims of all sessions. Takes fewer round trips than the two calls
   * together. With `register`, also registers this session.
   *
   * @example
   * ```ts
   * const { view, listed } = await board.heartbeatAndList({ register: true })
   * console.log(`${view.mine.length} of ${listed.claims.length} claims are mine`)
   * ```
   */
  heartbeatAndList(options?: { readonly register?: boolean }): Promise<HeartbeatAndList>
  /**
   * Releases one label of this session, or {@link all} of them. Releasing a label that nobody holds succeeds.
   *
   * Refused with `not_holder` if only other sessions hold the label, or with `invalid_label`.
   *
   * @example
   * ```ts
   * const said = await board.release('node:k8s-1')
   * if (!said.ok) console.log(said.refusal.message)
   * ```
   */
  release(label: string | typeof all): Promise<Outcome<Released>>
  /**
   * Lists live claims: those of all sessions, this session's own, or those on labels of one kind. Refused
   * with `invalid_label` if the kind is unknown.
   *
   * @example
   * ```ts
   * const said = await board.list({ kind: 'node' })
   * if (said.ok) for (const claim of said.claims) console.log(claim.label, claim.session.id, claim.purpose)
   * ```
   */
  list(options?: ListOptions): Promise<Outcome<Listed>>
  /**
   * Lists the live claims on one label. Refused with `invalid_label`.
   *
   * @example
   * ```ts
   * const said = await board.peek('node:k8s-1')
   * if (said.ok && said.claims.length === 0) console.log('nobody holds it')
   * ```
   */
  peek(label: string): Promise<Outcome<Listed>>
  /**
   * Delivers the outbox: the calls that could not be delivered while the board was unreachable. Stops after
   * the time of one call.
   *
   * @throws {@link PresenceError} `not_writable`, `read_only` or `full` if the outbox's own file can't be used
   *
   * @example
   * ```ts
   * const { done, left } = await board.sync()
   * console.log(`${done} delivered, ${left} left`)
   * ```
   */
  sync(options?: SyncOptions): Promise<Replayed>
  /** Registers this session and the place where it works, before it claims anything. */
  register(): Promise<void>
  /** Ends this session and releases all its claims. */
  deregister(): Promise<Outcome<Released>>
  /**
   * Lists the sessions that are registered or hold live claims, the last seen first. With options, it returns
   * a page, one session, or also sessions that are gone: see {@link WhoOptions}.
   *
   * @example
   * ```ts
   * const { sessions } = await board.who()
   * for (const { session, secondsSince } of sessions) console.log(`${session.id}: seen ${secondsSince} s ago`)
   * ```
   */
  who(options?: WhoOptions): Promise<Who>
  /**
   * Summarizes the board: claims, components, workflows, this session's unread messages, and sessions.
   * Refused with `invalid_project`.
   *
   * @example
   * ```ts
   * const said = await board.status()
   * if (said.ok) console.log(`${said.claims.length} claims, ${said.unread} unread messages`)
   * ```
   */
  status(options?: StatusOptions): Promise<Outcome<Status>>
  /**
   * Yields the current state of the board, then each change as it happens. While the board does not answer,
   * the watch continues and yields an `unknown` change. It ends when its signal fires, the board is closed,
   * or the loop breaks.
   *
   * @throws {@link PresenceError} `invalid_label`, at the call itself
   *
   * @example
   * ```ts
   * for await (const change of board.watch({ label: 'node:k8s-1' })) {
   *   if (change.event === 'known') break // the state is known: `live` claims were on the board
   *   if (change.event === 'unknown') console.log(change.fault.message)
   *   else console.log(change.event, change.claim.session.id)
   * }
   * ```
   */
  watch(options?: WatchOptions): AsyncIterable<Change>
  /**
   * Finishes the work that runs after answers, such as writing the history, and closes the connection. A
   * lease that is still held is no longer extended: release it first. `await using` calls this method.
   */
  close(): Promise<void>
}
