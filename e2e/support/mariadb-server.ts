import { execFileSync } from 'node:child_process'
import { accessSync, chownSync, constants, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freePort } from './free-port.ts'
import { type Launch, SqlServer } from './sql-server.ts'

/** Where Debian's packages put the server. These folders are not on everyone's PATH. */
const FOLDERS = [...(process.env['PATH'] ?? '').split(':'), '/usr/sbin', '/usr/bin']

/** The path of the installed `mariadbd`, or undefined. */
export function mariadbBinary(): string | undefined {
  return installed('mariadb-install-db') && installed('mariadbd')
}

/**
 * Creates a data folder once, which is copied for each server, because creating one takes seconds. Its only
 * account is root at this host, without a password.
 */
export function newDataFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'presence-mariadb-template-'))
  giveAway(folder)
  const made = join(folder, 'data')
  execFileSync(
    installed('mariadb-install-db') ?? 'mariadb-install-db',
    [
      '--no-defaults',
      '--auth-root-authentication-method=normal',
      '--skip-test-db',
      `--datadir=${made}`,
      `--tmpdir=${folder}`,
      SMALL_LOG,
    ],
    { stdio: 'pipe', ...runAs() },
  )
  return made
}

/** Settings that an administrator may choose, and that must not affect the board. */
export const UNUSUAL: readonly string[] = [
  '--sql-mode=ANSI,NO_BACKSLASH_ESCAPES,SIMULTANEOUS_ASSIGNMENT',
  '--default-time-zone=-05:00',
  '--autocommit=OFF',
  '--character-set-server=latin1',
  '--collation-server=latin1_swedish_ci',
  '--transaction-isolation=READ-UNCOMMITTED',
]

const SMALL_LOG = '--innodb-log-file-size=8M'

/** A real MariaDB server with its own folder and port. */
export class MariadbServer extends SqlServer {
  readonly #binary: string
  readonly #flags: readonly string[]

  private constructor(binary: string, port: number, flags: readonly string[]) {
    super('MariaDB', port, flags.includes('--require-secure-transport=ON'))
    this.#binary = binary
    this.#flags = flags
  }

  /**
   * @param template the data folder to start with
   * @param flags flags for mariadbd, such as `--max-connections=3`
   */
  static async start(
    binary: string,
    template: string,
    flags: readonly string[] = [],
  ): Promise<MariadbServer> {
    const server = new MariadbServer(binary, await freePort(), flags)
    execFileSync('cp', ['-a', template, server.#data])
    giveAway(server.folder)
    await server.run()
    return server
  }

  get #data(): string {
    return join(this.folder, 'data')
  }

  protected launch(): Launch {
    const args = [
      '--no-defaults',
      `--datadir=${this.#data}`,
      `--port=${this.port}`,
      `--socket=${join(this.folder, 's')}`,
      `--pid-file=${join(this.folder, 'pid')}`,
      // Not /tmp: when a server starts, it removes the temporary tables of all other servers there.
      `--tmpdir=${this.folder}`,
      '--bind-address=127.0.0.1',
      '--innodb-buffer-pool-size=32M',
      SMALL_LOG,
      // Without syncing, a migration takes a third of the time. Data is lost only if the machine crashes, not
      // if the process is killed.
      '--innodb-flush-method=nosync',
      '--debug-no-sync',
      ...this.#flags,
    ]
    return { command: this.#binary, args, options: { cwd: this.folder, ...runAs() } }
  }
}

export function removeDataFolder(template: string): void {
  rmSync(join(template, '..'), { recursive: true, force: true })
}

function installed(program: string): string | undefined {
  for (const folder of FOLDERS) {
    try {
      accessSync(join(folder, program), constants.X_OK)
      return join(folder, program)
    } catch {}
  }
  return undefined
}

/** MariaDB refuses to run as root, so it runs as the account that its package creates. */
function runAs(): { uid?: number; gid?: number } {
  if (process.getuid?.() !== 0) return {}
  const id = (flag: string) => Number(execFileSync('id', [flag, 'mysql'], { encoding: 'utf8' }))
  return { uid: id('-u'), gid: id('-g') }
}

function giveAway(folder: string): void {
  const { uid, gid } = runAs()
  if (uid !== undefined && gid !== undefined) chownSync(folder, uid, gid)
}
