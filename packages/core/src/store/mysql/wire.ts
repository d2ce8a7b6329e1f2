import type { NetConnectOpts, Socket } from 'node:net'
import type { ConnectionOptions } from 'mysql2'
import type { MysqlDsn } from '../../config/dsn.ts'
import { loadDriver } from './driver.ts'
import { type Engine, engineOfGreeting } from './engine.ts'
import { type Greeting, readGreeting } from './greeting.ts'

/**
 * The options from which the driver makes a connection: a copy for each connection, read after the server's
 * greeting.
 */
interface DriverConfig {
  database?: string | undefined
}

/** Called with each connection's socket as it is opened. */
type OnSocket = (socket: Socket) => void

type OnGreeting = (greeting: Greeting, engine: Engine | undefined, config: DriverConfig) => void

/**
 * The driver's options for a server, without the database. A server sends its greeting before any request, so
 * reading it costs no round trip: `onGreeting` is called before the driver replies to the greeting.
 */
export async function wireOptions(
  dsn: MysqlDsn,
  onGreeting: OnGreeting = () => {},
  onSocket: OnSocket = () => {},
): Promise<ConnectionOptions> {
  const { host, port, user, password, tls } = dsn
  // Not at the top of the file, because every command would load it, including those that use no server.
  const { connect } = await import('node:net')
  return {
    host,
    port,
    user,
    password,
    charset: 'utf8mb4',
    timezone: 'Z',
    // The statements already contain their values. The driver would search for placeholders: 1 ms per
    // statement in a young process.
    queryFormat: sql => sql,
    // The driver would generate and compile a parser for each shape of a result: 1.8 ms before the first row.
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
 * Makes the driver decode the server's reply to a write as UTF-8, which is the encoding on our connections.
 * By default it uses the server's own character set, and it can't decode most of these: the write would be
 * done, but its reply would become an error.
 */
export function readAsUtf8(connection: object): void {
  Object.assign(connection, { serverEncoding: 'utf8' })
}

/**
 * Without TLS the server is not authenticated, so the password is not sent to a server that asks for it under
 * a public key of its own: anybody who answers under the DSN's host name could ask for it. Dolt and MariaDB
 * don't ask.
 */
async function inTheClear(): Promise<NonNullable<ConnectionOptions['authPlugins']>> {
  const { authPlugins } = await loadDriver()
  const onServerPublicKey = () => {
    throw new Error('the server asks for the password in a form that is safe only over TLS')
  }
  return {
    caching_sha2_password: authPlugins.caching_sha2_password({ onServerPublicKey }),
    sha256_password: authPlugins.sha256_password({ onServerPublicKey }),
  }
}

/** Opens a socket as the driver would, and reads the greeting from the first data. */
function open(
  connect: (options: NetConnectOpts) => Socket,
  { host, port, tls }: MysqlDsn,
  heard: (greeting: Greeting) => void,
): Socket {
  const socket = connect({ host, port, noDelay: true, keepAlive: true })
  // TLS checks the certificate against this name. For an IP address it would otherwise check "localhost".
  if (tls) Object.assign(socket, { _host: host })
  socket.once('data', (bytes: Buffer) => {
    const greeting = readGreeting(bytes)
    if (!greeting) return
    heard(greeting)
    // The driver then reports that TLS is missing, but would leave the socket open until the server closes
    // it.
    if (tls && !greeting.tls) setImmediate(() => socket.destroy())
  })
  return socket
}
