/** How many keys are counted at once. The least recently used key is forgotten first. */
const KEPT_MAX = 10_000

interface Bucket {
  /** Requests that are allowed now. */
  left: number
  at: number
}

/**
 * A token bucket for each key. It holds as many requests as are allowed per minute, and refills evenly.
 * Existing rate limiters were not used because they count in fixed windows, which allow twice the rate around
 * a window's end.
 */
export class Buckets {
  readonly #perMs: number
  readonly #size: number
  readonly #buckets = new Map<string, Bucket>()

  /** @param perMinute 0 for no limit */
  constructor(perMinute: number) {
    this.#size = perMinute
    this.#perMs = perMinute / 60_000
  }

  /**
   * Counts one request.
   *
   * @param now in milliseconds, of a monotonic clock
   * @returns 0 if the request is allowed, otherwise the milliseconds until the next one is
   */
  take(key: string, now: number): number {
    if (this.#size === 0) return 0
    const bucket = this.#buckets.get(key) ?? { left: this.#size, at: now }
    bucket.left = Math.min(this.#size, bucket.left + (now - bucket.at) * this.#perMs)
    bucket.at = now
    this.#buckets.delete(key)
    this.#buckets.set(key, bucket)
    const [oldest] = this.#buckets.keys()
    if (this.#buckets.size > KEPT_MAX && oldest !== undefined) this.#buckets.delete(oldest)
    if (bucket.left < 1) return (1 - bucket.left) / this.#perMs
    bucket.left--
    return 0
  }
}
