import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, mkdirSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import mysql from 'mysql2/promise'
import { stopProcess } from './stop-process.ts'
import { until } from './until.ts'

/** How a server's process is started. */
export interface Launch {
  readonly command: string
  readonly args: readonly string[]
  readonly options?: SpawnOptions
}

/** A real server with MySQL's protocol, with its own folder and port. */
export abstract class SqlServer {
  readonly port: number
  /** Where it keeps its data and settings. Deleted with it. */
  protected readonly folder: string
  readonly #name: string
  /** Whether it accepts only TLS connections. */
  readonly #tlsOnly: boolean
  #process: ChildProcess | undefined

  protected constructor(name: string, port: number, tlsOnly = false) {
    this.#tlsOnly = tlsOnly
    this.#name = name
    this.port = port
    this.folder = mkdtempSync(join(tmpdir(), `presence-${name.toLowerCase()}-`))
  }

  /** Writes what the process needs, and returns how to start it. */
  protected abstract launch(): Launch

  dsn(database: string, account = 'root'): string {
    return `mysql://${account}@127.0.0.1:${this.port}/${database}`
  }

  /** A new connection of another tool. The caller ends it. */
  connect(options: mysql.ConnectionOptions = {}): Promise<mysql.Connection> {
    const tls = this.#tlsOnly ? { ssl: { rejectUnauthorized: false } } : {}
    return SqlServer.connectTo(this.port, { ...tls, ...options })
  }

  static connectTo(port: number, options: mysql.ConnectionOptions = {}): Promise<mysql.Connection> {
    return mysql.createConnection({
      host: '127.0.0.1',
      port,
      user: 'root',
      timezone: 'Z',
      ...options,
    })
  }

  /** Runs statements as another tool, on a separate connection. Returns the rows of the last one. */
  async sql(database: string | undefined, ...statements: string[]): Promise<mysql.RowDataPacket[]> {
    const connection = await this.connect(database === undefined ? {} : { database })
    try {
      let rows: unknown = []
      for (const statement of statements) [rows] = await connection.query(statement)
      return rows as mysql.RowDataPacket[]
    } finally {
      connection.destroy()
    }
  }

  /** Starts the process and waits for its first answer. Works after `kill` or `terminate` too. */
  async run(): Promise<void> {
    mkdirSync(this.folder, { recursive: true })
    const { command, args, options } = this.launch()
    const log = openSync(join(this.folder, 'server.log'), 'a')
    const child = spawn(command, args, { ...options, stdio: ['ignore', log, log] })
    closeSync(log)
    this.#process = child
    try {
      await until(`${this.#name} on port ${this.port}`, async () => {
        if (child.exitCode !== null) throw new Error(`it ended with ${child.exitCode}`)
        await this.sql(undefined, 'SELECT 1')
        return true
      })
    } catch (error) {
      await this.kill()
      throw new Error(`${this.#name} did not start; its log: ${this.log()}`, { cause: error })
    }
  }

  log(): string {
    return readFileSync(join(this.folder, 'server.log'), 'utf8').slice(-2_000)
  }

  /** The CPU time of its process so far, in milliseconds (on Linux in ticks of 10 ms). */
  cpuMs(): number {
    const stat = readFileSync(`/proc/${this.#process?.pid}/stat`, 'utf8')
    const [utime = 0, stime = 0] = stat
      .slice(stat.lastIndexOf(')') + 2)
      .split(' ')
      .slice(11, 13)
      .map(Number)
    return (utime + stime) * 10
  }

  /** Suspends the process without notice (SIGSTOP). */
  freeze(): void {
    if (this.#process?.pid !== undefined) stopProcess(this.#process.pid)
  }

  thaw(): void {
    this.#process?.kill('SIGCONT')
  }

  kill(): Promise<void> {
    return this.#end('SIGKILL')
  }

  terminate(): Promise<void> {
    return this.#end('SIGTERM')
  }

  async stop(): Promise<void> {
    await this.kill()
    rmSync(this.folder, { recursive: true, force: true })
  }

  async #end(signal: NodeJS.Signals): Promise<void> {
    const child = this.#process
    if (!child || child.exitCode !== null || child.signalCode !== null) return
    const ended = once(child, 'exit')
    child.kill(signal)
    await ended
  }
}
