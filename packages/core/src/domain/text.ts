/** What no label, id or line of a terminal may hold: C0 and C1 controls, line separators, bidirectional marks. */
const CONTROL = /[\p{Cc}\u2028\u2029\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/u
const CONTROLS = new RegExp(CONTROL.source, 'gu')
const LINE_BREAKS = /[\t\n\v\f\r\u0085\u2028\u2029]+/gu

/** The length in characters as a database counts them: code points, not UTF-16 units. */
export function lengthOf(text: string): number {
  let length = 0
  for (const _ of text) length++
  return length
}

/** Does `text` hold a character that would move a cursor, break a line or turn the reading direction? */
export function hasControl(text: string): boolean {
  return CONTROL.test(text)
}

/** Somebody else's text made safe to show on one line: breaks become spaces, other controls U+FFFD. */
export function oneLine(text: string): string {
  return text.toWellFormed().replace(LINE_BREAKS, ' ').replace(CONTROLS, '\ufffd').trim()
}

/** `text` without its last characters, if it has more than `max` of them. */
export function cutTo(text: string, max: number): string {
  return lengthOf(text) <= max ? text : [...text].slice(0, max).join('')
}
