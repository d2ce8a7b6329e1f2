import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { Crew } from './crew.ts'
import { startEngine } from './engines.ts'
import { happen } from './faults.ts'
import { lookAtEnd } from './final.ts'
import { type EngineName, FAULTS, faultsOf, VERBS } from './plan.ts'
import { loadProduct } from './product.ts'
import { now, Recorder } from './recorder.ts'

export interface SoakOptions {
  readonly engine: EngineName
  readonly seconds: number
  readonly seed: number
  /** Where the history is saved, in its folder `history`. */
  readonly folder: string
  /** A copy of `packages/core` whose built library is used in place of this workspace's. */
  readonly product?: string
  /** Ends the soak early, without the last look. */
  readonly signal?: AbortSignal
}

/** What one call may take; the library's default. */
const DEADLINE_MS = 2_000
/** What a server that was asked to do something may still do after the last worker has ended. */
const QUIET_MS = 1_000

/** Runs workers on a board under faults, and saves what they were told. */
export async function soak({
  engine: name,
  seconds,
  seed,
  folder,
  product: built,
  signal,
}: SoakOptions): Promise<void> {
  mkdirSync(join(folder, 'history'), { recursive: true })
  const product = await loadProduct(built)
  const recorder = new Recorder(join(folder, 'history', 'soak.jsonl'))
  // A board in a file is never away: it has no outbox.
  const verbs = Object.keys(VERBS).filter(verb => verb !== 'sync' || name !== 'sqlite')
  recorder.write({
    type: 'run',
    format: 1,
    engine: name,
    seed,
    seconds,
    deadlineMs: DEADLINE_MS,
    verbs: [...verbs, 'lease-verify', 'lease-release'],
    faults: [...FAULTS[name]],
  })
  const engine = await startEngine(name, folder, product)
  try {
    const shared = { folder, dsn: engine.dsn, deadlineMs: DEADLINE_MS, product: built, verbs }
    const crew = new Crew(shared, seed, recorder)
    try {
      const end = now() + seconds * 1_000
      const happened = new Set<string>()
      for (const fault of faultsOf(name, seed)) {
        // Each kind happens once, also where a busy machine makes that take longer.
        if (now() + fault.afterMs + fault.forMs > end && happened.size === FAULTS[name].length) break
        await pauseUnless(signal, fault.afterMs)
        if (signal?.aborted) return
        recorder.write(await happen(fault, engine, crew))
        happened.add(fault.kind)
        if (crew.failure) throw new Error(crew.failure)
      }
      await pauseUnless(signal, Math.max(0, end - now()))
      if (signal?.aborted) return
      await crew.stop()
    } finally {
      crew.killAll()
    }
    await pause(QUIET_MS)
    await lookAtEnd(product, { dsn: engine.dsn, folder, deadlineMs: DEADLINE_MS })
  } finally {
    await engine.stop()
  }
}

async function pauseUnless(signal: AbortSignal | undefined, ms: number): Promise<void> {
  await pause(ms, undefined, signal ? { signal } : {}).catch(() => {})
}
