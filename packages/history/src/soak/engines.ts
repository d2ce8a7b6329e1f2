import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { connect } from 'node:net'
import { join } from 'node:path'
import { DoltServer } from '../../../../e2e/support/dolt-server.ts'
import { freePort } from '../../../../e2e/support/free-port.ts'
import {
  MariadbServer,
  mariadbBinary,
  newDataFolder,
  removeDataFolder,
} from '../../../../e2e/support/mariadb-server.ts'
import type { SqlServer } from '../../../../e2e/support/sql-server.ts'
import { stopProcess } from '../../../../e2e/support/stop-process.ts'
import { until } from '../../../../e2e/support/until.ts'
import { doltBinary } from '../../../../toolchain/build.mjs'
import type { EngineName } from './plan.ts'
import type { Product } from './product.ts'
import { UnreliableProxy } from './proxy.ts'

/** A board under test, with handles to break it. */
export interface Engine {
  /** The DSN that workers open. */
  readonly dsn: string
  /** The board's file, on SQLite. */
  readonly file?: string
  readonly database?: SqlServer
  readonly proxy?: UnreliableProxy
  readonly server?: ServeProcess
  stop(): Promise<void>
}

const DATABASE = 'board'

export async function startEngine(name: EngineName, folder: string, product: Product): Promise<Engine> {
  if (name === 'sqlite') {
    const file = join(folder, 'board.db')
    await product.migrate(`sqlite:${file}`)
    return { dsn: `sqlite:${file}`, file, stop: async () => {} }
  }
  const { database, remove } = await startDatabase(name)
  try {
    await product.migrate(database.dsn(DATABASE))
    const server =
      name === 'http' ? await ServeProcess.start(product, database.dsn(DATABASE), folder) : undefined
    const proxy = await UnreliableProxy.before(server?.port ?? database.port)
    const dsn = server ? `http://127.0.0.1:${proxy.port}` : `mysql://root@127.0.0.1:${proxy.port}/${DATABASE}`
    const stop = async () => {
      await proxy.close()
      await server?.kill()
      await remove()
    }
    return { dsn, database, proxy, ...(server ? { server } : {}), stop }
  } catch (error) {
    await remove()
    throw error
  }
}

async function startDatabase(
  name: EngineName,
): Promise<{ database: SqlServer; remove: () => Promise<void> }> {
  if (name !== 'mariadb') {
    const database = await DoltServer.start(doltBinary(line => console.error(line)))
    return { database, remove: () => database.stop() }
  }
  const binary = mariadbBinary()
  if (!binary) throw new Error('no MariaDB here: install mariadb-server')
  const template = newDataFolder()
  const database = await MariadbServer.start(binary, template)
  const remove = async () => {
    await database.stop()
    removeDataFolder(template)
  }
  return { database, remove }
}

/** A `presence serve` process that keeps its port across restarts. */
class ServeProcess {
  readonly port: number
  readonly #start: () => ChildProcess
  #process: ChildProcess | undefined

  private constructor(port: number, start: () => ChildProcess) {
    this.port = port
    this.#start = start
  }

  static async start(product: Product, dsn: string, folder: string): Promise<ServeProcess> {
    const port = await freePort()
    const { PATH } = process.env
    const args = [
      ...product.command,
      'serve',
      '--port',
      String(port),
      '--dsn',
      dsn,
      '--allowed-host',
      '127.0.0.1',
    ]
    const server = new ServeProcess(port, () =>
      spawn(process.execPath, args, {
        env: { PATH, HOME: join(folder, 'serve') },
        cwd: folder,
        stdio: 'ignore',
      }),
    )
    await server.run()
    return server
  }

  async run(): Promise<void> {
    this.#process = this.#start()
    await until(`presence serve on port ${this.port}`, () => accepts(this.port))
  }

  freeze(): void {
    if (this.#process?.pid !== undefined) stopProcess(this.#process.pid)
  }

  thaw(): void {
    this.#process?.kill('SIGCONT')
  }

  async kill(): Promise<void> {
    const child = this.#process
    if (!child || child.exitCode !== null || child.signalCode !== null) return
    const ended = once(child, 'exit')
    child.kill('SIGKILL')
    await ended
  }
}

function accepts(port: number): Promise<boolean> {
  return new Promise(resolve => {
    const socket = connect(port, '127.0.0.1', () => {
      socket.destroy()
      resolve(true)
    })
    socket.on('error', () => resolve(false))
  })
}
