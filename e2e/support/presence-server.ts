import { freePort } from './free-port.ts'
import { Running } from './running.ts'
import { scratchFolder } from './scratch.ts'
import { stopProcess } from './stop-process.ts'

/** `presence serve` on a fixed port, so that it can be killed and started again. */
export class PresenceServer implements AsyncDisposable {
  readonly #dsn: string
  readonly #port: number
  readonly #home = scratchFolder()
  #running: Running | undefined

  readonly #more: readonly string[]

  private constructor(dsn: string, port: number, more: readonly string[]) {
    this.#dsn = dsn
    this.#port = port
    this.#more = more
  }

  /** @param dsn the board that it serves */
  static async start(dsn: string, ...more: readonly string[]): Promise<PresenceServer> {
    const server = new PresenceServer(dsn, await freePort(), more)
    await server.run()
    return server
  }

  get url(): string {
    return `http://127.0.0.1:${this.#port}`
  }

  async run(): Promise<void> {
    const args = ['serve', '--port', String(this.#port), '--dsn', this.#dsn, ...this.#more]
    this.#running = new Running(args, { HOME: this.#home })
    await this.#running.line(/serving on/)
  }

  async kill(): Promise<void> {
    await this.#running?.end('SIGKILL')
  }

  /** Suspends the process without notice (SIGSTOP). */
  freeze(): void {
    stopProcess(this.#running?.pid ?? 0)
  }

  thaw(): void {
    process.kill(this.#running?.pid ?? 0, 'SIGCONT')
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#running?.[Symbol.asyncDispose]()
  }
}
