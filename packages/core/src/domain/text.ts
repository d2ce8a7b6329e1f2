/**
 * Characters that no label, id or terminal line may contain: C0 and C1 controls, line separators,
 * bidirectional marks, and invisible characters, which hide text or make two labels look alike. Joiners and
 * selectors are allowed, because emoji and some scripts need them, but not after ASCII or at the beginning,
 * where they mean nothing (except a keycap's selector, which stands before U+20E3). Tags are invisible, so
 * they are allowed only after a black flag, whose region they spell.
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

/** `1 session`, `2 sessions`. */
export function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? '' : 's'}`
}

/**
 * Whether `text` contains a character that would move the cursor, break the line or change the reading
 * direction.
 */
export function hasControl(text: string): boolean {
  return CONTROL.test(text)
}

/**
 * Makes text from others safe to show on one line: line breaks become spaces, other controls become U+FFFD.
 */
export function oneLine(text: string): string {
  // Trim first: trimming can move a joiner or selector to the beginning, where it means nothing and is
  // replaced.
  return text.toWellFormed().replace(LINE_BREAKS, ' ').trim().replace(CONTROLS, '\ufffd')
}

/** Cuts `text` to at most `max` characters. */
export function cutTo(text: string, max: number): string {
  return lengthOf(text) <= max ? text : [...text].slice(0, max).join('')
}

/**
 * Makes text of several lines from others safe to show: one entry per line, tabs become spaces, other
 * controls U+FFFD.
 */
export function manyLines(text: string): readonly string[] {
  return text
    .toWellFormed()
    .split(/\r\n|[\n\v\f\r\u0085\u2028\u2029]/u)
    .map(line => line.replaceAll('\t', '  ').trimEnd().replace(CONTROLS, '\ufffd'))
}
