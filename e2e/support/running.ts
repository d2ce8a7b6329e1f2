import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { type CliResult, PRESENCE } from './cli.ts'
import { until } from './until.ts'

/** A command that runs until it is told to end, and its output so far. */
export class Running implements AsyncDisposable {
  readonly #child: ChildProcess
  readonly #ended: Promise<unknown>
  #stdout = ''
  #stderr = ''

  constructor(
    args: readonly string[],
    env: Readonly<Record<string, string | undefined>>,
    { cwd = '/', program = PRESENCE }: { readonly cwd?: string; readonly program?: string } = {},
  ) {
    const { PATH, TMPDIR } = process.env
    this.#child = spawn(program, args, {
      env: { PATH, TMPDIR, HOME: '/nonexistent', ...env },
      cwd,
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    this.#child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      this.#stdout += text
    })
    this.#child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.#stderr += text
    })
    this.#ended = once(this.#child, 'close')
  }

  /** The complete lines of standard output. */
  get lines(): readonly string[] {
    return this.#stdout.split('\n').slice(0, -1)
  }

  get pid(): number {
    return this.#child.pid ?? 0
  }

  get stderr(): string {
    return this.#stderr
  }

  /** Waits for a line of standard output that matches, after the first `after` lines. */
  line(pattern: RegExp, after = 0): Promise<string> {
    return until(`a line like ${pattern} among: ${this.#stdout}${this.#stderr}`, () =>
      this.lines.slice(after).find(line => pattern.test(line)),
    )
  }

  /** Closes this end of its standard output, as `head` does. */
  stopReading(): void {
    this.#child.stdout?.destroy()
  }

  /** Sends a signal and waits for the end. */
  async end(signal: NodeJS.Signals = 'SIGINT'): Promise<CliResult> {
    this.#child.kill(signal)
    return this.result()
  }

  /** Waits until the command has ended, and returns its result. */
  async result(): Promise<CliResult> {
    await this.#ended
    return { status: this.#child.exitCode, stdout: this.#stdout, stderr: this.#stderr }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#child.kill('SIGKILL')
    await this.#ended
  }
}
