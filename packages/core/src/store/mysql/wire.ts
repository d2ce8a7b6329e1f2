import type { NetConnectOpts, Socket } from 'node:net'
import type { ConnectionOptions } from 'mysql2'
import type { MysqlDsn } from '../../config/dsn.ts'
import { type Engine, engineOfGreeting } from './engine.ts'
import { type Greeting, readGreeting } from './greeting.ts'

/** What the driver makes a connection from: a copy for each, which it reads once the server has greeted. */
interface DriverConfig {
  database?: string | undefined
}

/** Hears of each connection's socket as it is opened. */
type OnSocket = (socket: Socket) => void

type OnGreeting = (greeting: Greeting, engine: Engine | undefined, config: DriverConfig) => void

/**
 * The driver's options for a server, but for the database. A server greets before anything is asked of it, so what its
 * greeting tells costs no round trip: `onGreeting` hears it before the driver answers.
 */
export async function wireOptions(
  dsn: MysqlDsn,
  onGreeting: OnGreeting = () => {},
  onSocket: OnSocket = () => {},
): Promise<ConnectionOptions> {
  const { host, port, user, password, tls } = dsn
  // Not at the top: whatever is imported there every command loads, also those that no server is for.
  const { connect } = await import('node:net')
  return {
    host,
    port,
    user,
    password,
    charset: 'utf8mb4',
    timezone: 'Z',
    // Values are in the statements already. The driver would look for places to fill in: 1 ms a statement in a young process.
    queryFormat: sql => sql,
    // It would write a parser for each shape of an answer, and compile it: 1.8 ms before the first row.
    disableEval: true,
    stream: ({ config }: { config: DriverConfig }) => {
      const heard = (greeting: Greeting) => onGreeting(greeting, engineOfGreeting(greeting.version), config)
      const socket = open(connect, dsn, heard)
      onSocket(socket)
      return socket
    },
    ...(tls === undefined
      ? { authPlugins: await inTheClear() }
      : { ssl: await (await import('./tls.ts')).tlsOptions(tls) }),
  }
}

/**
 * Has the driver read what a server says of a write as UTF-8, which is what it says on a connection of ours. It goes by the
 * server's own character set, and of most it knows none here: the write was done, and its answer a fault.
 */
export function readAsUtf8(connection: object): void {
  Object.assign(connection, { serverEncoding: 'utf8' })
}

/**
 * Without TLS a server is nobody known, and one that asks for the whole password, under a key of its own making, gets none:
 * whoever answers under the DSN's name could ask so. Dolt and MariaDB don't.
 */
async function inTheClear(): Promise<NonNullable<ConnectionOptions['authPlugins']>> {
  const { authPlugins } = await import('mysql2')
  const onServerPublicKey = () => {
    throw new Error('the server asks for the password itself, and the connection has no TLS')
  }
  return {
    caching_sha2_password: authPlugins.caching_sha2_password({ onServerPublicKey }),
    sha256_password: authPlugins.sha256_password({ onServerPublicKey }),
  }
}

/** A socket as the driver would open it, and an ear for the first thing that comes over it. */
function open(
  connect: (options: NetConnectOpts) => Socket,
  { host, port, tls }: MysqlDsn,
  heard: (greeting: Greeting) => void,
): Socket {
  const socket = connect({ host, port, noDelay: true, keepAlive: true })
  // TLS takes the name to check from here, and for an address would check "localhost" otherwise.
  if (tls) Object.assign(socket, { _host: host })
  socket.once('data', (bytes: Buffer) => {
    const greeting = readGreeting(bytes)
    if (!greeting) return
    heard(greeting)
    // The driver then reports that TLS is missing, and would leave the socket to the server's patience.
    if (tls && !greeting.tls) setImmediate(() => socket.destroy())
  })
  return socket
}
