import type { NetConnectOpts, Socket } from 'node:net'
import type { ConnectionOptions } from 'mysql2'
import type { MysqlDsn } from '../../config/dsn.ts'
import { type Engine, engineOfGreeting } from './engine.ts'
import { type Greeting, readGreeting } from './greeting.ts'

/** What the driver makes a connection from: a copy for each, which it reads once the server has greeted. */
interface DriverConfig {
  database?: string | undefined
}

type OnGreeting = (greeting: Greeting, engine: Engine | undefined, config: DriverConfig) => void

/**
 * The driver's options for a server, but for the database. A server greets before anything is asked of it, so what its
 * greeting tells costs no round trip: `onGreeting` hears it before the driver answers.
 */
export async function wireOptions(
  dsn: MysqlDsn,
  onGreeting: OnGreeting = () => {},
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
    stream: ({ config }: { config: DriverConfig }) =>
      open(connect, dsn, greeting => onGreeting(greeting, engineOfGreeting(greeting.version), config)),
    ...(tls === undefined ? {} : { ssl: await (await import('./tls.ts')).tlsOptions(tls) }),
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
