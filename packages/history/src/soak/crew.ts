import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { WORKERS } from './plan.ts'
import { now, type Recorder } from './recorder.ts'
import type { WorkerOptions } from './worker.ts'

const WORKER = join(import.meta.dirname, 'worker.ts')

type Shared = Omit<WorkerOptions, 'name' | 'session' | 'home' | 'seed'>

interface Member {
  readonly process: string
  readonly child: ChildProcess
  readonly ended: Promise<unknown>
}

/** The workers of a soak. A killed worker is replaced by a new process. */
export class Crew {
  readonly #shared: Shared
  readonly #seed: number
  readonly #recorder: Recorder
  readonly #members = new Map<string, Member>()
  #lives = 0
  #stopping = false
  /** Set if a worker ended by itself. */
  failure: string | undefined

  constructor(shared: Shared, seed: number, recorder: Recorder) {
    this.#shared = shared
    this.#seed = seed
    this.#recorder = recorder
    for (const { name } of WORKERS) this.#start(name)
  }

  /** The name of a worker's current process. */
  processOf(worker: string): string {
    return this.#members.get(worker)?.process ?? ''
  }

  signal(worker: string, signal: NodeJS.Signals): void {
    this.#members.get(worker)?.child.kill(signal)
  }

  async kill(worker: string): Promise<void> {
    const member = this.#members.get(worker)
    member?.child.kill('SIGKILL')
    await member?.ended
    this.#start(worker)
  }

  /** Stops all workers after their current calls, or kills them after 20 s. */
  async stop(): Promise<void> {
    this.#stopping = true
    const members = [...this.#members.values()]
    for (const { child } of members) if (child.connected) child.send('stop')
    const late = setTimeout(() => {
      for (const { child } of members) child.kill('SIGKILL')
    }, 20_000)
    await Promise.all(members.map(({ ended }) => ended))
    clearTimeout(late)
  }

  killAll(): void {
    this.#stopping = true
    for (const { child } of this.#members.values()) child.kill('SIGKILL')
  }

  #start(worker: string): void {
    const { name, session, home } = workerNamed(worker)
    const life = this.#lives++
    const process = `${name}.${life}`
    const options: WorkerOptions = {
      ...this.#shared,
      name: process,
      session,
      home,
      seed: `${name} ${life} ${this.#seed}`,
    }
    const child = fork(WORKER, [JSON.stringify(options)], {
      execArgv: ['--disable-warning=ExperimentalWarning'],
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    })
    const ended = once(child, 'exit').then(([status]) => {
      this.#recorder.write({ type: 'exit', process, at: now() })
      if (!this.#stopping && status !== null) this.failure ??= `worker ${process} ended with ${status}`
    })
    this.#members.set(name, { process, child, ended })
  }
}

function workerNamed(name: string): (typeof WORKERS)[number] {
  const worker = WORKERS.find(each => each.name === name)
  if (!worker) throw new Error(`no worker is called ${name}`)
  return worker
}
