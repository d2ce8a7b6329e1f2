import { until } from './until.ts'

/** An event of a stream, as received. */
export interface HeardEvent {
  readonly id: string | undefined
  readonly event: string
  readonly data: Readonly<Record<string, unknown>>
}

/** A client of `/events`: what it received, in order, from any number of servers. */
export class Ear implements AsyncDisposable {
  readonly heard: HeardEvent[] = []
  #ending = new AbortController()
  #reading: Promise<void> = Promise.resolve()

  get lastId(): string | undefined {
    return this.heard.findLast(({ id }) => id)?.id
  }

  /** The claim changes that it received, without the initial state. */
  get changes(): readonly string[] {
    return this.heard.flatMap(({ event, data }) =>
      ['known', 'unknown', 'present', 'lapsed', 'closing', 'reset'].includes(event)
        ? []
        : [`${event} ${data['session_id']} ${data['resource_label']}`],
    )
  }

  /**
   * Listens to a server, starting from the last id that it received.
   * @param count leaves after this many more events
   */
  listen(url: string, count = Number.POSITIVE_INFINITY): this {
    this.#ending = new AbortController()
    this.#reading = this.#read(url, count, this.#ending)
    return this
  }

  /** Resolves when the stream has ended. */
  get ended(): Promise<void> {
    return this.#reading
  }

  async leave(): Promise<void> {
    this.#ending.abort()
    await this.#reading
  }

  async event(name: string): Promise<void> {
    await until(`${name} among ${JSON.stringify(this.heard.map(({ event }) => event))}`, () =>
      this.heard.some(({ event }) => event === name),
    )
  }

  async #read(url: string, count: number, ending: AbortController): Promise<void> {
    const { lastId } = this
    let text = ''
    let left = count
    try {
      const headers = lastId === undefined ? {} : { 'Last-Event-ID': lastId }
      const answer = await fetch(`${url}/events`, { headers, signal: ending.signal })
      const decoder = new TextDecoder()
      for await (const chunk of answer.body ?? []) {
        text += decoder.decode(chunk, { stream: true })
        const blocks = text.split('\n\n')
        text = blocks.pop() ?? ''
        for (const block of blocks) {
          const event = /^event: (.*)$/m.exec(block)?.[1]
          if (event === undefined) continue
          const data = JSON.parse(/^data: (.*)$/m.exec(block)?.[1] ?? '{}')
          this.heard.push({ id: /^id: (.*)$/m.exec(block)?.[1], event, data })
          // Drop the rest, as if the connection had ended here.
          if (--left <= 0) return ending.abort()
        }
      }
    } catch {
      // Ignore: the client or the server has ended the connection.
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.leave()
  }
}
