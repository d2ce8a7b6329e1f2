import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import type { Round, Scheme } from '../fixtures/claimer.ts'

const CLAIMER = join(import.meta.dirname, '../fixtures/claimer.ts')
/** How far ahead a round's moment is set, so that every claimer has heard of it. */
const NOTICE_MS = 12

/** Claimers in processes of their own, on one board. */
export class Race implements AsyncDisposable {
  readonly #claimers: readonly { readonly session: string; readonly process: ChildProcess }[]

  private constructor(claimers: readonly { session: string; process: ChildProcess }[]) {
    this.#claimers = claimers
  }

  static async of(count: number, dsn: string, scheme: Scheme = 'board'): Promise<Race> {
    const claimers = Array.from({ length: count }, (_, at) => {
      const session = `claimer-${at}`
      const argv = ['--disable-warning=ExperimentalWarning']
      return { session, process: fork(CLAIMER, [dsn, session, scheme], { execArgv: argv, stdio: 'inherit' }) }
    })
    await Promise.all(claimers.map(claimer => once(claimer.process, 'message')))
    return new Race(claimers)
  }

  /**
   * Runs rounds on labels of their own and counts the pairs of which neither saw the other.
   *
   * @throws when a claim failed: a race says nothing about claims that weren't made
   */
  async blindPairs(rounds: number, name: string): Promise<number> {
    let blind = 0
    for (let at = 0; at < rounds; at++) blind += blindIn(await this.#round(`node:${name}-${at}`))
    return blind
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(
      this.#claimers.map(({ process }) => {
        const ended = once(process, 'exit')
        process.disconnect()
        return ended
      }),
    )
  }

  #round(label: string): Promise<ReadonlyMap<string, readonly string[]>> {
    const round: Round = { label, at: Date.now() + NOTICE_MS }
    const answers = this.#claimers.map(async ({ session, process }) => {
      const heard = once(process, 'message')
      process.send(round)
      const [{ seen, error }] = (await heard) as [{ seen?: readonly string[]; error?: string }]
      if (!seen) throw new Error(`${session} could not claim ${label}: ${error}`)
      return [session, seen] as const
    })
    return Promise.all(answers).then(pairs => new Map(pairs))
  }
}

/** The pairs of which neither saw the other. */
export function blindIn(seen: ReadonlyMap<string, readonly string[]>): number {
  const sessions = [...seen.keys()]
  let blind = 0
  for (const [at, one] of sessions.entries())
    for (const other of sessions.slice(at + 1))
      if (!seen.get(one)?.includes(other) && !seen.get(other)?.includes(one)) blind++
  return blind
}
