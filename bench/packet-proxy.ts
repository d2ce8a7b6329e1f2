import { connect, createServer, type Server, type Socket } from 'node:net'
import { freePort } from '../e2e/support/free-port.ts'

/** A client's request, as the server got it. */
export interface Request {
  readonly command: number
  readonly text: string
}

type Edit = (bytes: Buffer) => Buffer

const COM_QUIT = 1
const HEADER_BYTES = 4

/** The statements of pruning, which runs now and then after an answer. */
const PRUNING = /^\s*(DELETE\b|INSERT IGNORE INTO presence_events\b[\s\S]*\bFROM presence_claims\b)/i

/**
 * True if the caller's answer depends on this request. Pruning runs after the answer, and COM_QUIT gets no
 * reply.
 */
export function isAwaited({ command, text }: Request): boolean {
  return command !== COM_QUIT && !PRUNING.test(text)
}

/** A proxy between clients and a MySQL-protocol server on loopback that records the clients' requests. */
export class PacketProxy implements AsyncDisposable {
  readonly port: number
  /** Connections accepted since the start. */
  connections = 0
  readonly #server: Server
  readonly #sockets = new Set<Socket>()
  #requests: Request[] = []

  private constructor(port: number, target: number, edit: Edit) {
    this.port = port
    this.#server = createServer(client => {
      this.connections++
      this.#join(client, connect(target, '127.0.0.1'), edit)
    })
  }

  /** @param edit changes what the server sends, but never its length */
  static async before(target: number, edit: Edit = bytes => bytes): Promise<PacketProxy> {
    const proxy = new PacketProxy(await freePort(), target, edit)
    await new Promise<void>((resolve, reject) => {
      proxy.#server.on('error', reject)
      proxy.#server.listen(proxy.port, '127.0.0.1', resolve)
    })
    return proxy
  }

  /** The requests since the last call, without handshakes. */
  take(): readonly Request[] {
    const requests = this.#requests
    this.#requests = []
    return requests
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#sockets) socket.destroy()
    await new Promise(resolve => this.#server.close(resolve))
  }

  #join(client: Socket, server: Socket, edit: Edit): void {
    const noted = this.#noter()
    for (const [from, to] of [
      [client, server],
      [server, client],
    ] as const) {
      this.#sockets.add(from)
      from.setNoDelay(true)
      from.on('data', bytes => {
        if (from === client) noted(bytes)
        to.write(from === server ? edit(bytes) : bytes)
      })
      // A client may end without closing its connection properly: then the other half is closed too.
      from.on('error', () => to.destroy())
      from.on('close', () => {
        this.#sockets.delete(from)
        to.destroy()
      })
    }
  }

  /**
   * A packet is 3 bytes of length, a sequence number, and the payload. Each request starts a sequence at 0.
   * A client's handshake packet answers the server's greeting, so its sequence number is never 0.
   */
  #noter(): (bytes: Buffer) => void {
    let unread: Buffer = Buffer.alloc(0)
    return bytes => {
      unread = Buffer.concat([unread, bytes])
      while (unread.length >= HEADER_BYTES) {
        const end = HEADER_BYTES + unread.readUIntLE(0, 3)
        if (unread.length < end) return
        if (unread[3] === 0)
          this.#requests.push({
            command: unread[HEADER_BYTES] ?? 0,
            text: unread.toString('utf8', HEADER_BYTES + 1, end),
          })
        unread = unread.subarray(end)
      }
    }
  }
}
