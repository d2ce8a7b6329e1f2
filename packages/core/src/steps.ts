import type { ClaimOptions, ExclusiveOptions } from './board.ts'
import { Deadline } from './deadline.ts'
import type { Claim } from './domain/claim.ts'
import { eventsOfAcquisition, eventsOfClaim, releaseEvent } from './domain/history.ts'
import { parseLabel } from './domain/label.ts'
import { parsePurpose } from './domain/purpose.ts'
import { accept, type Checked, type Outcome } from './domain/refusal.ts'
import type { Session } from './domain/session.ts'
import { parseToken } from './domain/token.ts'
import { parseExclusiveTtl, parseTtl } from './domain/ttl.ts'
import type { Pruner } from './pruner.ts'
import type { Recorder } from './recorder.ts'
import type { OwnClaim, Store } from './store/port.ts'
import { type Acquired, acquire } from './verbs/acquire.ts'
import { type Claimed, claim } from './verbs/claim.ts'
import { type Look, type LookOptions, look } from './verbs/look.ts'
import { type Verified, verify } from './verbs/verify.ts'

/** What a claim contains, without the wait. */
export type OwnOptions = Pick<ClaimOptions, 'purpose' | 'ttl'>
type SharedOptions = OwnOptions & { readonly writeKey?: string }

export interface AcquireHow {
  /**
   * True: return the claim that this session already holds. False: refuse the call as if another session held
   * the label.
   */
  readonly again: boolean
  /** Identifies the claim over several attempts: unique across all processes. */
  readonly nonce?: string
}

interface GiveBackHow {
  readonly nonce?: string
  /** The claim for the history. If it is not given, it is looked up. */
  readonly known?: Claim
}

interface Place {
  readonly waiter?: string
  readonly nonce?: string
  readonly withinMs?: number
}

/**
 * The single calls that waits and leases are made of. Each ends within the time of one call. Their caller
 * repeats them: this process for a store, the client for a server.
 */
export interface Steps {
  claim(label: string, options: SharedOptions): Promise<Outcome<Claimed>>
  acquire(
    label: string,
    options: OwnOptions & Pick<ExclusiveOptions, 'overShared'>,
    how: Required<AcquireHow>,
  ): Promise<Outcome<Acquired>>
  /** Checks whether it is this waiter's turn, and acquires the label if so. */
  look(
    label: string,
    options: OwnOptions & Pick<ExclusiveOptions, 'overShared'>,
    how: Pick<AcquireHow, 'again'> & LookOptions,
  ): Promise<Outcome<Look>>
  /**
   * Leaves the wait queue, and takes back the claim with this write key. May take as long as a call if
   * `withinMs` is not given.
   */
  leave(label: string, place: Place): Promise<Outcome<Readonly<Record<never, never>>>>
  /** Checks whether this token is the current one. */
  verify(label: string, token: number): Promise<Outcome<Verified>>
  /** Extends the exclusive claim that has this token, and then checks the token. */
  renew(label: string, token: number): Promise<Outcome<Verified>>
  /**
   * Releases the exclusive claim that has this token, and no other. With a write key, only the claim that was
   * made with it: if another process of the session has claimed the label since, its claim stays. `held`
   * tells whether it was still there.
   */
  giveBack(label: string, token: number, how: GiveBackHow): Promise<Outcome<{ readonly held: boolean }>>
}

/** The steps on a store. */
export class StoreSteps implements Steps {
  readonly #store: Store
  readonly #session: Session
  readonly #kinds: readonly string[]
  readonly #deadline: () => Deadline
  readonly #after: { readonly pruner: Pruner; readonly recorder: Recorder }

  constructor(
    store: Store,
    session: Session,
    kinds: readonly string[],
    deadline: () => Deadline,
    after: { readonly pruner: Pruner; readonly recorder: Recorder },
  ) {
    this.#store = store
    this.#session = session
    this.#kinds = kinds
    this.#deadline = deadline
    this.#after = after
  }

  async claim(text: string, { writeKey, ...options }: SharedOptions): Promise<Outcome<Claimed>> {
    const own = this.own(text, options)
    if (!own.ok) return own
    const { recorder, pruner } = this.#after
    const claimed = await claim(this.#store, own.value, this.#deadline(), writeKey)
    if (claimed.ok && claimed.isNew) recorder.afterAnswer(eventsOfClaim(claimed))
    pruner.afterAnswer(recorder.settled())
    return claimed
  }

  async acquire(
    text: string,
    { overShared = false, ...options }: OwnOptions & Pick<ExclusiveOptions, 'overShared'>,
    how: AcquireHow,
  ): Promise<Outcome<Acquired>> {
    const own = this.own(text, options, how.again ? parseExclusiveTtl : parseTtl)
    if (!own.ok) return own
    const acquired = await acquire(this.#store, own.value, { overShared, ...how }, this.#deadline())
    if (acquired.ok) this.#after.recorder.afterAnswer(eventsOfAcquisition(acquired))
    return acquired
  }

  async look(
    text: string,
    { overShared = false, ...options }: OwnOptions & Pick<ExclusiveOptions, 'overShared'>,
    how: Pick<AcquireHow, 'again'> & LookOptions,
  ): Promise<Outcome<Look>> {
    const own = this.own(text, options, how.again ? parseExclusiveTtl : parseTtl)
    if (!own.ok) return own
    const looked = await look(this.#store, own.value, { overShared, ...how }, this.#deadline())
    if (looked.acquired) this.#after.recorder.afterAnswer(eventsOfAcquisition(looked.acquired))
    return { ok: true, ...looked }
  }

  async leave(
    text: string,
    { waiter, nonce, withinMs }: Place,
  ): Promise<Outcome<Readonly<Record<never, never>>>> {
    const label = parseLabel(text, this.#kinds)
    if (!label.ok) return label
    const { locks } = this.#store
    const on = label.value.text
    const deadline = () => (withinMs === undefined ? this.#deadline() : Deadline.after(withinMs))
    if (waiter !== undefined) await locks.leave(on, { id: waiter, sessionId: this.#session.id }, deadline())
    if (nonce !== undefined) await locks.takeBack(on, this.#session.id, nonce, deadline())
    return { ok: true }
  }

  async verify(text: string, token: number): Promise<Outcome<Verified>> {
    const checked = this.#tokenOn(text, token)
    if (!checked.ok) return checked
    return { ok: true, ...(await verify(this.#store, checked.value, token, this.#deadline())) }
  }

  async renew(text: string, token: number): Promise<Outcome<Verified>> {
    const checked = this.#tokenOn(text, token)
    if (!checked.ok) return checked
    const label = checked.value
    const deadline = this.#deadline()
    await this.#store.locks.extend(this.#session.id, { label, token }, deadline)
    return { ok: true, ...(await verify(this.#store, label, token, deadline)) }
  }

  async giveBack(
    text: string,
    token: number,
    { nonce, known }: GiveBackHow,
  ): Promise<Outcome<{ readonly held: boolean }>> {
    const checked = this.#tokenOn(text, token)
    if (!checked.ok) return checked
    const label = checked.value
    const deadline = this.#deadline()
    const { locks } = this.#store
    const claim = known ?? (await locks.read(label, undefined, deadline))?.claim
    const only = { label, token, ...(nonce === undefined ? {} : { nonce }) }
    const freed = await locks.free(this.#session.id, only, deadline)
    if (freed === 0 && nonce !== undefined)
      return { ok: true, held: (await verify(this.#store, label, token, deadline)).current }
    if (freed > 0 && claim?.token === token)
      this.#after.recorder.afterAnswer(async () => [
        releaseEvent(claim, await this.#store.now(this.#deadline())),
      ])
    return { ok: true, held: freed > 0 }
  }

  /** Validates what a session wants to put on the board. */
  own(text: string, options: OwnOptions, parse = parseTtl): Checked<OwnClaim> {
    const label = parseLabel(text, this.#kinds)
    if (!label.ok) return label
    const purpose = parsePurpose(options.purpose)
    if (!purpose.ok) return purpose
    const ttl = parse(options.ttl)
    if (!ttl.ok) return ttl
    return accept({
      session: this.#session,
      label: label.value.text,
      purpose: purpose.value,
      ttlSeconds: ttl.value,
    })
  }

  /** Returns the label if both the label and the token are valid. */
  #tokenOn(text: string, token: number): Checked<string> {
    const label = parseLabel(text, this.#kinds)
    if (!label.ok) return label
    const checked = parseToken(token)
    return checked.ok ? accept(label.value.text) : checked
  }
}
