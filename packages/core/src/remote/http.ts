import type { Agent, RequestOptions } from 'node:http'
import type { HttpDsn } from '../config/dsn.ts'
import { type Deadline, ownWork } from '../deadline.ts'
import { exchange } from './exchange.ts'
import { tooLate, unreachable } from './faults.ts'
import type { HttpAnswer, HttpRequest } from './message.ts'

/**
 * More than the longest answer of a board: ten thousand events with the longest texts. A server that sends
 * more isn't a presence server.
 */
const BYTES_MAX = 64 << 20

/**
 * Sends requests with JSON to one server over keep-alive connections. Imports node:http at its first use, and
 * node:https only for `https`, because a command on another board needs neither.
 */
export class HttpClient {
  readonly #dsn: HttpDsn
  #agent: Agent | undefined

  constructor(dsn: HttpDsn) {
    this.#dsn = dsn
  }

  /** @throws PresenceError if no complete answer arrives by the deadline; the request is then aborted */
  async send(asked: HttpRequest, deadline: Deadline): Promise<HttpAnswer> {
    const { agent, request } = await ownWork(() => this.#load())
    const late = new AbortController()
    const callOff = deadline.onPassed(() => late.abort())
    const options = { ...this.#options(asked, agent), signal: late.signal }
    try {
      return await exchange(() => request(options), asked.body, BYTES_MAX)
    } catch (error) {
      throw late.signal.aborted ? tooLate(this.#dsn) : unreachable(this.#dsn, error)
    } finally {
      callOff()
    }
  }

  close(): void {
    this.#agent?.destroy()
    this.#agent = undefined
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

  /** The CAs that Node ships (and NODE_EXTRA_CA_CERTS), or those of the DSN's file. */
  async #tls(): Promise<{ readonly ca?: string[] }> {
    const { caFile } = this.#dsn
    if (caFile === undefined) return {}
    const { readCa } = await import('../config/certificates.ts')
    return { ca: await readCa(caFile, 'tls-ca') }
  }
}
