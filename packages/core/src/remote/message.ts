import type { IncomingHttpHeaders } from 'node:http'

/** A request to a server; without `body` it has no content. */
export interface HttpRequest {
  readonly method: string
  /** The path below the DSN's own, with its query. */
  readonly path: string
  /** JSON text. */
  readonly body?: string
  readonly headers?: Readonly<Record<string, string>>
}

export interface HttpAnswer {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly body: string
}
