import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DoltServer } from '../e2e/support/dolt-server.ts'
import { Running } from '../e2e/support/running.ts'
import { doltBinary, hasGo } from '../toolchain/build.mjs'
import type { Row } from './report.ts'

/** What one run of the benchmark works with; gone when it ends. */
export class Context implements AsyncDisposable {
  /** Pairs that a ratio is the median of. */
  readonly rounds: number
  /** Where commands keep their state, cache and configuration. */
  readonly folder = mkdtempSync(join(tmpdir(), 'presence-bench-'))
  #dolt: Promise<DoltServer> | undefined
  readonly #servers: Running[] = []

  constructor(rounds: number) {
    this.rounds = rounds
  }

  /** The Dolt server that all measures share, each in databases of its own. */
  dolt(): Promise<DoltServer> {
    this.#dolt ??= startDolt()
    return this.#dolt
  }

  /** A presence server on this board; gives its address. */
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
  /** Does a budget hang on it? Then a run without it can't say that every budget is kept. */
  readonly budgeted: boolean
  /** @throws when it can't be measured here, with the reason */
  rows(context: Context): Promise<readonly Row[]>
}

async function startDolt(): Promise<DoltServer> {
  if (!hasGo()) throw new Error('no Go here to build Dolt with (Go 1.26 or newer, and a C compiler)')
  return DoltServer.start(doltBinary(line => console.error(`presence: ${line}`)))
}
