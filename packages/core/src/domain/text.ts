/**
 * What no label, id or line of a terminal may hold: C0 and C1 controls, line separators, bidirectional marks, and what
 * shows nothing at all and so hides text or makes two labels look alike. Joiners and selectors are parts of emoji and of
 * scripts, but mean nothing behind ASCII or at a beginning (a keycap's selector stands before its U+20E3); tags show nothing but behind a
 * black flag, whose region they spell.
 */
const CONTROL =
  // biome-ignore lint/suspicious/noMisleadingCharacterClass: each joiner and selector stands for itself
  /[\p{Cc}\u2028\u2029\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]|(?![\u200c\u200d\ufe00-\ufe0f\u{e0000}-\u{e01ef}])\p{Default_Ignorable_Code_Point}|(?<=^|[\0-\x7f])(?!\ufe0f\u20e3)[\u200c\u200d\ufe00-\ufe0f]|(?<!\u{1f3f4}[\u{e0020}-\u{e007e}]{0,8})[\u{e0000}-\u{e007f}]/u
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
  // Trimmed first: what stands at the beginning then is behind nothing.
  return text.toWellFormed().replace(LINE_BREAKS, ' ').trim().replace(CONTROLS, '\ufffd')
}

/** `text` without its last characters, if it has more than `max` of them. */
export function cutTo(text: string, max: number): string {
  return lengthOf(text) <= max ? text : [...text].slice(0, max).join('')
}

/** Somebody else's text of several lines made safe to show: each on a line, tabs as spaces, other controls U+FFFD. */
export function manyLines(text: string): readonly string[] {
  return text
    .toWellFormed()
    .split(/\r\n|[\n\v\f\r\u0085\u2028\u2029]/u)
    .map(line => line.replaceAll('\t', '  ').trimEnd().replace(CONTROLS, '\ufffd'))
}
