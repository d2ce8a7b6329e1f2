import type { HistoryEvent } from '@presence/core'
import type { Boards } from '@presence/core/internal'
import { Listener, type ListenerOptions } from './listener.ts'
import { type News, Run } from './run.ts'
import { eventText } from './text.ts'
import type { ToldFacts } from './told.ts'

export interface HubOptions {
  /** Milliseconds between two polls of the board. @default 1000 */
  readonly everyMs?: number
  /**
   * How long the board is still polled after the last listener has gone, in milliseconds, so that one that
   * comes back misses nothing.
   *
   * @default 30000
   */
  readonly lingerMs?: number
  /** Milliseconds between two heartbeats to listeners. @default 15000 */
  readonly beatMs?: number
  /** How many events are kept for returning listeners. @default 1000 */
  readonly kept?: number
  /** How many listeners there may be. @default 1000 */
  readonly listenersMax?: number
  /** How many listeners one token, or one address without a token, may have. @default 500 */
  readonly listenersOfOneMax?: number
  readonly onTrouble?: (message: string) => void
}

type Followable = Pick<Boards, 'follow' | 'eventsSince'>

/**
 * Sends the board's changes to any number of listeners. It polls the database once for all of them, and
 * doesn't poll while there are no listeners.
 */
export class EventHub {
  readonly #boards: Followable
  readonly #options: Required<HubOptions>
  readonly #listeners = new Set<Listener>()
  #run: Run | undefined
  #linger: NodeJS.Timeout | undefined
  #beat: NodeJS.Timeout | undefined
  #closed = false

  constructor(boards: Followable, options: HubOptions = {}) {
    this.#boards = boards
    this.#options = {
      everyMs: 1_000,
      lingerMs: 30_000,
      beatMs: 15_000,
      kept: 1_000,
      listenersMax: 1_000,
      listenersOfOneMax: 500,
      onTrouble: () => {},
      ...options,
    }
  }

  get count(): number {
    return this.#listeners.size
  }

  /** Whether the board is being polled. */
  get looking(): boolean {
    return this.#run !== undefined
  }

  /** @returns undefined if there are too many listeners already, or the hub is closed */
  listen(options: ListenerOptions): Listener | undefined {
    if (this.#closed || this.#listeners.size >= this.#options.listenersMax) return undefined
    if (this.#countOf(options.of) >= this.#options.listenersOfOneMax) return undefined
    const listener = new Listener(options, gone => this.#forget(gone))
    this.#listeners.add(listener)
    clearTimeout(this.#linger)
    this.#beat ??= setInterval(() => this.#signOfLife(), this.#options.beatMs)
    this.#tell(listener, 'retry: 2000\n\n')
    if (this.#run) this.#feed(listener, this.#run)
    else void this.#look()
    return listener
  }

  #countOf(of: string): number {
    return [...this.#listeners].filter(listener => listener.of === of).length
  }

  /** Tells all listeners that the server is closing, and ends their streams. */
  close(): void {
    this.#closed = true
    for (const listener of [...this.#listeners]) {
      this.#tell(listener, eventText('closing', { event: 'closing', at: new Date().toISOString() }))
      this.#end(listener)
    }
    clearTimeout(this.#linger)
    this.#stop()
  }

  async #look(): Promise<void> {
    const run = new Run(this.#options.kept)
    this.#run = run
    try {
      for await (const followed of this.#boards.follow(run.signal, this.#options.everyMs)) {
        const news = run.take(followed)
        const shared = new Map<string | undefined, Uint8Array>()
        for (const listener of [...this.#listeners]) {
          if (!listener.fed) this.#feed(listener, run)
          else if (news.length > 0) this.#tell(listener, newsFor(listener, run, news, shared))
        }
      }
    } catch (error) {
      this.#options.onTrouble(
        `stopped following the board and closed the streams of /events, until a client connects again: ${(error as Error).message}`,
      )
      for (const listener of [...this.#listeners]) this.#end(listener)
    } finally {
      if (this.#run === run) this.#run = undefined
    }
  }

  /** Sends a new listener what it missed, or the present state. */
  #feed(listener: Listener, run: Run): void {
    if (listener.resuming) return
    const told = run.resumes(listener)
    if (told) {
      listener.resuming = true
      void this.#resume(listener, run, told).finally(() => {
        listener.resuming = false
      })
      return
    }
    const text = run.beginning(listener)
    if (!text) return
    listener.fed = text.whole
    this.#tell(listener, text.text, true)
  }

  /** Sends what a returning listener missed. If the board doesn't answer, the next poll tries again. */
  async #resume(listener: Listener, run: Run, told: ToldFacts): Promise<void> {
    let events: readonly HistoryEvent[] | undefined
    try {
      events = await this.#boards.eventsSince(new Date(told.horizon))
    } catch {
      return
    }
    if (run !== this.#run || !this.#listeners.has(listener)) return
    listener.fed = true
    this.#tell(listener, events ? run.missed(listener, told, events) : run.standing(listener), true)
  }

  #tell(listener: Listener, said: string | Uint8Array, extra = false): void {
    if (said.length > 0 && !listener.send(said, extra)) this.#forget(listener)
  }

  #end(listener: Listener): void {
    listener.end()
    this.#forget(listener)
  }

  #forget(listener: Listener): void {
    if (!this.#listeners.delete(listener) || this.#listeners.size > 0) return
    clearTimeout(this.#linger)
    this.#linger = setTimeout(() => this.#stop(), this.#options.lingerMs)
    this.#linger.unref()
  }

  #stop(): void {
    clearInterval(this.#beat)
    this.#beat = undefined
    this.#run?.end()
    this.#run = undefined
  }

  #signOfLife(): void {
    for (const listener of [...this.#listeners]) {
      if (!listener.stillHolds()) this.#end(listener)
      else this.#tell(listener, ': heartbeat\n\n')
    }
  }
}

/**
 * The bytes are made once for all listeners with the same
 * text: 1,000 copies of a large one don't fit into memory.
 */
function newsFor(
  listener: Listener,
  run: Run,
  news: readonly News[],
  shared: Map<string | undefined, Uint8Array>,
): string | Uint8Array {
  if (listener.told) return run.textFor(listener, news)
  const known = shared.get(listener.label)
  if (known) return known
  const bytes = new TextEncoder().encode(run.textFor(listener, news))
  shared.set(listener.label, bytes)
  return bytes
}
