import type { Agent, IncomingHttpHeaders, IncomingMessage, RequestOptions } from 'node:http'
import type { HttpDsn } from '../config/dsn.ts'
import { type Deadline, ownWork } from '../deadline.ts'
import { tooLarge, tooLate, unreachable } from './faults.ts'

/** What a server is asked. Without a body there is none. */
export interface HttpRequest {
  readonly method: string
  /** With its query, below the DSN's own path. */
  readonly path: string
  /** JSON. */
  readonly body?: string
  readonly headers?: Readonly<Record<string, string>>
}

export interface HttpAnswer {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly body: string
}

/** More than any board's answer: ten thousand events of the longest text. What sends more is no presence server. */
const BYTES_MAX = 64 << 20

/**
 * Posts JSON to one server, on connections that it keeps. Loads node:http at its first use, and node:https only for
 * `https`: a command on another board uses neither.
 */
export class HttpClient {
  readonly #dsn: HttpDsn
  #agent: Agent | undefined

  constructor(dsn: HttpDsn) {
    this.#dsn = dsn
  }

  /** @throws PresenceError where no whole answer comes by the deadline: nothing of the call goes on then */
  post(path: string, json: string, deadline: Deadline): Promise<HttpAnswer> {
    return this.send({ method: 'POST', path, body: json }, deadline)
  }

  /** The same of any method. @throws PresenceError */
  async send(request: HttpRequest, deadline: Deadline): Promise<HttpAnswer> {
    try {
      return await this.#send(request, deadline)
    } catch (error) {
      if (!(error instanceof Stale)) throw error
      // The server had closed a kept connection as it idled: it has not seen the call.
      return this.#send(request, deadline)
    }
  }

  /** Ends the connections. */
  close(): void {
    this.#agent?.destroy()
    this.#agent = undefined
  }

  async #send(asked: HttpRequest, deadline: Deadline): Promise<HttpAnswer> {
    const { agent, request } = await ownWork(() => this.#load())
    const options = this.#options(asked, agent)
    return new Promise((resolve, reject) => {
      const sent = request(options)
      const callOff = deadline.onPassed(() => sent.destroy(tooLate(this.#dsn)))
      const fail = (error: Error) => {
        callOff()
        const { code } = error as NodeJS.ErrnoException
        const stale = sent.reusedSocket && (code === 'ECONNRESET' || code === 'EPIPE')
        reject(stale ? new Stale() : unreachable(this.#dsn, error))
      }
      sent.on('error', fail)
      sent.on('response', response => {
        this.#read(response).then(answer => {
          callOff()
          resolve(answer)
        }, fail)
      })
      sent.end(asked.body)
    })
  }

  async #load() {
    const { Agent, request } = this.#dsn.secure ? await import('node:https') : await import('node:http')
    const tls = this.#dsn.secure && !this.#agent ? await this.#tls() : {}
    this.#agent ??= new Agent({ keepAlive: true, ...tls })
    return { agent: this.#agent, request }
  }

  #options({ method, path, body, headers }: HttpRequest, agent: Agent): RequestOptions {
    const { host, port, prefix, token } = this.#dsn
    return {
      agent,
      host,
      port,
      path: `${prefix}${path}`,
      method,
      headers: {
        accept: 'application/json',
        ...(body === undefined
          ? {}
          : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) }),
        ...(token === '' ? {} : { authorization: `Bearer ${token}` }),
        ...headers,
      },
    }
  }

  /** The system's CAs as Node carries them (and NODE_EXTRA_CA_CERTS), or those of the DSN's file. */
  async #tls(): Promise<{ readonly ca?: string[] }> {
    const { caFile } = this.#dsn
    if (caFile === undefined) return {}
    const { readCa } = await import('../config/certificates.ts')
    return { ca: await readCa(caFile, 'tls-ca') }
  }

  async #read(response: IncomingMessage): Promise<HttpAnswer> {
    const chunks: Buffer[] = []
    let length = 0
    for await (const chunk of response as AsyncIterable<Buffer>) {
      length += chunk.length
      if (length > BYTES_MAX) throw tooLarge(this.#dsn)
      chunks.push(chunk)
    }
    const { statusCode: status = 0, headers } = response
    return { status, headers, body: Buffer.concat(chunks).toString('utf8') }
  }
}

/** A kept connection was gone before anything could be said on it. */
class Stale extends Error {}
