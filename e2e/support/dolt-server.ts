import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { freePort } from './free-port.ts'
import { type Launch, SqlServer } from './sql-server.ts'

/** A real Dolt server with its own folder and port. */
export class DoltServer extends SqlServer {
  readonly #binary: string
  readonly #settings: string

  private constructor(binary: string, port: number, settings: string, tlsOnly: boolean) {
    super('Dolt', port, tlsOnly)
    this.#binary = binary
    this.#settings = settings
  }

  /** @param settings lines for the server's config file, such as `listener: {max_connections: 3}` */
  static async start(binary: string, settings: Readonly<Record<string, unknown>> = {}): Promise<DoltServer> {
    const port = await freePort()
    const listener = { host: '127.0.0.1', port, ...(settings['listener'] as object | undefined) }
    const server = new DoltServer(
      binary,
      port,
      JSON.stringify({ log_level: 'warning', ...settings, listener }),
      'require_secure_transport' in listener && listener.require_secure_transport === true,
    )
    await server.run()
    return server
  }

  protected launch(): Launch {
    const home = join(this.folder, 'home')
    mkdirSync(join(home, '.dolt'), { recursive: true })
    mkdirSync(join(this.folder, 'data'), { recursive: true })
    writeFileSync(
      join(home, '.dolt/config_global.json'),
      JSON.stringify({ 'user.name': 'test', 'user.email': 'test@example.com', 'metrics.disabled': 'true' }),
    )
    writeFileSync(join(this.folder, 'config.yaml'), this.#settings)
    return {
      command: this.#binary,
      args: ['sql-server', '--config', '../config.yaml'],
      options: {
        cwd: join(this.folder, 'data'),
        env: { ...process.env, HOME: home, DOLT_ROOT_PATH: home },
      },
    }
  }
}
