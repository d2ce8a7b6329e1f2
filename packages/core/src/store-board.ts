import {
  all,
  type Board,
  type ClaimOptions,
  type ExclusiveOptions,
  type ListOptions,
  type WatchOptions,
} from './board.ts'
import { Deadline } from './deadline.ts'
import type { Change } from './domain/change.ts'
import { PresenceError } from './domain/fault.ts'
import { parseKind, parseLabel } from './domain/label.ts'
import { parsePurpose } from './domain/purpose.ts'
import { accept, type Checked, type Outcome, refuse } from './domain/refusal.ts'
import type { Session } from './domain/session.ts'
import type { Standing } from './domain/standing.ts'
import { parseTtl } from './domain/ttl.ts'
import { Lease, now } from './lease.ts'
import { Pruner } from './pruner.ts'
import type { Replayed } from './queue/replay.ts'
import type { OwnClaim, Store } from './store/port.ts'
import { type Acquired, acquire } from './verbs/acquire.ts'
import { type Claimed, claim } from './verbs/claim.ts'
import { heartbeat } from './verbs/heartbeat.ts'
import { type Listed, list } from './verbs/list.ts'
import { peek } from './verbs/peek.ts'
import { type Released, release } from './verbs/release.ts'
import { type Verified, verify } from './verbs/verify.ts'
import { watch } from './verbs/watch.ts'
import { type Who, who } from './verbs/who.ts'

const WATCH_EVERY_MS_DEFAULT = 1_000
const WATCH_EVERY_MS_MIN = 20

/** The board on a store of its own: checks what comes in, hands it to the verb, prunes after the answer. */
export class StoreBoard implements Board {
  readonly session: Session
  readonly #store: Store
  readonly #kinds: readonly string[]
  readonly #deadlineMs: number
  readonly #pruner: Pruner
  readonly #leases = new Set<Lease>()
  /** Ends the watches that still run. Made by the first: few commands watch. */
  #closing: AbortController | undefined

  constructor(store: Store, session: Session, kinds: readonly string[], deadlineMs: number) {
    this.session = session
    this.#store = store
    this.#kinds = kinds
    this.#deadlineMs = deadlineMs
    this.#pruner = new Pruner(store)
  }

  async claim(text: string, options: ClaimOptions): Promise<Outcome<Claimed>> {
    const own = this.#own(text, options)
    if (!own.ok) return own
    const claimed = await claim(this.#store, own.value, this.#deadline())
    this.#pruner.afterAnswer()
    return claimed
  }

  async claimExclusively(text: string, options: ExclusiveOptions): Promise<Outcome<Acquired>> {
    return this.#acquire(text, options, true)
  }

  async acquire(text: string, options: ExclusiveOptions): Promise<Outcome<{ readonly lease: Lease }>> {
    const from = now()
    const acquired = await this.#acquire(text, options, false)
    if (!acquired.ok) return acquired
    const { claim } = acquired
    const only = { label: claim.label, token: claim.token }
    const lease = new Lease(acquired, from, {
      renew: async () => {
        const deadline = this.#deadline()
        await this.#store.extendLocks(this.session.id, only, deadline)
        return (await verify(this.#store, claim.label, claim.token, deadline)).current
      },
      verify: () => verify(this.#store, claim.label, claim.token, this.#deadline()),
      release: () => this.#store.free(this.session.id, only, this.#deadline()),
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
        message: `${token} is no token`,
        remedy: 'give the number that claim --exclusive printed',
      })
    return { ok: true, ...(await verify(this.#store, label.value.text, token, this.#deadline())) }
  }

  async #acquire(text: string, options: ExclusiveOptions, again: boolean): Promise<Outcome<Acquired>> {
    const own = this.#own(text, options)
    if (!own.ok) return own
    const { overShared = false } = options
    return acquire(this.#store, own.value, { overShared, again }, this.#deadline())
  }

  #own(text: string, options: ClaimOptions): Checked<OwnClaim> {
    const label = parseLabel(text, this.#kinds)
    if (!label.ok) return label
    const purpose = parsePurpose(options.purpose)
    if (!purpose.ok) return purpose
    const ttl = parseTtl(options.ttl)
    if (!ttl.ok) return ttl
    return accept({
      session: this.session,
      label: label.value.text,
      purpose: purpose.value,
      ttlSeconds: ttl.value,
    })
  }

  heartbeat(): Promise<Standing> {
    return heartbeat(this.#store, this.session.id, this.#deadline())
  }

  async release(text: string | typeof all): Promise<Outcome<Released>> {
    if (text === all) return release(this.#store, this.session.id, undefined, this.#deadline())
    const label = parseLabel(text, this.#kinds)
    return label.ok ? release(this.#store, this.session.id, label.value, this.#deadline()) : label
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
    const released = await release(this.#store, this.session.id, undefined, deadline)
    await this.#store.end(this.session.id, deadline)
    return released
  }

  who(): Promise<Who> {
    return who(this.#store, this.session.id, this.#deadline())
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
    await this.#pruner.settled()
    await this.#store.close()
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  #deadline(): Deadline {
    return Deadline.after(this.#deadlineMs)
  }
}
