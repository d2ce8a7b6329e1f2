import type { Answer } from './client.ts'

export interface VerbRow {
  readonly verb: string
  readonly calls: number
  /** Answered with status 200. */
  readonly done: number
  /** Milliseconds of those answers. */
  readonly p50: number
  readonly p95: number
  readonly p99: number
  readonly max: number
  /** The number of other answers by status. `none` is for no answer. */
  readonly others: Readonly<Record<string, number>>
}

/** The durations and results of calls, by verb. */
export class Tally {
  readonly #done = new Map<string, number[]>()
  readonly #others = new Map<string, Map<string, number>>()

  add(verb: string, { status, ms }: Answer): void {
    if (status === 200) {
      const times = this.#done.get(verb) ?? []
      times.push(ms)
      this.#done.set(verb, times)
      return
    }
    const others = this.#others.get(verb) ?? new Map<string, number>()
    const name = status === undefined ? 'none' : String(status)
    others.set(name, (others.get(name) ?? 0) + 1)
    this.#others.set(verb, others)
  }

  /** The number of answers with this status, over all verbs. */
  count(status: number | undefined): number {
    const name = status === undefined ? 'none' : String(status)
    return [...this.#others.values()].reduce((sum, others) => sum + (others.get(name) ?? 0), 0)
  }

  rows(): readonly VerbRow[] {
    const verbs = new Set([...this.#done.keys(), ...this.#others.keys()])
    return [...verbs].sort().map(verb => {
      const times = (this.#done.get(verb) ?? []).toSorted((a, b) => a - b)
      const others = Object.fromEntries(this.#others.get(verb) ?? [])
      const at = (share: number) => times[Math.min(times.length - 1, Math.floor(times.length * share))] ?? 0
      const calls = times.length + Object.values(others).reduce((sum, each) => sum + each, 0)
      return {
        verb,
        calls,
        done: times.length,
        p50: at(0.5),
        p95: at(0.95),
        p99: at(0.99),
        max: times.at(-1) ?? 0,
        others,
      }
    })
  }
}
