import { createConnection, createServer, type Server, type Socket } from 'node:net'

/** Passes on; waits before it passes on what a client says; or cuts the connection before the server hears the client. */
export type Behaviour = 'pass' | 'delay' | 'cut'

/** A proxy before a server. What a server answers always arrives. */
export class UnreliableProxy {
  behaviour: Behaviour = 'pass'
  delayMs = 0
  readonly #server: Server
  readonly #sockets = new Set<Socket>()

  private constructor(server: Server) {
    this.#server = server
  }

  static async before(port: number): Promise<UnreliableProxy> {
    const server = createServer({ noDelay: true })
    const proxy = new UnreliableProxy(server)
    server.on('connection', client => proxy.#accept(client, port))
    await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
    return proxy
  }

  get port(): number {
    return (this.#server.address() as { port: number }).port
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy()
    await new Promise(resolve => this.#server.close(resolve))
  }

  #accept(client: Socket, port: number): void {
    const server = createConnection({ port, host: '127.0.0.1', noDelay: true })
    for (const [one, other] of [
      [client, server],
      [server, client],
    ] as const) {
      this.#sockets.add(one)
      one.on('error', () => {})
      one.on('close', () => {
        this.#sockets.delete(one)
        other.destroy()
      })
    }
    server.on('data', data => client.write(data))
    let sent = Promise.resolve()
    client.on('data', data => {
      if (this.behaviour === 'cut') {
        client.destroy()
        return
      }
      const wait = this.behaviour === 'delay' ? this.delayMs : 0
      // In the order in which they came, also those that come when the delay is over.
      sent = sent
        .then(() => (wait > 0 ? new Promise(resolve => setTimeout(resolve, wait)) : undefined))
        .then(() => {
          if (!server.destroyed) server.write(data)
        })
    })
  }
}
