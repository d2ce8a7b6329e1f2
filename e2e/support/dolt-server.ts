import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, mkdirSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import mysql from 'mysql2/promise'
import { freePort } from './free-port.ts'
import { until } from './until.ts'

/** A real Dolt server with a folder and a port of its own. */
export class DoltServer {
  readonly port: number
  readonly #binary: string
  readonly #folder: string
  readonly #settings: string
  #process: ChildProcess | undefined

  private constructor(binary: string, port: number, settings: string) {
    this.#binary = binary
    this.port = port
    this.#settings = settings
    this.#folder = mkdtempSync(join(tmpdir(), 'presence-dolt-'))
  }

  /** @param settings lines for the server's config file, such as `listener: {max_connections: 3}` */
  static async start(binary: string, settings: Readonly<Record<string, unknown>> = {}): Promise<DoltServer> {
    const port = await freePort()
    const listener = { host: '127.0.0.1', port, ...(settings['listener'] as object | undefined) }
    const server = new DoltServer(
      binary,
      port,
      JSON.stringify({ log_level: 'warning', ...settings, listener }),
    )
    await server.run()
    return server
  }

  dsn(database: string, account = 'root'): string {
    return `mysql://${account}@127.0.0.1:${this.port}/${database}`
  }

  /** A new connection of an outside tool. The caller ends it. */
  connect(options: mysql.ConnectionOptions = {}): Promise<mysql.Connection> {
    return DoltServer.connectTo(this.port, options)
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

  /** Runs statements as an outside tool, on a connection of their own; gives the last one's rows. */
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

  /** Starts the process and awaits its first answer. Also after `kill` or `terminate`. */
  async run(): Promise<void> {
    const home = join(this.#folder, 'home')
    mkdirSync(join(home, '.dolt'), { recursive: true })
    mkdirSync(join(this.#folder, 'data'), { recursive: true })
    writeFileSync(
      join(home, '.dolt/config_global.json'),
      JSON.stringify({ 'user.name': 'test', 'user.email': 'test@example.com', 'metrics.disabled': 'true' }),
    )
    writeFileSync(join(this.#folder, 'config.yaml'), this.#settings)
    const log = openSync(join(this.#folder, 'server.log'), 'a')
    const child = spawn(this.#binary, ['sql-server', '--config', '../config.yaml'], {
      cwd: join(this.#folder, 'data'),
      env: { ...process.env, HOME: home, DOLT_ROOT_PATH: home },
      stdio: ['ignore', log, log],
    })
    closeSync(log)
    this.#process = child
    await until(`Dolt on port ${this.port}; its log: ${this.log()}`, async () => {
      if (child.exitCode !== null) throw new Error(`Dolt ended with ${child.exitCode}: ${this.log()}`)
      await this.sql(undefined, 'SELECT 1')
      return true
    })
  }

  log(): string {
    return readFileSync(join(this.#folder, 'server.log'), 'utf8').slice(-2_000)
  }

  /** Stops the process where it is, without a word to anyone (SIGSTOP). */
  freeze(): void {
    this.#process?.kill('SIGSTOP')
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
    rmSync(this.#folder, { recursive: true, force: true })
  }

  async #end(signal: NodeJS.Signals): Promise<void> {
    const child = this.#process
    if (!child || child.exitCode !== null || child.signalCode !== null) return
    const ended = once(child, 'exit')
    child.kill(signal)
    await ended
  }
}
