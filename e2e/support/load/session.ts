import type { JsonClient } from './client.ts'
import type { Tally } from './tally.ts'

/** What a session knows about one of its own labels. `unknown`: its last change got no answer. */
export type Known = 'held' | 'free' | 'unknown'

export interface SessionOptions {
  readonly id: string
  readonly client: JsonClient
  readonly tally: Tally
  /** The average pause between two calls, in milliseconds. */
  readonly thinkMs: number
  readonly signal: AbortSignal
}

/** The most labels that one session holds. */
const LABELS = 3
/** One in this many calls looks at the label that all sessions share. */
const CROWDED_EVERY = 20
/** The pause after a failed call, shorter than a real client's. */
const AFTER_FAILURE_MS = 1_000

/**
 * An agent at work, sped up: claims, heartbeats, looks and releases, one call after the other. It remembers
 * what it was told, to compare it with the board.
 */
export class LoadSession {
  readonly id: string
  readonly known = new Map<string, Known>()
  readonly #options: SessionOptions

  constructor(options: SessionOptions) {
    this.id = options.id
    this.#options = options
  }

  async run(): Promise<void> {
    const { signal, thinkMs } = this.#options
    await pause(Math.random() * thinkMs, signal)
    for (let call = 0; !signal.aborted; call++) {
      const answered = await this.#call(call)
      await pause(answered ? thinkMs * (0.5 + Math.random()) : AFTER_FAILURE_MS, signal)
    }
  }

  #call(call: number): Promise<boolean> {
    const label = `node:${this.id}-${call % LABELS}`
    if (call % CROWDED_EVERY === CROWDED_EVERY - 1)
      return this.#say('peek', { resource_label: 'node:crowded' })
    const known = this.known.get(label) ?? 'free'
    if (known === 'free') return this.#change('claim', label, 'held', { purpose: 'load', ttl: 900 })
    if (call % 7 === 6) return this.#change('release', label, 'free')
    return this.#say('heartbeat', {})
  }

  /** Until the answer arrives, the label may be in either state. */
  async #change(verb: string, label: string, then: Known, more: object = {}): Promise<boolean> {
    this.known.set(label, 'unknown')
    const answered = await this.#say(verb, { resource_label: label, ...more })
    if (answered) this.known.set(label, then)
    return answered
  }

  async #say(verb: string, options: object): Promise<boolean> {
    const { client, tally } = this.#options
    const session = { id: this.id, user: 'load', host: 'loopback', agent: 'load' }
    const answer = await client.post(`/api/v1/${verb}`, { session, ...options })
    tally.add(verb, answer)
    return answer.status === 200
  }
}

async function pause(ms: number, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return
  await new Promise<void>(resolve => {
    const timer = setTimeout(done, ms)
    function done() {
      clearTimeout(timer)
      signal.removeEventListener('abort', done)
      resolve()
    }
    signal.addEventListener('abort', done)
  })
}
