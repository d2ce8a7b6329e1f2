// What the board takes, as patterns for the document: a client that keeps to them is not refused for its input.

/**
 * Controls, line separators, marks of direction, and what shows nothing (Unicode's Cc, Zl, Zp, Bidi_Control and
 * Default_Ignorable_Code_Point), as a class's inside. The characters stand for themselves: dialects write escapes for the
 * higher ones differently.
 */
const HIDDEN = [
  '\\u0000-\\u001f\\u007f-\\u009f\\u00ad\\u034f\\u061c\\u115f\\u1160\\u17b4\\u17b5\\u180b-\\u180f\\u200b-\\u200f',
  '\\u2028-\\u202e\\u2060-\\u206f\\u3164\\ufe00-\\ufe0f\\ufeff\\uffa0\\ufff0-\\ufff8',
  '\u{1bca0}-\u{1bca3}\u{1d173}-\u{1d17a}\u{e0000}-\u{e0fff}',
].join('')

/** A text without what is hidden, and without spaces around it. */
const trimmed = (without = '') =>
  `[^\\s${without}${HIDDEN}](?:[^${without}${HIDDEN}]*[^\\s${without}${HIDDEN}])?`

export const ID = `^${trimmed()}$`

/** `kind:name`; a volume's name is `<namespace>/<name>`. */
export function label(kinds: readonly string[]): string {
  const plain = kinds.filter(kind => kind !== 'pvc').join('|')
  const segment = `[^/\\s${HIDDEN}]+`
  return `^(?:(?:${plain}):${trimmed()}|pvc:${segment}/${segment})$`
}

/** A purpose or a note: not blank. */
export const PROSE = '^[^\\u0000]*[^\\s\\u0000\\ufeff][^\\u0000]*$'

const TO_A_DAY = '[1-9]\\d{0,3}|[1-7]\\d{4}|8[0-5]\\d{3}|86[0-3]\\d{2}|86400'
export const TTL = `^(?:(?:${TO_A_DAY})s?|(?:[1-9]\\d{0,2}|1[0-3]\\d{2}|14[0-3]\\d|1440)m|(?:[1-9]|1\\d|2[0-4])h)$`

export const SINCE = '^[1-9]\\d{0,8}[smhd]?$'

/** A word, or none. */
export const WORD_OR_NONE = `^(?:${trimmed()})?$`
/** Any text that a database takes. */
export const PLAIN = '^[^\\u0000]*$'
export const PROJECT = '^[a-z0-9][a-z0-9._-]*$'
export const OWN_ID = '^[A-Za-z0-9][A-Za-z0-9._-]*$'

/** A place in a list that is sorted by so many whole numbers and a text. */
export const cursor = (numbers: number) => `^${'\\d{1,13}~'.repeat(numbers)}[A-Za-z0-9._~-]+$`
