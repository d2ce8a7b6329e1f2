import { type Change, neverExpires } from '@presence/core'
import { moment, oneLine, shortIds } from '@presence/core/internal'
import type { Io } from '../io.ts'
import { indented } from './holder.ts'
import { coClaimNotes } from './notes.ts'
import { type Happened, Stream } from './stream.ts'
import { clock, shortClock } from './time.ts'

type ClaimChange = Exclude<Change, { event: 'unknown' | 'known' }>

const STYLES: Partial<Record<Change['event'], 'yellow' | 'bold' | 'dim'>> = {
  expired: 'yellow',
  lapsed: 'yellow',
  stolen: 'yellow',
  unknown: 'yellow',
  known: 'bold',
  present: 'dim',
}

/** Shows the changes of one watch, each on a line of time, event, label, session and purpose. */
export class Changes {
  readonly #me: string
  readonly #label: string | undefined
  readonly #io: Io
  readonly #columns = new Stream()
  readonly #ids = new Set<string>()

  /** @param label the label that is watched; undefined for the whole board */
  constructor(me: string, label: string | undefined, io: Io) {
    this.#me = me
    this.#label = label
    this.#io = io
  }

  lines(change: Change): readonly string[] {
    const style = STYLES[change.event]
    const lines = this.#plain(change)
    return style ? lines.map(line => this.#io.paint(style, line)) : lines
  }

  #plain(change: Change): readonly string[] {
    const { width } = this.#io
    // On a terminal the first line says once that times are in UTC.
    const onTerminal = width !== Number.POSITIVE_INFINITY
    if (change.event === 'known' && !change.since) {
      const what = `${watched(this.#label)}${onTerminal ? ', times in UTC' : ''}`
      return indented('', `presence: watching ${what}: ${liveClaims(change.live)}`, width)
    }
    const time = onTerminal ? shortClock(change.at) : clock(change.at)
    if (change.event === 'unknown' || change.event === 'known')
      return indented(`${time}  ${change.event.padEnd(8)}  `, ofBoard(change), width)
    const happened = this.#happened(change, time)
    return this.#columns.widen([happened]).lines(happened, this.#io)
  }

  #happened({ event, claim }: ClaimChange, time: string): Happened {
    const { label, session, purpose, ended } = claim
    const how =
      event === 'stolen' || event === 'resolved'
        ? `  by ${oneLine(ended?.by ?? 'another session')}: ${oneLine(ended?.note ?? '')}`
        : ''
    const never = neverExpires(claim) ? '  (never expires)' : ''
    this.#ids.add(session.id)
    return {
      time,
      event,
      label: oneLine(label),
      session: `${oneLine(shortIds(this.#ids)(session.id))}${session.id === this.#me ? ' (me)' : ''}`,
      text: `${oneLine(purpose)}${never}${how}`,
    }
  }
}

/** Notes that are not part of the answer, printed on standard error. */
export function changeNotes(change: Change, label: string | undefined): readonly string[] {
  if (change.event === 'unknown') return [`hint: ${oneLine(change.fault.remedy)}`]
  // A watch of the whole board shows co-claims anyway.
  if (change.event !== 'known' || label === undefined) return []
  return coClaimNotes(
    change.coClaims.filter(coClaim => coClaim.label !== label),
    change.at,
  ).map(note => `note: ${note}`)
}

function ofBoard(change: Extract<Change, { event: 'unknown' | 'known' }>): string {
  if (change.event === 'unknown')
    return `the state of the board has been unknown since ${moment(change.since)}: ${oneLine(change.fault.message)}`
  return `the board answers again; it was unknown${change.since ? ` since ${moment(change.since)}` : ''}; ${liveClaims(change.live)}`
}

function watched(label: string | undefined): string {
  return label === undefined ? 'the board' : oneLine(label)
}

function liveClaims(count: number): string {
  if (count === 0) return 'no live claims'
  return count === 1 ? '1 live claim' : `${count} live claims`
}
