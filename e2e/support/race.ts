import type { Scheme } from '../fixtures/claimer.ts'
import { Crew } from './crew.ts'
import { rounds } from './rounds.ts'

/** Claimers in processes of their own, on one board. */
export class Race implements AsyncDisposable {
  readonly #crew: Crew

  private constructor(crew: Crew) {
    this.#crew = crew
  }

  static async of(count: number, dsn: string, scheme: Scheme = 'board'): Promise<Race> {
    return new Race(await Crew.of('claimer.ts', dsn, count, () => [scheme]))
  }

  /**
   * Runs rounds on labels of their own, and counts the pairs in which neither session saw the other.
   *
   * @param enough makes the race continue until it returns true, for tests that must find blind pairs
   * @throws if a claim failed: a race proves nothing about claims that weren't made
   */
  async blindPairs(least: number, name: string, enough?: (blind: number) => boolean): Promise<number> {
    let blind = 0
    const round = async (at: number): Promise<void> => {
      const answers = await this.#crew.round<{ seen: readonly string[] }>(`node:${name}-${at}`)
      blind += blindIn(new Map([...answers].map(([session, { seen }]) => [session, seen])))
    }
    await rounds(least, round, enough && (() => enough(blind)))
    return blind
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#crew[Symbol.asyncDispose]()
  }
}

/** The pairs in which neither session saw the other. */
export function blindIn(seen: ReadonlyMap<string, readonly string[]>): number {
  const sessions = [...seen.keys()]
  let blind = 0
  for (const [at, one] of sessions.entries())
    for (const other of sessions.slice(at + 1))
      if (!seen.get(one)?.includes(other) && !seen.get(other)?.includes(one)) blind++
  return blind
}
