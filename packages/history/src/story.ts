import type { Answer, Args, Claim, Line } from './format.ts'

/** The database's time when the monotonic clock is 0, in these histories. */
const DATABASE = 1_000_000

/** Builds a small history by hand, for the tests of the rules. */
export class Story {
  readonly lines: Line[] = [
    {
      type: 'run',
      format: 1,
      engine: 'by hand',
      seed: 1,
      seconds: 0,
      deadlineMs: 2_000,
      verbs: [],
      faults: [],
    },
  ]
  readonly #processes = new Set<string>()
  #calls = 0

  /**
   * Adds a call of a session, by one process of it.
   *
   * @param answer undefined if the process ended before it got an answer
   * @returns the call's id
   */
  call(
    by: string,
    verb: string,
    args: Args,
    [from, until]: readonly [number, number],
    answer: Answer | undefined = { ok: true },
    id = `${by}-${++this.#calls}`,
  ): string {
    const [session = ''] = by.split('/')
    if (!this.#processes.has(by)) {
      this.#processes.add(by)
      this.lines.push({ type: 'process', process: by, session, home: 'home', at: 0 })
    }
    this.lines.push({ type: 'begin', call: id, process: by, session, at: from, verb, args })
    if (answer) this.lines.push({ type: 'end', call: id, at: until, answer })
    return id
  }

  /** A shared claim, granted in the middle of the call. */
  claim(by: string, label: string, period: readonly [number, number], more: Partial<Claiming> = {}): Claim {
    return this.#granted(by, 'claim', label, period, more)
  }

  /** An exclusive claim, granted in the middle of the call. */
  exclusive(
    by: string,
    label: string,
    token: number,
    period: readonly [number, number],
    more: Partial<Claiming> = {},
  ): Claim {
    return this.#granted(by, more.verb ?? 'claimExclusively', label, period, { token, ...more })
  }

  add(line: Line): void {
    this.lines.push(line)
  }

  #granted(
    by: string,
    verb: string,
    label: string,
    period: readonly [number, number],
    { ttl = 60, others = [], token, args, claimedAt, expiresAt }: Partial<Claiming>,
  ): Claim {
    const id = `${by}-${++this.#calls}`
    const at = DATABASE + (period[0] + period[1]) / 2
    const [session = ''] = by.split('/')
    const claim: Claim = {
      label,
      session,
      purpose: id,
      claimedAt: claimedAt ?? at,
      expiresAt: expiresAt ?? at + ttl * 1_000,
      ttlSeconds: ttl,
      ...(token === undefined ? {} : { token }),
    }
    const isNew = claimedAt === undefined
    const answer = { ok: true, asOf: at, claim, isNew, others: [...others], coClaims: [] }
    // In these histories a renewed claim has no co-claims.
    this.call(by, verb, { label, ttl, ...args }, period, answer, id)
    return claim
  }
}

interface Claiming {
  readonly verb: string
  readonly ttl: number
  readonly others: readonly Claim[]
  readonly token: number
  readonly args: Args
  /** Set to renew an earlier claim: its `claimedAt`. */
  readonly claimedAt: number
  readonly expiresAt: number
}

/** The database's time at a moment of the monotonic clock. */
export function at(moment: number): number {
  return DATABASE + moment
}
