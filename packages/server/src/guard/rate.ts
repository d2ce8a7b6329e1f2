/** How many are kept count of at once; the one that was heard of longest ago is forgotten first. */
const KEPT_MAX = 10_000

interface Bucket {
  /** Requests that may come at once. */
  left: number
  at: number
}

/**
 * A token bucket for each key: as many requests at once as in a minute, filled up evenly. The kept limiters count in
 * fixed windows, which let twice the rate through around a window's end.
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
   * Takes one.
   *
   * @param now in milliseconds, of a clock that only goes forward
   * @returns 0, or after how many milliseconds there will be one
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
