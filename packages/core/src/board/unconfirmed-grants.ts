import { canonical } from '../domain/label.ts'

interface Asking {
  readonly label: string
  isOvertaken: boolean
}

/** The labels that this process may hold without knowing it, because the answer to its claim was lost. */
export class UnconfirmedGrants {
  /** Keyed by the write key of the claim. */
  readonly #labels = new Map<string, string>()
  readonly #asking = new Set<Asking>()

  /**
   * Awaits a claim on a label that was sent with this write key, and remembers the label if the answer is
   * lost.
   */
  async during<T>(label: string, writeKey: string, asked: Promise<T>): Promise<T> {
    const asking: Asking = { label: canonical(label), isOvertaken: false }
    this.#asking.add(asking)
    try {
      return await asked
    } catch (error) {
      // After any fault the claim may have succeeded. Taking back a claim that was never made does no
      // harm.
      if (!asking.isOvertaken) this.#labels.set(writeKey, asking.label)
      throw error
    } finally {
      this.#asking.delete(asking)
    }
  }

  /**
   * Records that the session was told that it holds this label. A claim on the label whose answer was lost may
   * be this same claim. So the claims on the label whose answers were lost, and those still in progress, no
   * longer count as unconfirmed.
   */
  settle(label: string): void {
    for (const [writeKey, of] of this.#labels) if (of === label) this.#labels.delete(writeKey)
    for (const asking of this.#asking) if (asking.label === label) asking.isOvertaken = true
  }

  /**
   * Returns all pairs of write key and label, and forgets them: the caller is responsible for them from now
   * on.
   */
  takeAll(): readonly (readonly [writeKey: string, label: string])[] {
    const all = [...this.#labels]
    this.#labels.clear()
    return all
  }
}
