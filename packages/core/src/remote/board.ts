import {
  all,
  type Board,
  type ExclusiveOptions,
  type ListOptions,
  type LogOptions,
  type SharedOptions,
  type StatusOptions,
  type StealOptions,
  type TakeBackOptions,
  type WatchOptions,
} from '../board.ts'
import type { HttpDsn } from '../config/dsn.ts'
import type { Deadline } from '../deadline.ts'
import type { Change } from '../domain/change.ts'
import { KINDS } from '../domain/label.ts'
import type { Outcome } from '../domain/refusal.ts'
import type { Session } from '../domain/session.ts'
import type { Standing } from '../domain/standing.ts'
import { parseToken } from '../domain/token.ts'
import { parseWriteKey } from '../domain/write-key.ts'
import type { Groups } from '../groups/lazy.ts'
import type { Lease } from '../lease.ts'
import { LeaseClient } from '../lease-client.ts'
import type { Replayed, Replays } from '../outbox/replay.ts'
import type { Acquired } from '../verbs/acquire.ts'
import type { Claimed } from '../verbs/claim.ts'
import type { Listed } from '../verbs/list.ts'
import { type Logged, logRows } from '../verbs/log.ts'
import type { Released } from '../verbs/release.ts'
import type { Resolved } from '../verbs/resolve.ts'
import type { Status } from '../verbs/status.ts'
import type { Stolen } from '../verbs/steal.ts'
import type { Survey } from '../verbs/survey.ts'
import type { Verified } from '../verbs/verify.ts'
import type { Who, WhoOptions } from '../verbs/who.ts'
import { Watches } from '../watches.ts'
import { Client } from './client.ts'
import { groupsOver } from './groups.ts'
import { looksOver, replaysOver } from './queued.ts'
import { type Ask, remoteSteps } from './steps.ts'

/**
 * The board of a presence server. Each call is one request; waiting, leases and watches run in this process.
 */
export class RemoteBoard implements Board {
  readonly session: Session
  readonly messages: Groups['messages']
  readonly components: Groups['components']
  readonly workflows: Groups['workflows']
  readonly items: Groups['items']
  /** The calls that the outbox needs. */
  readonly replays: Replays
  readonly #client: Client
  readonly #ask: Ask
  readonly #leaseClient: LeaseClient
  readonly #watches: Watches

  /** @param kinds the kinds of label known here; those that are not built in are sent to the server */
  constructor(dsn: HttpDsn, session: Session, kinds: readonly string[], deadline: () => Deadline) {
    this.session = session
    this.#client = new Client(
      dsn,
      kinds.filter(kind => !KINDS.includes(kind)),
    )
    this.#ask = (verb, input, by = deadline()) => this.#client.ask(verb, session, input, by)
    this.#leaseClient = new LeaseClient(remoteSteps(this.#ask), session.id)
    this.#watches = new Watches(looksOver(this.#ask), session.id, kinds, deadline)
    const groups = groupsOver(this.#ask)
    this.messages = groups.messages
    this.components = groups.components
    this.workflows = groups.workflows
    this.items = groups.items
    this.replays = replaysOver(this.#ask, this.#client)
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

  log({ session, limit, ...options }: LogOptions = {}): Promise<Outcome<Logged>> {
    const asked = { ...options, limit: logRows(limit) }
    return this.#ask('log', session === undefined ? asked : { ...asked, of: session })
  }

  heartbeat(): Promise<Standing> {
    return this.#ask('heartbeat', {})
  }

  survey(options: { readonly register?: boolean } = {}): Promise<Survey> {
    return this.#ask('survey', options)
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

  /** There is nothing to deliver here: the outbox is around this board. */
  async sync(): Promise<Replayed> {
    return { done: 0, dropped: [], damaged: [], left: 0 }
  }

  async close(): Promise<void> {
    this.#watches.stop()
    await this.#leaseClient.stop()
    this.#client.close()
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }
}
