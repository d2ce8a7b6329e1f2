import { PATIENT_MS } from '../../../core/test/stores.ts'
import { serve } from '../../src/index.ts'

/** A response with its parsed body. */
interface Answer {
  readonly status: number
  readonly headers: Headers
  // biome-ignore lint/suspicious/noExplicitAny: each test says what it expects of it
  readonly body: any
}

/** A server in front of a board, called over HTTP. */
export interface Coord extends AsyncDisposable {
  readonly url: string
  get(path: string, query?: Readonly<Record<string, string>>): Promise<Answer>
  delete(path: string, query?: Readonly<Record<string, string>>): Promise<Answer>
  post(path: string, body: unknown): Promise<Answer>
  put(path: string, body?: unknown): Promise<Answer>
  patch(path: string, body: unknown): Promise<Answer>
}

export async function serveOn(dsn: string): Promise<Coord> {
  const running = await serve({
    host: '127.0.0.1',
    port: 0,
    version: '0',
    dsn,
    deadlineMs: PATIENT_MS,
    env: { HOME: '/nonexistent' },
    cwd: '/',
  })
  const ask = async (method: string, path: string, query?: Record<string, string>, body?: unknown) => {
    const search = query === undefined ? '' : `?${new URLSearchParams(query)}`
    const response = await fetch(`${running.url}/api/coord/${path}${search}`, {
      method,
      ...(body === undefined
        ? {}
        : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
    })
    const text = await response.text()
    return {
      status: response.status,
      headers: response.headers,
      body: text === '' ? undefined : JSON.parse(text),
    }
  }
  return {
    url: running.url,
    get: (path, query) => ask('GET', path, query),
    delete: (path, query) => ask('DELETE', path, query),
    post: (path, body) => ask('POST', path, undefined, body),
    put: (path, body) => ask('PUT', path, undefined, body),
    patch: (path, body) => ask('PATCH', path, undefined, body),
    [Symbol.asyncDispose]: () => running.close(),
  }
}
