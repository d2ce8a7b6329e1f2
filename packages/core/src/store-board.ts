import {
  all,
  type Board,
  type ClaimOptions,
  type ExclusiveOptions,
  type ListOptions,
  type LogOptions,
  type StatusOptions,
  type StealOptions,
  type WatchOptions,
  type WhoOptions,
} from './board.ts'
import { Deadline } from './deadline.ts'
import type { Change } from './domain/change.ts'
import type { Claim } from './domain/claim.ts'
import { PresenceError } from './domain/fault.ts'
import { eventsOfAcquisition, eventsOfClaim, eventsOfRelease, releaseEvent } from './domain/history.ts'
import { type Label, parseKind, parseLabel } from './domain/label.ts'
import { parseNote } from './domain/note.ts'
import { parsePurpose } from './domain/purpose.ts'
import { accept, type Checked, type Outcome, refuse } from './domain/refusal.ts'
import type { Session } from './domain/session.ts'
import { parseSince } from './domain/since.ts'
import type { Standing } from './domain/standing.ts'
import { parseExclusiveTtl, parseTtl } from './domain/ttl.ts'
import { parseWait } from './domain/wait.ts'
import { type Groups, groupsOn } from './groups/lazy.ts'
import { Lease, now } from './lease.ts'
import { Pruner } from './pruner.ts'
import type { Replayed } from './queue/replay.ts'
import { Recorder } from './recorder.ts'
import type { OwnClaim, Store } from './store/port.ts'
import type { Acquired } from './verbs/acquire.ts'
import { type Claimed, claim } from './verbs/claim.ts'
import { heartbeat } from './verbs/heartbeat.ts'
import { type Listed, list } from './verbs/list.ts'
import { type Logged, log } from './verbs/log.ts'
import { peek } from './verbs/peek.ts'
import { type Released, release } from './verbs/release.ts'
import { type Resolved, resolve } from './verbs/resolve.ts'
import type { Status } from './verbs/status.ts'
import { type Stolen, steal } from './verbs/steal.ts'
import { type Survey, survey } from './verbs/survey.ts'
import { type Verified, verify } from './verbs/verify.ts'
import { acquireInTurn, type Turn, untilFree, type WaitOptions } from './verbs/wait.ts'
import { watch } from './verbs/watch.ts'
import { type Who, who } from './verbs/who.ts'

/** Milliseconds between two looks at the board. */
export const WATCH_EVERY_MS_DEFAULT = 1_000
const WATCH_EVERY_MS_MIN = 20
const LOG_ROWS_DEFAULT = 100
const LOG_ROWS_MAX = 10_000

/** The board on a store of its own: checks what comes in, hands it to the verb, prunes after the answer. */
export class StoreBoard implements Board {
  readonly session: Session
  readonly messages: Groups['messages']
  readonly components: Groups['components']
  readonly workflows: Groups['workflows']
  readonly items: Groups['items']
  readonly #store: Store
  readonly #kinds: readonly string[]
  readonly #deadlineMs: number
  readonly #pruner: Pruner
  readonly #recorder: Recorder
  readonly #sharesStore: boolean
  readonly #leases = new Set<Lease>()
  /** Ends the watches that still run. Made by the first: few commands watch. */
  #closing: AbortController | undefined

  /** @param after what runs after answers, where the store is shared with other boards: whoever opened it closes it */
  constructor(
    store: Store,
    session: Session,
    kinds: readonly string[],
    deadlineMs: number,
    after?: { readonly pruner: Pruner; readonly recorder: Recorder },
  ) {
    this.session = session
    this.#store = store
    this.#kinds = kinds
    this.#deadlineMs = deadlineMs
    this.#pruner = after?.pruner ?? new Pruner(store)
    this.#recorder = after?.recorder ?? new Recorder(store.history)
    this.#sharesStore = after !== undefined
    const groups = groupsOn(store, session.id, () => this.#deadline())
    this.messages = groups.messages
    this.components = groups.components
    this.workflows = groups.workflows
    this.items = groups.items
  }

  async claim(text: string, options: ClaimOptions): Promise<Outcome<Claimed>> {
    const own = this.#own(text, options)
    if (!own.ok) return own
    const wait = this.#wait(options)
    if (!wait.ok) return wait
    const claimed = await untilFree(() => claim(this.#store, own.value, this.#deadline()), wait.value)
    if (claimed.ok && claimed.isNew) this.#recorder.afterAnswer(eventsOfClaim(claimed))
    this.#pruner.afterAnswer(this.#recorder.settled())
    return claimed
  }

  async claimExclusively(text: string, options: ExclusiveOptions): Promise<Outcome<Acquired>> {
    return this.#acquire(text, options, true)
  }

  async acquire(text: string, options: ExclusiveOptions): Promise<Outcome<{ readonly lease: Lease }>> {
    let from = now()
    // The claim is sent after the wait's last look: its life is counted from before that.
    const onWait = (turn: Turn) => {
      from = now()
      options.onWait?.(turn)
    }
    const acquired = await this.#acquire(text, { ...options, onWait }, false)
    if (!acquired.ok) return acquired
    const { claim } = acquired
    const only = { label: claim.label, token: claim.token }
    const lease = new Lease(acquired, from, {
      renew: async () => {
        const deadline = this.#deadline()
        await this.#store.locks.extend(this.session.id, only, deadline)
        return verify(this.#store, claim.label, claim.token, deadline)
      },
      verify: () => verify(this.#store, claim.label, claim.token, this.#deadline()),
      release: () => this.#releaseLease(claim),
    })
    this.#leases.add(lease)
    return { ok: true, lease }
  }

  async verify(text: string, token: number): Promise<Outcome<Verified>> {
    const label = parseLabel(text, this.#kinds)
    if (!label.ok) return label
    if (!Number.isSafeInteger(token) || token < 1)
      return refuse({
        code: 'invalid_token',
        message: Number.isNaN(token) ? 'that is no token' : `${token} is no token`,
        remedy: 'give the number that claim --exclusive printed',
      })
    return { ok: true, ...(await verify(this.#store, label.value.text, token, this.#deadline())) }
  }

  async steal(text: string, { reason, purpose = reason, ttl }: StealOptions): Promise<Outcome<Stolen>> {
    const why = parseNote(reason, 'steal', '--reason "its host is down, and the node must go back"')
    if (!why.ok) return why
    const own = this.#own(text, ttl === undefined ? { purpose } : { purpose, ttl })
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

  async log({
    label: text,
    session,
    since,
    limit = LOG_ROWS_DEFAULT,
  }: LogOptions = {}): Promise<Outcome<Logged>> {
    const label = text === undefined ? undefined : parseLabel(text, this.#kinds)
    if (label && !label.ok) return label
    const seconds = parseSince(since)
    if (!seconds.ok) return seconds
    const filter = {
      seconds: seconds.value,
      rows: Math.max(1, Math.min(Math.trunc(limit) || LOG_ROWS_DEFAULT, LOG_ROWS_MAX)),
      ...(label ? { label: label.value.text } : {}),
      ...(session === undefined ? {} : { sessionId: session }),
    }
    return { ok: true, ...(await log(this.#store, filter, this.#deadline())) }
  }

  async #acquire(text: string, options: ExclusiveOptions, again: boolean): Promise<Outcome<Acquired>> {
    const own = this.#own(text, options, again ? parseExclusiveTtl : parseTtl)
    if (!own.ok) return own
    const wait = this.#wait(options)
    if (!wait.ok) return wait
    const { overShared = false } = options
    const acquired = await acquireInTurn(this.#store, own.value, { overShared, again }, wait.value)
    if (acquired.ok) this.#recorder.afterAnswer(eventsOfAcquisition(acquired))
    return acquired
  }

  async #releaseLease(claim: Claim & { readonly token: number }): Promise<boolean> {
    const freed = await this.#store.locks.free(this.session.id, claim, this.#deadline())
    if (freed === 0) return false
    this.#recorder.afterAnswer(async () => [releaseEvent(claim, await this.#store.now(this.#deadline()))])
    return true
  }

  #own(text: string, options: ClaimOptions, parse = parseTtl): Checked<OwnClaim> {
    const label = parseLabel(text, this.#kinds)
    if (!label.ok) return label
    const purpose = parsePurpose(options.purpose)
    if (!purpose.ok) return purpose
    const ttl = parse(options.ttl)
    if (!ttl.ok) return ttl
    return accept({
      session: this.session,
      label: label.value.text,
      purpose: purpose.value,
      ttlSeconds: ttl.value,
    })
  }

  #wait({ wait, signal, onWait }: ClaimOptions): Checked<WaitOptions> {
    const waitMs = parseWait(wait)
    if (!waitMs.ok) return waitMs
    return accept({ waitMs: waitMs.value, signal, onWait, deadline: () => this.#deadline() })
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

  async list({ mine = false, kind }: ListOptions = {}): Promise<Outcome<Listed>> {
    const checked = kind === undefined ? undefined : parseKind(kind, this.#kinds)
    if (checked && !checked.ok) return checked
    const scope = checked ? { kind: checked.value } : mine ? { mine } : { whole: true as const }
    return { ok: true, ...(await list(this.#store, this.session.id, scope, mine, this.#deadline())) }
  }

  async peek(text: string): Promise<Outcome<Listed>> {
    const label = parseLabel(text, this.#kinds)
    if (!label.ok) return label
    return { ok: true, ...(await peek(this.#store, this.session.id, label.value, this.#deadline())) }
  }

  /** Nothing is queued for a board that is reached directly. */
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

  who({ all = false }: WhoOptions = {}): Promise<Who> {
    return who(this.#store, this.session.id, all, this.#deadline())
  }

  async status(options: StatusOptions = {}): Promise<Outcome<Status>> {
    const [{ parseProject }, { status }] = await Promise.all([
      import('./domain/project.ts'),
      import('./verbs/status.ts'),
    ])
    const project = options.project === undefined ? accept(undefined) : parseProject(options.project)
    if (!project.ok) return project
    return { ok: true, ...(await status(this.#store, this.session.id, project.value, this.#deadline())) }
  }

  watch({ label: text, signal, everyMs = WATCH_EVERY_MS_DEFAULT }: WatchOptions = {}): AsyncIterable<Change> {
    const label = text === undefined ? undefined : parseLabel(text, this.#kinds)
    if (label && !label.ok)
      throw new PresenceError('invalid_label', label.refusal.message, label.refusal.remedy)
    this.#closing ??= new AbortController()
    const ends = [this.#closing.signal, ...(signal ? [signal] : [])]
    return watch(this.#store, this.session.id, {
      label: label?.value,
      everyMs: everyMs >= WATCH_EVERY_MS_MIN ? everyMs : WATCH_EVERY_MS_MIN,
      signal: AbortSignal.any(ends),
      deadline: () => this.#deadline(),
    })
  }

  async close(): Promise<void> {
    this.#closing?.abort()
    this.#closing = undefined
    // What is left of a lease is its expiry: whoever closes a board without releasing may mean to.
    for (const lease of this.#leases) lease.stop()
    if (this.#sharesStore) return
    await Promise.all([this.#recorder.settled(), this.#pruner.settled()])
    await this.#store.close()
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  #deadline(): Deadline {
    return Deadline.after(this.#deadlineMs)
  }
}
