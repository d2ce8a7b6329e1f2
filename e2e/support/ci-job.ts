import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { onTestFinished } from 'vitest'
import { until } from './until.ts'

interface Started {
  readonly cwd: string
  readonly env: Readonly<Record<string, string>>
}

/** A CI's runner with one job, without a terminal, and its log so far. */
export class CiJob {
  readonly #child: ChildProcess
  readonly #ended: Promise<unknown>
  log = ''

  constructor([program = '', ...args]: readonly string[], { cwd, env }: Started) {
    this.#child = spawn(program, args, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'], detached: true })
    for (const stream of [this.#child.stdout, this.#child.stderr])
      stream?.setEncoding('utf8').on('data', (text: string) => {
        this.log += text
      })
    this.#ended = once(this.#child, 'close')
    onTestFinished(() => {
      this.signal(this.processes(), 'SIGKILL')
    })
  }

  /** The runner and all processes that it started, the runner first. */
  processes(): number[] {
    const table = execFileSync('ps', ['-eo', 'pid=,ppid='], { encoding: 'utf8' }).trim().split('\n')
    const parents = table.map(row => row.trim().split(/\s+/).map(Number))
    const family = [this.#child.pid ?? 0]
    for (const pid of family) for (const [child = 0, of] of parents) if (of === pid) family.push(child)
    return family
  }

  /** Sends signals to some of its processes. */
  signal(pids: readonly number[], ...names: readonly NodeJS.Signals[]): void {
    for (const name of names) for (const pid of pids) kill(pid, name)
  }

  /** Waits for a text in the log. */
  async says(text: string): Promise<void> {
    await until(text, () => this.log.includes(text)).catch(error => {
      throw new Error(`${(error as Error).message}; it said:\n${this.log}`)
    })
  }

  /** Waits for the end. Returns the exit code, or undefined if a signal ended it. */
  async ended(): Promise<number | undefined> {
    await this.#ended
    return this.#child.exitCode ?? undefined
  }
}

function kill(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name)
  } catch {
    // Ignore: the process has already ended.
  }
}
