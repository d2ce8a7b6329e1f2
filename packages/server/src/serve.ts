import { serve as listen } from '@hono/node-server'
import { type Boards, type OpenBoardsOptions, openBoards } from '@presence/core'
import { createApp } from './app.ts'

export interface ServeOptions extends OpenBoardsOptions {
  /** The address to listen on; loopback unless told. */
  readonly host: string
  /** 0 for any that is free. */
  readonly port: number
  readonly version: string
}

/** A server that answers. */
export interface Running {
  /** `http://host:port` */
  readonly url: string
  /** Takes no more requests, answers those under way, and closes the board. */
  close(): Promise<void>
}

/**
 * Starts the server. The database need not be there: what needs it answers 503 until it is.
 *
 * @throws PresenceError `invalid_dsn` or `invalid_config`; Node's own error where the address can't be listened on
 */
export async function serve({ host, port, version, ...options }: ServeOptions): Promise<Running> {
  const boards: Boards = await openBoards(options)
  const app = createApp({ boards, version })
  return new Promise((resolve, reject) => {
    const server = listen({ fetch: app.fetch, hostname: host, port }, info => {
      const name = info.family === 'IPv6' ? `[${info.address}]` : info.address
      resolve({
        url: `http://${name}:${info.port}`,
        close: async () => {
          await new Promise(done => server.close(done))
          await boards.close()
        },
      })
    })
    server.on('error', reject)
  })
}
