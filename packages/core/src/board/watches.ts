import type { Looks } from '../claims/look-since.ts'
import { watch } from '../claims/watch.ts'
import type { Deadline } from '../deadline.ts'
import type { Change } from '../domain/change.ts'
import { PresenceError } from '../domain/fault.ts'
import { parseLabel } from '../domain/label.ts'
import type { WatchOptions } from './options.ts'

/** The default number of milliseconds between two looks at the board. */
export const WATCH_EVERY_MS_DEFAULT = 1_000
const EVERY_MS_MIN = 20

/** The watches of one board. Closing the board ends them all. */
export class Watches {
  readonly #looks: Looks
  readonly #sessionId: string
  readonly #kinds: readonly string[]
  readonly #deadline: () => Deadline
  /** Created by the first watch: few commands watch. */
  #closing: AbortController | undefined

  constructor(looks: Looks, sessionId: string, kinds: readonly string[], deadline: () => Deadline) {
    this.#looks = looks
    this.#sessionId = sessionId
    this.#kinds = kinds
    this.#deadline = deadline
  }

  /** @throws PresenceError `invalid_label` */
  watch({ label: text, signal, everyMs = WATCH_EVERY_MS_DEFAULT }: WatchOptions = {}): AsyncIterable<Change> {
    const label = text === undefined ? undefined : parseLabel(text, this.#kinds)
    if (label && !label.ok)
      throw new PresenceError('invalid_label', label.refusal.message, label.refusal.remedy)
    this.#closing ??= new AbortController()
    const ended = AbortSignal.any([this.#closing.signal, ...(signal ? [signal] : [])])
    return watch(this.#looks, this.#sessionId, {
      label: label?.value,
      everyMs: everyMs >= EVERY_MS_MIN ? everyMs : EVERY_MS_MIN,
      signal: ended,
      deadline: () => this.#deadline().until(ended),
    })
  }

  stop(): void {
    this.#closing?.abort()
    this.#closing = undefined
  }
}
