// Patterns for the OpenAPI document that describe what the board accepts. Input that matches them is not
// refused for its form.

/**
 * Control characters, line separators, direction marks and invisible characters (Unicode's Cc, Zl, Zp,
 * Bidi_Control and Default_Ignorable_Code_Point), as the inside of a character class. Characters beyond
 * U+FFFF are written literally, because regex dialects have different escapes for them.
 */
const HIDDEN = [
  '\\u0000-\\u001f\\u007f-\\u009f\\u00ad\\u034f\\u061c\\u115f\\u1160\\u17b4\\u17b5\\u180b-\\u180f\\u200b-\\u200f',
  '\\u2028-\\u202e\\u2060-\\u206f\\u3164\\ufe00-\\ufe0f\\ufeff\\uffa0\\ufff0-\\ufff8',
  '\u{1bca0}-\u{1bca3}\u{1d173}-\u{1d17a}\u{e0000}-\u{e0fff}',
].join('')

/** A text without hidden characters, and without leading or trailing spaces. */
const trimmed = (without = '') =>
  `[^\\s${without}${HIDDEN}](?:[^${without}${HIDDEN}]*[^\\s${without}${HIDDEN}])?`

export const ID = `^${trimmed()}$`

/** `kind:name`. The name of a `pvc` is `<namespace>/<name>`. */
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

/** A line of text, or an empty string. */
export const WORD_OR_NONE = `^(?:${trimmed()})?$`
/** Any text that a database accepts: anything without NUL. */
export const PLAIN = '^[^\\u0000]*$'
export const PROJECT = '^[a-z0-9][a-z0-9._-]*$'
export const OWN_ID = '^[A-Za-z0-9][A-Za-z0-9._-]*$'

/** A cursor of a list that is sorted by `numbers` integers and then a text. */
export const cursor = (numbers: number) => `^${'\\d{1,13}~'.repeat(numbers)}[A-Za-z0-9._~-]+$`
