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
} from './board.ts'
import { type Deadline, ownWork } from './deadline.ts'
import type { Change } from './domain/change.ts'
import { eventsOfRelease } from './domain/history.ts'
import { type Label, parseKind, parseLabel } from './domain/label.ts'
import { parseNote } from './domain/note.ts'
import { parsePurpose } from './domain/purpose.ts'
import { accept, type Outcome } from './domain/refusal.ts'
import type { Session } from './domain/session.ts'
import { parseSince } from './domain/since.ts'
import type { Standing } from './domain/standing.ts'
import { parseWriteKey } from './domain/write-key.ts'
import { type Groups, groupsOn } from './groups/lazy.ts'
import type { Lease } from './lease.ts'
import { LeaseClient } from './lease-client.ts'
import type { Replayed } from './outbox/replay.ts'
import { Pruner } from './pruner.ts'
import { Recorder } from './recorder.ts'
import { StoreSteps } from './steps.ts'
import type { Store } from './store/port.ts'
import type { Acquired } from './verbs/acquire.ts'
import type { Claimed } from './verbs/claim.ts'
import { heartbeat } from './verbs/heartbeat.ts'
import { type Listed, list } from './verbs/list.ts'
import { type Logged, log, logRows } from './verbs/log.ts'
import { looksOn } from './verbs/look-since.ts'
import { peek } from './verbs/peek.ts'
import { type Released, release } from './verbs/release.ts'
import { type Resolved, resolve } from './verbs/resolve.ts'
import type { Status } from './verbs/status.ts'
import { type Stolen, steal } from './verbs/steal.ts'
import { type Survey, survey } from './verbs/survey.ts'
import { takeBack } from './verbs/take-back.ts'
import type { Verified } from './verbs/verify.ts'
import { type Who, type WhoOptions, who } from './verbs/who.ts'
import { Watches } from './watches.ts'

/** The limit for `latest`. */
const LATEST_MAX = 500

/** The board on a store: validates the input, calls the verb, and prunes after the answer. */
export class StoreBoard implements Board {
  readonly session: Session
  readonly messages: Groups['messages']
  readonly components: Groups['components']
  readonly workflows: Groups['workflows']
  readonly items: Groups['items']
  readonly #store: Store
  readonly #kinds: readonly string[]
  readonly #deadline: () => Deadline
  readonly #pruner: Pruner
  readonly #recorder: Recorder
  readonly #sharesStore: boolean
  readonly #steps: StoreSteps
  readonly #leaseClient: LeaseClient
  readonly #watches: Watches

  /**
   * @param after the work after answers, if the store is shared with other boards. The caller who opened the
   * store closes it
   */
  constructor(
    store: Store,
    session: Session,
    kinds: readonly string[],
    deadline: () => Deadline,
    after?: { readonly pruner: Pruner; readonly recorder: Recorder },
  ) {
    this.session = session
    this.#store = store
    this.#kinds = kinds
    this.#deadline = deadline
    this.#pruner = after?.pruner ?? new Pruner(store)
    this.#recorder = after?.recorder ?? new Recorder(store.history)
    this.#sharesStore = after !== undefined
    const [pruner, recorder] = [this.#pruner, this.#recorder]
    this.#steps = new StoreSteps(store, session, kinds, deadline, { pruner, recorder })
    this.#leaseClient = new LeaseClient(this.#steps, session.id)
    this.#watches = new Watches(looksOn(store), session.id, kinds, deadline)
    const groups = groupsOn(store, session.id, deadline)
    this.messages = groups.messages
    this.components = groups.components
    this.workflows = groups.workflows
    this.items = groups.items
  }

  claim(label: string, options: SharedOptions): Promise<Outcome<Claimed>> {
    return this.#leaseClient.claim(label, options)
  }

  async takeBack(
    text: string,
    { writeKey, before }: TakeBackOptions,
  ): Promise<Outcome<{ readonly gone: boolean }>> {
    const label = parseLabel(text, this.#kinds)
    if (!label.ok) return label
    const key = parseWriteKey(writeKey)
    if (!key.ok) return key
    // A client of the first table may have written an invalid purpose: then keep the current one.
    const kept = before && parsePurpose(before.purpose).ok ? before : undefined
    const write = { writeKey, before: kept }
    const taken = await takeBack(this.#store, this.session.id, label.value.text, write, this.#deadline())
    if (taken.event) this.#recorder.afterAnswer([taken.event])
    return { ok: true, gone: taken.gone }
  }

  claimExclusively(label: string, options: ExclusiveOptions): Promise<Outcome<Acquired>> {
    return this.#leaseClient.acquire(label, options, true)
  }

  acquire(label: string, options: ExclusiveOptions): Promise<Outcome<{ readonly lease: Lease }>> {
    return this.#leaseClient.lease(label, options)
  }

  verify(label: string, token: number): Promise<Outcome<Verified>> {
    return this.#steps.verify(label, token)
  }

  async steal(text: string, { reason, purpose = reason, ttl }: StealOptions): Promise<Outcome<Stolen>> {
    const why = parseNote(reason, 'steal', '--reason "its host is down, and the node must go back"')
    if (!why.ok) return why
    const own = this.#steps.own(text, ttl === undefined ? { purpose } : { purpose, ttl })
    return own.ok ? steal(this.#store, own.value, why.value, this.#deadline()) : own
  }

  async resolve(text: string, note: string): Promise<Outcome<Resolved>> {
    const label = parseLabel(text, this.#kinds)
    if (!label.ok) return label
    const why = parseNote(note, 'resolve', '--note "looked at it: the drain had finished"')
    if (!why.ok) return why
    const resolved = await resolve(this.#store, this.session, label.value, why.value, this.#deadline())
    return { ok: true, ...resolved }
  }

  async log({ label: text, session, since, limit }: LogOptions = {}): Promise<Outcome<Logged>> {
    const label = text === undefined ? undefined : parseLabel(text, this.#kinds)
    if (label && !label.ok) return label
    const seconds = parseSince(since)
    if (!seconds.ok) return seconds
    const filter = {
      seconds: seconds.value,
      rows: logRows(limit),
      ...(label ? { label: label.value.text } : {}),
      ...(session === undefined ? {} : { sessionId: session }),
    }
    const deadline = this.#deadline()
    // On a server, a client may ask for the event of a call that was just answered: write it first.
    await this.#recorder.caughtUp()
    return { ok: true, ...(await log(this.#store, filter, deadline)) }
  }

  heartbeat(): Promise<Standing> {
    return heartbeat(this.#store, this.session.id, this.#deadline())
  }

  survey({ register = false }: { readonly register?: boolean } = {}): Promise<Survey> {
    return survey(this.#store, this.session, register, this.#deadline())
  }

  async release(text: string | typeof all): Promise<Outcome<Released>> {
    const label = text === all ? undefined : parseLabel(text, this.#kinds)
    if (label && !label.ok) return label
    return this.#release(label?.value, this.#deadline())
  }

  async #release(label: Label | undefined, deadline: Deadline): Promise<Outcome<Released>> {
    const released = await release(this.#store, this.session.id, label, deadline)
    if (released.ok) this.#recorder.afterAnswer(eventsOfRelease(released))
    return released
  }

  async list({ mine = false, kind, latest }: ListOptions = {}): Promise<Outcome<Listed>> {
    const checked = kind === undefined ? undefined : parseKind(kind, this.#kinds)
    if (checked && !checked.ok) return checked
    const scope = checked
      ? { kind: checked.value }
      : mine
        ? { mine }
        : latest
          ? { latest: Math.min(latest, LATEST_MAX) }
          : { whole: true as const }
    return { ok: true, ...(await list(this.#store, this.session.id, scope, mine, this.#deadline())) }
  }

  async peek(text: string): Promise<Outcome<Listed>> {
    const label = parseLabel(text, this.#kinds)
    if (!label.ok) return label
    return { ok: true, ...(await peek(this.#store, this.session.id, label.value, this.#deadline())) }
  }

  /** Does nothing: a board without a server has no outbox. */
  async sync(): Promise<Replayed> {
    return { done: 0, dropped: [], damaged: [], left: 0 }
  }

  register(): Promise<void> {
    return this.#store.register(this.session, this.#deadline())
  }

  async deregister(): Promise<Outcome<Released>> {
    const deadline = this.#deadline()
    const released = await this.#release(undefined, deadline)
    await this.#store.end(this.session.id, deadline)
    return released
  }

  async who(options: WhoOptions = {}): Promise<Who> {
    if (Object.values(options).every(option => option === undefined || option === false))
      return who(this.#store, this.session.id, this.#deadline())
    const { whoAmong } = await ownWork(() => import('./verbs/who-among.ts'))
    return whoAmong(this.#store, this.session.id, options, this.#deadline())
  }

  async status(options: StatusOptions = {}): Promise<Outcome<Status>> {
    const [{ parseProject }, { status }] = await ownWork(() =>
      Promise.all([import('./domain/project.ts'), import('./verbs/status.ts')]),
    )
    const project = options.project === undefined ? accept(undefined) : parseProject(options.project)
    if (!project.ok) return project
    return { ok: true, ...(await status(this.#store, this.session.id, project.value, this.#deadline())) }
  }

  watch(options?: WatchOptions): AsyncIterable<Change> {
    return this.#watches.watch(options)
  }

  async close(): Promise<void> {
    this.#watches.stop()
    await this.#leaseClient.stop()
    if (this.#sharesStore) return
    await Promise.all([this.#recorder.close(), this.#pruner.settled()])
    await this.#store.close()
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }
}
