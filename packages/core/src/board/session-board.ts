import type { Ask } from '../calls/table.ts'
import type { Acquired } from '../claims/acquire.ts'
import type { Claimed } from '../claims/claim.ts'
import type { HeartbeatAndList } from '../claims/heartbeat-and-list.ts'
import type { Listed } from '../claims/list.ts'
import { type Logged, logRows } from '../claims/log.ts'
import type { Released } from '../claims/release.ts'
import type { Resolved } from '../claims/resolve.ts'
import type { Stolen } from '../claims/steal.ts'
import type { Verified } from '../claims/verify.ts'
import type { Who, WhoOptions } from '../claims/who-answer.ts'
import type { Status } from '../coordination/status.ts'
import { type Deadline, ownWork } from '../deadline.ts'
import type { Change } from '../domain/change.ts'
import type { Compliance, Guarded, GuardInput, Settled, SettleInput } from '../domain/guarded.ts'
import type { Outcome } from '../domain/refusal.ts'
import type { Session } from '../domain/session.ts'
import type { SessionView } from '../domain/session-view.ts'
import { parseToken } from '../domain/token.ts'
import { parseWriteKey } from '../domain/write-key.ts'
import type { Replayed, SyncOptions } from '../outbox/replay.ts'
import { all, type Board } from './board.ts'
import type { AllAcquired } from './claim-all.ts'
import { type Groups, groupsOn } from './groups.ts'
import type { Lease } from './lease.ts'
import { LeaseClient } from './lease-client.ts'
import { looksBy } from './looks.ts'
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
import { Watches } from './watches.ts'

/** The parts of a board: how it makes calls, and for which session. */
export interface SessionBoardParts {
  readonly session: Session
  readonly kinds: readonly string[]
  /** Makes the calls: on a store, over HTTP, or through an outbox. */
  readonly ask: Ask
  /** The time of one call. */
  readonly deadline: () => Deadline
  /** Delivers the outbox. @default there is none */
  readonly sync?: (options?: SyncOptions) => Promise<Replayed>
  /** Ends the connection, when no more calls are made. */
  readonly close: () => Promise<void>
}

const NO_OUTBOX: Replayed = { done: 0, dropped: [], damaged: [], left: 0 }

/** The board as one session sees it, made of single calls. Waits, leases and watches run in this process. */
export class SessionBoard implements Board {
  readonly session: Session
  readonly messages: Groups['messages']
  readonly components: Groups['components']
  readonly workflows: Groups['workflows']
  readonly items: Groups['items']
  readonly #ask: Ask
  readonly #parts: SessionBoardParts
  readonly #leaseClient: LeaseClient
  readonly #watches: Watches

  constructor(parts: SessionBoardParts) {
    const { session, kinds, ask, deadline } = parts
    this.session = session
    this.#parts = parts
    this.#ask = ask
    this.#leaseClient = new LeaseClient(ask, session.id)
    this.#watches = new Watches(looksBy(ask), session.id, kinds, deadline)
    const groups = groupsOn(ask)
    this.messages = groups.messages
    this.components = groups.components
    this.workflows = groups.workflows
    this.items = groups.items
  }

  claim(label: string, options: SharedOptions): Promise<Outcome<Claimed>> {
    return this.#leaseClient.claim(label, options)
  }

  async takeBack(label: string, options: TakeBackOptions): Promise<Outcome<{ readonly gone: boolean }>> {
    const key = parseWriteKey(options.writeKey)
    return key.ok ? this.#ask('take-back', { label, ...options }) : key
  }

  claimExclusively(label: string, options: ExclusiveOptions): Promise<Outcome<Acquired>> {
    return this.#leaseClient.acquire(label, options, true)
  }

  async claimAllExclusively(
    labels: readonly string[],
    options: ExclusiveOptions,
  ): Promise<Outcome<AllAcquired>> {
    const { claimAll } = await ownWork(() => import('./claim-all.ts'))
    return claimAll(this.#leaseClient, labels, options, this.#parts.deadline)
  }

  acquire(label: string, options: ExclusiveOptions): Promise<Outcome<{ readonly lease: Lease }>> {
    return this.#leaseClient.lease(label, options)
  }

  async verify(label: string, token: number): Promise<Outcome<Verified>> {
    // JSON can't represent NaN or Infinity, so check the token here.
    const checked = parseToken(token)
    return checked.ok ? this.#ask('verify', { label, token }) : checked
  }

  steal(label: string, options: StealOptions): Promise<Outcome<Stolen>> {
    return this.#ask('steal', { label, ...options })
  }

  resolve(label: string, note: string): Promise<Outcome<Resolved>> {
    return this.#ask('resolve', { label, note })
  }

  guard(input: GuardInput): Promise<Outcome<Guarded>> {
    return this.#ask('guard', input)
  }

  settle(input: SettleInput): Promise<Outcome<Settled>> {
    return this.#ask('settle', input)
  }

  compliance({ since }: ComplianceOptions): Promise<Outcome<Compliance>> {
    return this.#ask('compliance', { commandsSince: since })
  }

  markWrong({ event, note }: MarkWrongOptions): Promise<Outcome<object>> {
    return this.#ask('mark-wrong', { decision: event, ...(note === undefined ? {} : { note }) })
  }

  log({ session, limit, ...options }: LogOptions = {}): Promise<Outcome<Logged>> {
    const input = { ...options, limit: logRows(limit) }
    return this.#ask('log', session === undefined ? input : { ...input, of: session })
  }

  heartbeat(): Promise<SessionView> {
    return this.#ask('heartbeat', {})
  }

  heartbeatAndList(options: { readonly register?: boolean } = {}): Promise<HeartbeatAndList> {
    return this.#ask('heartbeat-and-list', options)
  }

  release(label: string | typeof all): Promise<Outcome<Released>> {
    return label === all ? this.#ask('release-all', {}) : this.#ask('release', { label })
  }

  list(options: ListOptions = {}): Promise<Outcome<Listed>> {
    return this.#ask('list', options)
  }

  peek(label: string): Promise<Outcome<Listed>> {
    return this.#ask('peek', { label })
  }

  async register(): Promise<void> {
    await this.#ask('register', {})
  }

  deregister(): Promise<Outcome<Released>> {
    return this.#ask('deregister', {})
  }

  who(options: WhoOptions = {}): Promise<Who> {
    return this.#ask('who', options)
  }

  status(options: StatusOptions = {}): Promise<Outcome<Status>> {
    return this.#ask('status', options)
  }

  watch(options?: WatchOptions): AsyncIterable<Change> {
    return this.#watches.watch(options)
  }

  async sync(options?: SyncOptions): Promise<Replayed> {
    return this.#parts.sync?.(options) ?? NO_OUTBOX
  }

  async close(): Promise<void> {
    this.#watches.stop()
    await this.#leaseClient.stop()
    await this.#parts.close()
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }
}
