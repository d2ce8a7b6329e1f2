import { Agent, type IncomingMessage, request } from 'node:http'

/** Listens to the server's events, and reconnects where it left off when the stream ends. */
export class Listener {
  /** The ids of the received events, in order. */
  readonly ids: string[] = []
  /** How many times it had to reconnect. */
  reconnects = 0
  readonly #url: string
  readonly #agent = new Agent({ maxSockets: 1 })
  readonly #signal: AbortSignal

  constructor(url: string, signal: AbortSignal) {
    this.#url = url
    this.#signal = signal
  }

  async run(): Promise<void> {
    while (!this.#signal.aborted) {
      await this.#listen().catch(() => {})
      if (this.#signal.aborted) break
      this.reconnects++
      await new Promise(resolve => setTimeout(resolve, 500))
    }
    this.#agent.destroy()
  }

  #listen(): Promise<void> {
    const last = this.ids.at(-1)
    return new Promise((resolve, reject) => {
      const sent = request(
        `${this.#url}/events`,
        {
          agent: this.#agent,
          signal: this.#signal,
          headers: { accept: 'text/event-stream', ...(last === undefined ? {} : { 'last-event-id': last }) },
        },
        response => {
          this.#read(response)
          response.on('close', resolve)
          response.on('error', reject)
        },
      )
      sent.on('error', reject)
      sent.end()
    })
  }

  #read(response: IncomingMessage): void {
    let rest = ''
    response.setEncoding('utf8').on('data', (text: string) => {
      const lines = (rest + text).split('\n')
      rest = lines.pop() ?? ''
      for (const line of lines) if (line.startsWith('id:')) this.ids.push(line.slice(3).trim())
    })
  }
}
