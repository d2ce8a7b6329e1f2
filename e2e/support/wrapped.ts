import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { onTestFinished } from 'vitest'
import { PRESENCE } from './cli.ts'
import { until } from './until.ts'

/**
 * A script for `sh -c` that waits until a file exists, and ends at once on a signal. The sleeps are short,
 * because a shell handles a signal only after its current child process has ended.
 */
export const untilThere = (file: string) => `while [ ! -e '${file}' ]; do sleep 0.05; done`

/** A `presence run` in a process session of its own, and so without a terminal, wherever the tests run. */
export class Wrapped {
  readonly #child: ChildProcess
  readonly #ended: Promise<unknown>
  stdout = ''
  stderr = ''

  constructor(args: readonly string[], env: Readonly<Record<string, string | undefined>>) {
    const { PATH, TMPDIR, HOME } = process.env
    this.#child = spawn(PRESENCE, ['run', ...args], {
      env: { PATH, TMPDIR, HOME, ...env },
      cwd: '/',
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
    })
    this.#child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      this.stdout += text
    })
    this.#child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.stderr += text
    })
    this.#ended = once(this.#child, 'exit')
    // Also ends everything it started: its process group.
    onTestFinished(() => {
      for (const name of ['SIGKILL', 'SIGCONT'] as const)
        try {
          process.kill(-this.pid, name)
        } catch {
          // Ignore: all processes of the group have already ended.
        }
    })
  }

  get pid(): number {
    return this.#child.pid ?? 0
  }

  /** Waits for a text on standard output. */
  prints(text: string | RegExp): Promise<string> {
    return this.#has(text, () => this.stdout)
  }

  /** Waits for a text on standard error. */
  says(text: string | RegExp): Promise<string> {
    return this.#has(text, () => this.stderr)
  }

  /** Sends a signal to the wrapper only. */
  signal(name: NodeJS.Signals): void {
    this.#child.kill(name)
  }

  /** Waits until the wrapper itself has ended, even if another process still has its output open. */
  async ended(): Promise<number | null> {
    await this.#ended
    return this.#child.exitCode
  }

  async #has(text: string | RegExp, where: () => string): Promise<string> {
    const match = () => (typeof text === 'string' ? where().includes(text) && text : text.exec(where())?.[0])
    return until(`${text}`, match).catch(error => {
      throw new Error(`${(error as Error).message}; it said:\n${this.stdout}${this.stderr}`)
    })
  }
}

/** Whether a process is running and is not a zombie. */
export function isRunning(pid: number): boolean {
  try {
    return !execFileSync('ps', ['-o', 'stat=', '-p', String(pid)], { encoding: 'utf8' }).startsWith('Z')
  } catch {
    return false
  }
}
