import type { Io } from '../io.ts'
import { padTo, widthOf } from './columns.ts'
import { indented } from './holder.ts'

/** What happened, as a line of `log` or `watch`. */
export interface Happened {
  readonly time: string
  readonly event: string
  readonly label: string
  /** The session's id, with a mark if it is this session. */
  readonly session: string
  readonly text: string
}

/** The widest event: co-claim, released, resolved. */
const EVENT_COLUMNS = 8
/** A longer label moves the rest of its own line, instead of that of all lines. */
const LABEL_COLUMNS_MAX = 32
/** If fewer columns than this are left for a text, and it needs more, it goes on a line of its own. */
const TEXT_COLUMNS_MIN = 30

/** The columns of lines that are printed one after the other. They grow with what has been printed. */
export class Stream {
  #label = 0
  #session = 0

  /** Makes the columns wide enough for these lines. */
  widen(happened: readonly Pick<Happened, 'label' | 'session'>[]): this {
    for (const { label, session } of happened) {
      const width = widthOf(label)
      if (width <= LABEL_COLUMNS_MAX) this.#label = Math.max(this.#label, width)
      this.#session = Math.max(this.#session, Math.min(widthOf(session), LABEL_COLUMNS_MAX))
    }
    return this
  }

  /** The lines of what happened, folded on a terminal with an indent below the text. */
  lines({ time, event, label, session, text }: Happened, io: Pick<Io, 'width'>): readonly string[] {
    const when = `${time}  ${event.padEnd(EVENT_COLUMNS)}  `
    if (io.width < when.length + TEXT_COLUMNS_MIN)
      return [when.trimEnd(), ...indented('  ', `${label}  ${session}  ${text}`, io.width)]
    const head = `${when}${padTo(label, this.#label)}  ${padTo(session, this.#session)}  `
    if (io.width >= widthOf(head) + Math.min(TEXT_COLUMNS_MIN, widthOf(text)))
      return indented(head, text, io.width)
    return [head.trimEnd(), ...indented(' '.repeat(when.length), text, io.width)]
  }
}
