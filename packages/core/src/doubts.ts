import { canonical } from './domain/label.ts'

interface Asking {
  readonly label: string
  isOvertaken: boolean
}

/** The labels that may be taken although this process was told so by nobody: the answer was lost. */
export class Doubts {
  /** By the nonce of the claim. */
  readonly #labels = new Map<string, string>()
  readonly #asking = new Set<Asking>()

  /** Asks for a label as what this nonce stands for. */
  async during<T>(label: string, nonce: string, asked: Promise<T>): Promise<T> {
    const asking: Asking = { label: canonical(label), isOvertaken: false }
    this.#asking.add(asking)
    try {
      return await asked
    } catch (error) {
      // Whatever the fault is, it may have been taken before: to take back what was never taken does no harm.
      if (!asking.isOvertaken) this.#labels.set(nonce, asking.label)
      throw error
    } finally {
      this.#asking.delete(asking)
    }
  }

  /**
   * The session holds this label, and was told so. What was granted may be the very claim whose answer was lost, renewed:
   * it is in no doubt any more, nor is what is still asked for.
   */
  settle(label: string): void {
    for (const [nonce, of] of this.#labels) if (of === label) this.#labels.delete(nonce)
    for (const asking of this.#asking) if (asking.label === label) asking.isOvertaken = true
  }

  /** All, as nonce and label; they are somebody else's to see to from now on. */
  takeAll(): readonly (readonly [nonce: string, label: string])[] {
    const all = [...this.#labels]
    this.#labels.clear()
    return all
  }
}
