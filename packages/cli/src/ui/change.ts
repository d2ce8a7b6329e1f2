import { type Change, neverExpires } from '@presence/core'
import { oneLine } from '@presence/core/internal'
import type { Io } from '../io.ts'
import { indented } from './holder.ts'
import { coClaimNotes } from './notes.ts'

const STYLES: Partial<Record<Change['event'], 'yellow' | 'bold' | 'dim'>> = {
  expired: 'yellow',
  lapsed: 'yellow',
  stolen: 'yellow',
  unknown: 'yellow',
  known: 'bold',
  present: 'dim',
}

/** A change as a line of time, event, label, session and purpose, folded on a terminal with an indent. */
export function changeLines(
  change: Change,
  me: string,
  label: string | undefined,
  io: Io,
): readonly string[] {
  const style = STYLES[change.event]
  const lines =
    change.event === 'known' && !change.since
      ? indented('', `presence: watching ${watched(label)}: ${liveClaims(change.live)}`, io.width)
      : indented(
          `${change.at.toISOString().slice(11, 19)} UTC  ${change.event.padEnd(8)}  `,
          told(change, me),
          io.width,
        )
  return style ? lines.map(line => io.paint(style, line)) : lines
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

function told(change: Change, me: string): string {
  if (change.event === 'unknown')
    return `the state of the board has been unknown since ${change.since.toISOString()}: ${oneLine(change.fault.message)}`
  if (change.event === 'known')
    return `the board answers again; it was unknown since ${change.since?.toISOString()}; ${liveClaims(change.live)}`
  const { label, session, purpose, ended } = change.claim
  const how =
    change.event === 'stolen' || change.event === 'resolved'
      ? `  by ${oneLine(ended?.by ?? 'another session')}: ${oneLine(ended?.note ?? '')}`
      : ''
  const never = neverExpires(change.claim) ? '  (never expires)' : ''
  return `${oneLine(label)}  ${oneLine(session.id)}${session.id === me ? ' (me)' : ''}  ${oneLine(purpose)}${never}${how}`
}

function watched(label: string | undefined): string {
  return label === undefined ? 'the board' : oneLine(label)
}

function liveClaims(count: number): string {
  if (count === 0) return 'no live claims'
  return count === 1 ? '1 live claim' : `${count} live claims`
}
