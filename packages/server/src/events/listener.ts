import type { ToldFacts } from './told.ts'

/**
 * What a listener may have left unread when more comes, in bytes, beside what stood on the board when it came. One look
 * at the board may bring more than that at once.
 */
const UNREAD_BYTES_MAX = 1_048_576

const ENCODER = new TextEncoder()

export interface ListenerOptions {
  /** Whose it is: one of many has a part of the room only. */
  readonly of: string
  /** Only this label's changes; undefined for the whole board. */
  readonly label: string | undefined
  /** The id of the event that it had last, as it says. */
  readonly lastId: string | undefined
  /** Does its token still hold? */
  readonly stillHolds: () => boolean
  /** Ends its connection, which would else wait for it to read. */
  readonly cut: () => void
}

/** One that listens: a stream of text, with a bound on what it has not read. */
export class Listener {
  readonly of: string
  readonly label: string | undefined
  readonly lastId: string | undefined
  readonly stillHolds: () => boolean
  /** What the answer consists of. */
  readonly body: ReadableStream<Uint8Array>
  /** Has it been told what stands? */
  fed = false
  /** Is it being looked up what it missed? */
  resuming = false
  /** Of one that came back: what it was told, until that is the same as of all others. */
  told: ToldFacts | undefined
  /** The database's time at which it came back. */
  resumedAt = 0
  readonly #cut: () => void
  #controller: ReadableStreamDefaultController<Uint8Array> | undefined
  #allowance = UNREAD_BYTES_MAX

  /** @param onGone told once, when it listens no more */
  constructor({ of, label, lastId, stillHolds, cut }: ListenerOptions, onGone: (listener: Listener) => void) {
    this.of = of
    this.label = label
    this.lastId = lastId
    this.stillHolds = stillHolds
    this.#cut = cut
    this.body = new ReadableStream<Uint8Array>(
      {
        start: controller => {
          this.#controller = controller
        },
        cancel: () => {
          this.#controller = undefined
          onGone(this)
        },
      },
      // Counted from zero: what is desired is then less than nothing by what is unread.
      new ByteLengthQueuingStrategy({ highWaterMark: 0 }),
    )
  }

  /**
   * @param said text, or its bytes where many are told the same
   * @param extra may be unread beside the rest: what stood on the board is as long as it is
   * @returns false for one that reads too slowly, and is gone
   */
  send(said: string | Uint8Array, extra = false): boolean {
    const controller = this.#controller
    if (!controller) return false
    const bytes = typeof said === 'string' ? ENCODER.encode(said) : said
    if (extra) this.#allowance = UNREAD_BYTES_MAX + bytes.length
    if (-(controller.desiredSize ?? 0) > this.#allowance) {
      this.drop()
      return false
    }
    controller.enqueue(bytes)
    return true
  }

  /** Ends the stream once it is read. */
  end(): void {
    this.#controller?.close()
    this.#controller = undefined
  }

  /** Ends the connection now. */
  drop(): void {
    this.end()
    this.#cut()
  }
}
