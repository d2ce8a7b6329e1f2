import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DoltServer } from '../e2e/support/dolt-server.ts'
import { Running } from '../e2e/support/running.ts'
import { doltBinary, hasGo } from '../toolchain/build.mjs'
import type { Row } from './report.ts'

/** The folder and the servers of one run of the benchmark. They are removed when it ends. */
export class Context implements AsyncDisposable {
  /** The number of pairs from which each median ratio is computed. */
  readonly rounds: number
  /** Where commands keep their state, cache and configuration. */
  readonly folder = mkdtempSync(join(tmpdir(), 'presence-bench-'))
  #dolt: Promise<DoltServer> | undefined
  readonly #servers: Running[] = []

  constructor(rounds: number) {
    this.rounds = rounds
  }

  /** The Dolt server that all measures share; each uses databases of its own. */
  dolt(): Promise<DoltServer> {
    this.#dolt ??= startDolt()
    return this.#dolt
  }

  /** Starts a presence server on this board and returns its address. */
  async serving(dsn: string): Promise<string> {
    const server = new Running(['serve', '--port', '0', '--dsn', dsn], { HOME: this.folder })
    this.#servers.push(server)
    return /http:\S+/.exec(await server.line(/serving on/))?.[0] ?? ''
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const server of this.#servers) await server[Symbol.asyncDispose]()
    const server = await this.#dolt?.catch(() => undefined)
    await server?.stop()
    rmSync(this.folder, { recursive: true, force: true })
  }
}

/** One measure: its rows share a setting and a reference. */
export interface Measure {
  readonly title: string
  /** True if the measure has a budget. If such a measure can't run, the run's result is unknown. */
  readonly budgeted: boolean
  /** @throws with the reason if it can't be measured here */
  rows(context: Context): Promise<readonly Row[]>
}

async function startDolt(): Promise<DoltServer> {
  if (!hasGo()) throw new Error('no Go here to build Dolt with (Go 1.26 or newer, and a C compiler)')
  return DoltServer.start(doltBinary(line => console.error(`presence: ${line}`)))
}
