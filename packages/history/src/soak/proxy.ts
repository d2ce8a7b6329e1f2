import { createConnection, createServer, type Server, type Socket } from 'node:net'

/**
 * Passes data on, delays what clients send, cuts the connection before the server gets what a client sends, or
 * cuts every other answer: the server has acted then, and the client can't know.
 */
export type Behaviour = 'pass' | 'delay' | 'cut' | 'cut-answers'

/** A proxy in front of a server. */
export class UnreliableProxy {
  behaviour: Behaviour = 'pass'
  delayMs = 0
  readonly #server: Server
  readonly #sockets = new Set<Socket>()
  #answers = 0

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
    server.on('data', data => {
      if (this.behaviour === 'cut-answers' && ++this.#answers % 2 === 0) client.resetAndDestroy()
      else client.write(data)
    })
    let sent = Promise.resolve()
    client.on('data', data => {
      if (this.behaviour === 'cut') {
        client.destroy()
        return
      }
      const wait = this.behaviour === 'delay' ? this.delayMs : 0
      // Keep the order, also of data that arrives after the delay is switched off.
      sent = sent
        .then(() => (wait > 0 ? new Promise(resolve => setTimeout(resolve, wait)) : undefined))
        .then(() => {
          if (!server.destroyed) server.write(data)
        })
    })
  }
}
