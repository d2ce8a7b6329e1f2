import { Agent, request } from 'node:http'

/** An answer. Without one, `status` and `body` are undefined. */
export interface Answer {
  readonly status: number | undefined
  readonly body: unknown
  /** Milliseconds until the answer was complete, or until the client gave up. */
  readonly ms: number
}

/** Sends JSON over connections that stay open, as an agent's HTTP library does. */
export class JsonClient {
  readonly #url: string
  readonly #agent = new Agent({ keepAlive: true, maxSockets: Number.POSITIVE_INFINITY })
  readonly #timeoutMs: number

  constructor(url: string, timeoutMs: number) {
    this.#url = url
    this.#timeoutMs = timeoutMs
  }

  async post(path: string, body: object): Promise<Answer> {
    const from = performance.now()
    const ms = () => performance.now() - from
    try {
      const { status, text } = await this.#send(path, JSON.stringify(body))
      return { status, body: text === '' ? undefined : JSON.parse(text), ms: ms() }
    } catch {
      return { status: undefined, body: undefined, ms: ms() }
    }
  }

  close(): void {
    this.#agent.destroy()
  }

  #send(path: string, body: string): Promise<{ status: number; text: string }> {
    return new Promise((resolve, reject) => {
      const sent = request(
        `${this.#url}${path}`,
        {
          method: 'POST',
          agent: this.#agent,
          headers: { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) },
          signal: AbortSignal.timeout(this.#timeoutMs),
        },
        response => {
          let text = ''
          response.setEncoding('utf8').on('data', part => {
            text += part
          })
          response.on('end', () => resolve({ status: response.statusCode ?? 0, text }))
          response.on('error', reject)
        },
      )
      sent.on('error', reject)
      sent.end(body)
    })
  }
}
