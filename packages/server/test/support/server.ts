import { connect } from 'node:net'
import { join } from 'node:path'
import { migrate } from '@presence/core'
import { onTestFinished } from 'vitest'
import { scratchFolder } from '../../../../e2e/support/scratch.ts'
import { type ServeOptions, serve } from '../../src/serve.ts'

const env = { HOME: '/nonexistent', XDG_CONFIG_HOME: '/nonexistent' }

/** A server on its own port. It is closed at the end of the test. */
export interface TestServer {
  readonly url: string
  readonly port: number
  readonly dsn: string
  /** The lines of its log. */
  readonly lines: readonly string[]
  close(): Promise<void>
  get(path: string, headers?: Record<string, string>): Promise<Response>
  post(path: string, body: unknown, headers?: Record<string, string>): Promise<Response>
  /** Sends raw bytes. Resolves with the response when the server has closed the connection. */
  raw(...parts: readonly (string | Buffer)[]): Promise<string>
  /** The value of a metric, by its name and labels. 0 if it does not exist. */
  metric(name: string, headers?: Record<string, string>): Promise<number>
}

/** Starts a server, on a new board in a file unless a DSN is given. */
export async function startServer(options: Partial<ServeOptions> = {}): Promise<TestServer> {
  const dsn = options.dsn ?? (await newBoardInFile())
  const lines: string[] = []
  const running = await serve({
    host: '127.0.0.1',
    port: 0,
    version: '0.0.0',
    env,
    cwd: '/',
    log: 'text',
    write: line => lines.push(line),
    ...options,
    dsn,
  })
  let closed: Promise<void> | undefined
  const close = () => (closed ??= running.close())
  onTestFinished(close)
  const { url } = running
  const port = Number(new URL(url).port)
  const get = (path: string, headers = {}) => fetch(url + path, { headers })
  return {
    url,
    port,
    dsn,
    lines,
    close,
    get,
    post: (path, body, headers = {}) =>
      fetch(url + path, {
        method: 'POST',
        body: JSON.stringify(body),
        headers: { 'Content-Type': 'application/json', ...headers },
      }),
    raw: (...parts) => send(port, parts),
    metric: async (name, headers) => {
      const text = await (await get('/metrics', headers)).text()
      const line = text.split('\n').find(each => each.startsWith(`${name} `))
      return line === undefined ? 0 : Number(line.slice(name.length + 1))
    },
  }
}

export async function newBoardInFile(): Promise<string> {
  const dsn = `sqlite:${join(scratchFolder(), 'board.db')}`
  await migrate({ dsn, env })
  return dsn
}

function send(port: number, parts: readonly (string | Buffer)[]): Promise<string> {
  return new Promise(resolve => {
    const socket = connect(port, '127.0.0.1')
    const chunks: Buffer[] = []
    socket.on('data', chunk => chunks.push(chunk))
    // The server may close the connection while this still sends. Only the response matters.
    socket.on('error', () => {})
    socket.on('close', () => resolve(Buffer.concat(chunks).toString('latin1')))
    for (const part of parts) socket.write(part)
  })
}
