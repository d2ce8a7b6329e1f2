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
  /** The folder to save to. The history goes into its subfolder `history`. */
  readonly folder: string
  /** A copy of `packages/core` whose built library is used in place of this workspace's. */
  readonly product?: string
  /** Ends the soak early, without the last look. */
  readonly signal?: AbortSignal
}

/** The time limit of one call, in milliseconds: the library's default. */
const DEADLINE_MS = 2_000
/** How long a server may still work on calls after the last worker has ended, in milliseconds. */
const QUIET_MS = 1_000

/** Runs workers on a board under faults, and saves their calls and answers. */
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
  // A board in a file is never unreachable, so it has no outbox to sync.
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
        // Each kind must happen once, even if a busy machine makes the run longer.
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
