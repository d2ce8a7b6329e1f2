import { randomBytes } from 'node:crypto'
import type { Boards, Change, ContactLost, Followed, Snapshot } from '@presence/core'
import { Listener, type ListenerOptions } from './listener.ts'
import { changeText, concerns, eventText, liveOf, standingText } from './text.ts'

export interface HubOptions {
  /** Milliseconds between two looks at the board. */
  readonly everyMs?: number
  /** How long the board is looked at after the last listener has gone, in milliseconds: one that comes back misses nothing. */
  readonly lingerMs?: number
  /** Milliseconds between two signs of life. */
  readonly beatMs?: number
  /** How many events are kept for those who come back. */
  readonly kept?: number
  readonly listenersMax?: number
  /** Of these, one token's or, without one, one address's. */
  readonly listenersOfOneMax?: number
  readonly onTrouble?: (message: string) => void
}

interface Kept {
  readonly number: number
  readonly change: Change
}

/** The board's changes for any number of listeners, of one look at the database after another, and none while nobody listens. */
export class EventHub {
  readonly #boards: Pick<Boards, 'follow'>
  readonly #options: Required<HubOptions>
  readonly #listeners = new Set<Listener>()
  #run: Run | undefined
  #linger: NodeJS.Timeout | undefined
  #beat: NodeJS.Timeout | undefined
  #closed = false

  constructor(boards: Pick<Boards, 'follow'>, options: HubOptions = {}) {
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

  /** Is the board being looked at? */
  get looking(): boolean {
    return this.#run !== undefined
  }

  /** @returns undefined where there are as many as may be, or the server ends */
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

  /** Tells all who listen that the server ends, and ends their streams. */
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
        for (const listener of [...this.#listeners]) {
          if (!listener.fed) this.#feed(listener, run)
          else if (news.length > 0) this.#tell(listener, run.textOf(news, listener.label))
        }
      }
    } catch (error) {
      this.#options.onTrouble(`the board is followed no more: ${(error as Error).message}`)
      for (const listener of [...this.#listeners]) this.#end(listener)
    } finally {
      if (this.#run === run) this.#run = undefined
    }
  }

  /** Tells one that came what it missed, or what stands. */
  #feed(listener: Listener, run: Run): void {
    const text = run.beginning(listener.label, listener.lastId)
    if (!text) return
    listener.fed = text.whole
    this.#tell(listener, text.text, true)
  }

  #tell(listener: Listener, text: string, extra = false): void {
    if (text !== '' && !listener.send(text, extra)) this.#forget(listener)
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

/** What is known since the board is looked at. Its ids are its own: one of another run, or server, is too far back. */
class Run {
  readonly #name = randomBytes(6).toString('hex')
  readonly #kept: Kept[] = []
  readonly #keptMax: number
  readonly #ending = new AbortController()
  #number = 0
  #snapshot: Snapshot | undefined
  #unknown: ContactLost | undefined

  constructor(keptMax: number) {
    this.#keptMax = keptMax
  }

  get signal(): AbortSignal {
    return this.#ending.signal
  }

  end(): void {
    this.#ending.abort()
  }

  /** @returns what is news to those who know what stood before */
  take({ changes, snapshot }: Followed): readonly Kept[] {
    const first = this.#snapshot === undefined
    this.#snapshot = snapshot ?? this.#snapshot
    this.#unknown = snapshot ? undefined : changes.find(change => change.event === 'unknown')
    // Nobody knows anything before the first look, and each is told of it as of what stands.
    if (first) return []
    const news = changes.map(change => ({ number: ++this.#number, change }))
    this.#kept.push(...news)
    this.#kept.splice(0, Math.max(0, this.#kept.length - this.#keptMax))
    return news
  }

  textOf(news: readonly Kept[], label: string | undefined): string {
    return news
      .filter(({ change }) => concerns(change, label))
      .map(({ number, change }) => changeText(this.#counted(change, label), this.#id(number)))
      .join('')
  }

  /**
   * What one is told first; undefined before the first look. Not `whole` while the board is unknown: what stands is told
   * once that is known.
   */
  beginning(
    label: string | undefined,
    lastId: string | undefined,
  ): { text: string; whole: boolean } | undefined {
    const missed = lastId === undefined ? undefined : this.#since(lastId)
    if (missed) return { text: this.textOf(missed, label), whole: true }
    if (this.#unknown) return { text: changeText(this.#unknown), whole: false }
    if (!this.#snapshot) return undefined
    const reset =
      lastId === undefined
        ? ''
        : eventText('reset', { event: 'reset', at: this.#snapshot.asOf.toISOString() })
    return { text: reset + standingText(this.#snapshot, label, this.#id(this.#number)), whole: true }
  }

  /** What came after an event; undefined where that isn't kept, or no event of this run. */
  #since(id: string): readonly Kept[] | undefined {
    const [, name, digits] = /^([0-9a-f]+)-([0-9]{1,15})$/.exec(id) ?? []
    const number = Number(digits)
    const oldest = this.#kept[0]?.number ?? this.#number + 1
    if (name !== this.#name || number > this.#number || number < oldest - 1) return undefined
    return this.#kept.filter(each => each.number > number)
  }

  #counted(change: Change, label: string | undefined): Change {
    if (change.event !== 'known' || !this.#snapshot) return change
    return { ...change, live: liveOf(this.#snapshot, label) }
  }

  #id(number: number): string {
    return `${this.#name}-${number}`
  }
}
