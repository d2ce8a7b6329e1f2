import { createConnection, createServer, type Server, type Socket } from 'node:net'

/**
 * What the proxy does with a connection: forwards it, stays silent, forwards requests but no answers, or
 * closes it at the client's first request.
 */
export type Behaviour = 'pass' | 'silent' | 'drop-answers' | 'cut-at-first-question'

/** A TCP proxy before a server, with a configurable fault. */
export class FaultyProxy implements AsyncDisposable {
  behaviour: Behaviour
  /**
   * If set, the next answer is not forwarded: the proxy closes both connections, then calls this once.
   */
  onNextAnswer: (() => void) | undefined
  /** The port of the server that new connections are forwarded to. */
  to: number
  readonly #server: Server
  readonly #sockets = new Set<Socket>()

  private constructor(server: Server, behaviour: Behaviour, to: number) {
    this.#server = server
    this.to = to
    this.behaviour = behaviour
  }

  static async before(port: number, behaviour: Behaviour): Promise<FaultyProxy> {
    const server = createServer()
    const proxy = new FaultyProxy(server, behaviour, port)
    server.on('connection', socket => proxy.#accept(socket))
    await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
    return proxy
  }

  get port(): number {
    const address = this.#server.address()
    if (typeof address !== 'object' || !address) throw new Error('the proxy is closed')
    return address.port
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#sockets) socket.destroy()
    await new Promise(resolve => this.#server.close(resolve))
  }

  #accept(client: Socket): void {
    this.#keep(client)
    if (this.behaviour === 'silent') return
    const server = this.#keep(createConnection(this.to, '127.0.0.1'))
    server.on('data', data => {
      const cut = this.onNextAnswer
      this.onNextAnswer = undefined
      if (cut) {
        client.resetAndDestroy()
        server.destroy()
        cut()
      } else if (this.behaviour !== 'drop-answers') client.write(data)
    })
    server.on('end', () => client.end())
    // The client's first packet is its handshake, the second its first request.
    let packets = 0
    client.on('data', data => {
      if (this.behaviour === 'cut-at-first-question' && ++packets > 1) {
        client.destroy()
        server.destroy()
      } else server.write(data)
    })
  }

  #keep(socket: Socket): Socket {
    this.#sockets.add(socket)
    socket.on('error', () => {})
    socket.on('close', () => this.#sockets.delete(socket))
    return socket
  }
}
