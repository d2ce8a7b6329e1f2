import type { ToldFacts } from './told.ts'

/**
 * A listener that has more unread bytes than this is dropped when the next text is sent. The initial state
 * doesn't count. The next text may itself be longer, because one poll may bring more than this at once.
 */
const UNREAD_BYTES_MAX = 1_048_576

const ENCODER = new TextEncoder()

export interface ListenerOptions {
  /** The caller's key. Each caller may have only a part of the listeners. */
  readonly of: string
  /** Send only this label's changes. Undefined for the whole board. */
  readonly label: string | undefined
  /** The id of the last event that the client got, from its `Last-Event-ID`. */
  readonly lastId: string | undefined
  /** Whether its token is still valid. */
  readonly stillHolds: () => boolean
  /** Ends the connection at once, without waiting for the client to read. */
  readonly cut: () => void
}

/** A client of `/events`: a stream of text with a limit on unread bytes. */
export class Listener {
  readonly of: string
  readonly label: string | undefined
  readonly lastId: string | undefined
  readonly stillHolds: () => boolean
  /** The body of the response. */
  readonly body: ReadableStream<Uint8Array>
  /** True once it was sent the current state, or the changes that it missed. */
  fed = false
  /** True while the history is read for the changes that it missed. */
  resuming = false
  /** For a returning listener: what it was told, as long as that differs from what all others were told. */
  told: ToldFacts | undefined
  /** The database's time at which it came back. */
  resumedAt = 0
  readonly #cut: () => void
  #controller: ReadableStreamDefaultController<Uint8Array> | undefined
  #allowance = UNREAD_BYTES_MAX

  /** @param onGone called once, when the client has gone */
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
      // With a mark of 0, `desiredSize` is the negative number of unread bytes.
      new ByteLengthQueuingStrategy({ highWaterMark: 0 }),
    )
  }

  /**
   * @param said text, or its bytes if many listeners get the same
   * @param extra don't count this against the limit: the state of a board may be of any length
   * @returns false if the client reads too slowly and was dropped, or has gone
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

  /** Ends the stream after what is queued is read. */
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
