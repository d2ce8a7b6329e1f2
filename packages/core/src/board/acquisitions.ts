import { type Acquisition, clear } from '../claims/clear.ts'
import { Deadline } from '../deadline.ts'
import { type Claim, isExclusive, isLive } from '../domain/claim.ts'
import { releaseEvent } from '../domain/history.ts'
import type { Session } from '../domain/session.ts'
import type { Store } from '../store/port/store.ts'
import type { Recorder } from '../store/recorder.ts'

/** The exclusive claim on a label, if one is live. */
export interface HeldNow {
  readonly claim: (Claim & { readonly token: number }) | undefined
  /** The database's time of this answer. */
  readonly asOf: Date
}

/**
 * Exclusive claims, each addressed by label and fencing token. A later claim on the same label has another
 * token.
 */
export class Acquisitions {
  readonly #store: Store
  readonly #recorder: Recorder
  readonly #deadlineMs: number

  constructor(store: Store, recorder: Recorder, deadlineMs: number) {
    this.#store = store
    this.#recorder = recorder
    this.#deadlineMs = deadlineMs
  }

  /** Returns the exclusive holder of a label, as read from the board. */
  async on(label: string): Promise<HeldNow> {
    const deadline = this.#deadline()
    const lock = await this.#store.locks.read(label, undefined, deadline)
    const asOf = lock?.asOf ?? (await this.#store.now(deadline))
    const claim = lock?.tentative ? undefined : lock?.claim
    return { claim: claim && isExclusive(claim) && isLive(claim, asOf) ? claim : undefined, asOf }
  }

  /**
   * Releases a claim, as the session that holds it.
   * @returns whether the claim was still held
   */
  async release(claim: Claim & { readonly token: number }): Promise<boolean> {
    const { label, token, session } = claim
    const freed = await this.#store.locks.free(session.id, { label, token }, this.#deadline())
    if (freed === 0) return false
    this.#recorder.afterAnswer(async () => [releaseEvent(claim, await this.#store.now(this.#deadline()))])
    return true
  }

  /**
   * Frees a claim that another session left idle: see `clear`.
   * @returns whether the claim was idle and the label is free now
   */
  clear(by: Session, acquisition: Acquisition, reason: string): Promise<boolean> {
    return clear(this.#store, by, acquisition, reason, this.#deadline())
  }

  #deadline(): Deadline {
    return Deadline.after(this.#deadlineMs)
  }
}
