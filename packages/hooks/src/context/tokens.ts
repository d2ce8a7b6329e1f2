/**
 * The most tokens of a hook's text, as `tokensIn` estimates them. A tokenizer counts at most 600, also in texts that
 * are made to have many (tokens.test.ts).
 */
export const TOKENS_MAX = 570

/**
 * About how many tokens a text has, estimated from its characters, because a hook has no time to load a tokenizer.
 * More than tokenizers count in English, and about as many in texts that have many.
 */
export function tokensIn(text: string): number {
  let tokens = 0
  for (const [part] of text.matchAll(PARTS)) tokens += weightOf(part)
  return tokens
}

export function tokensOf(lines: readonly string[]): number {
  return lines.reduce((sum, line) => sum + tokensIn(line) + NEWLINE, 0)
}

/** The text up to so many tokens. */
export function cutAt(text: string, tokensMax: number): string {
  if (tokensIn(text) <= tokensMax) return text
  let cut = ''
  let left = tokensMax - 1
  for (const [part] of text.matchAll(PARTS)) {
    const weight = weightOf(part)
    if (weight <= left) cut += part
    else if (part.length > 2) cut += part.slice(0, Math.floor((part.length * left) / weight))
    left -= weight
    if (left <= 0) break
  }
  return `${cut}…`
}

/** The first lines that fit into so many tokens. If some are left out, the last line says how many. */
export function fitting(
  lines: readonly string[],
  tokensMax: number,
  rest: (count: number) => string,
  linesMax = lines.length,
): readonly string[] {
  const count = howMany(lines, tokensMax)
  if (count === lines.length && count <= linesMax) return lines
  const shown = lines.slice(0, Math.min(linesMax, howMany(lines, tokensMax - REST)))
  return [...shown, rest(lines.length - shown.length)]
}

/** How many of the first lines fit into so many tokens. */
export function howMany(lines: readonly string[], tokensMax: number): number {
  let left = tokensMax
  const past = lines.findIndex(line => {
    left -= tokensIn(line) + NEWLINE
    return left < 0
  })
  return past < 0 ? lines.length : past
}

const NEWLINE = 1
/** For the line that says how many more there are. */
const REST = 22

/** Words and numbers whole, everything else by character. */
const PARTS = /[A-Za-z0-9]+|[\s\S]/gu

function weightOf(part: string): number {
  const code = part.codePointAt(0) ?? 0
  if (code > 0x7f) return weightOfOther(code)
  const { length } = part
  if (/^[a-z]{1,3}$/i.test(part)) return 1
  if (/^\d+$/.test(part)) return Math.ceil(length / 3)
  if (/^([a-z]+|[A-Z][a-z]*)$/.test(part)) return length * (isLikeAWord(part) ? 0.28 : 0.6)
  if (/^[A-Za-z0-9]/.test(part)) return length * 0.9
  return part === ' ' ? 0.05 : 0.8
}

/** The pairs of letters that are most of those in English words, and few of those in random letters. */
const PAIRS = new Set(
  [
    'th he in er an re on at en nd ti es or te of ed is it al ar st to nt ng se ha as ou io le ve co',
    'me de hi ri ro ic ne ea ra ce li ch ll be ma si om ur ca el ta la ns di fo ho pe ec pr no ct us',
    'ac ot il tr ly nc et ut ss so rs un lo wa ge ie wh ee wi em ad ol rt po we na ul ni ts mo ow pa',
    'im mi ai sh ir su id os iv ia am fi ci vi pl ig tu ev ld ry mp fe bl ab gh ty op wo sa ay ex ke',
    'fr oo av ag if ap gr od bo sp rd do uc bu ei ov by rm ep tt oc fa ef cu rn sc gi da yo cr cl du',
  ].flatMap(line => line.split(' ')),
)

function isLikeAWord(letters: string): boolean {
  const pairs = Array.from({ length: letters.length - 1 }, (_, at) => letters.slice(at, at + 2).toLowerCase())
  return pairs.filter(pair => PAIRS.has(pair)).length >= pairs.length * 0.5
}

function weightOfOther(code: number): number {
  if (code < 0x700) return 0.95
  // Thai and Lao; then Chinese, Japanese and Korean. All others are told by their bytes.
  if (code >= 0xe00 && code < 0xf00) return 1.25
  if (code >= 0x3040 && code < 0xd7b0) return 1.45
  return code < 0x2000 || code >= 0x2070 ? (code < 0x10000 ? 3 : 4) : 1.2
}
