/** More words than these aren't made: the word counts as unknown. */
export const MAX_WORDS = 64

/** The words that `{a,b}` or `{1..3}` stands for, or undefined if there are too many. */
export function braceWords(text: string): readonly string[] | undefined {
  const inner = text.slice(1, -1)
  const range = /^(-?\d+|[a-z])\.\.(-?\d+|[a-z])(?:\.\.(-?\d+))?$/i.exec(inner)
  if (range) return rangeOf(range[1] ?? '', range[2] ?? '', range[3])
  const parts = splitAtCommas(inner)
  if (parts.length < 2) return [text]
  const words = parts.flatMap(part => expandBraces(part) ?? new Array<string>(MAX_WORDS + 1).fill(''))
  return words.length <= MAX_WORDS ? words : undefined
}

/** Expands the braces anywhere in a text. */
function expandBraces(text: string): readonly string[] | undefined {
  const from = text.indexOf('{')
  const to = from < 0 ? -1 : closing(text, from)
  if (to < 0) return [text]
  const middles = braceWords(text.slice(from, to + 1))
  const tails = expandBraces(text.slice(to + 1))
  if (!middles || !tails || middles.length * tails.length > MAX_WORDS) return undefined
  return middles.flatMap(middle => tails.map(rest => text.slice(0, from) + middle + rest))
}

function rangeOf(first: string, last: string, by: string | undefined): readonly string[] | undefined {
  const isNumber = /\d/.test(first) && /\d/.test(last)
  if (!isNumber && (first.length !== 1 || last.length !== 1)) return [`{${first}..${last}}`]
  const from = isNumber ? Number(first) : first.charCodeAt(0)
  const to = isNumber ? Number(last) : last.charCodeAt(0)
  const step = Math.max(1, Math.abs(Number(by ?? 1)))
  const count = Math.floor(Math.abs(to - from) / step) + 1
  if (!(count <= MAX_WORDS)) return undefined
  const width = /^-?0\d/.test(first) || /^-?0\d/.test(last) ? Math.max(first.length, last.length) : 0
  return Array.from({ length: count }, (_, at) => {
    const value = from + (to < from ? -at : at) * step
    return isNumber ? String(value).padStart(width, '0') : String.fromCharCode(value)
  })
}

/** The parts between commas that aren't inside of inner braces. */
function splitAtCommas(text: string): readonly string[] {
  const parts: string[] = []
  let depth = 0
  let from = 0
  for (let at = 0; at < text.length; at++) {
    if (text[at] === '{') depth++
    else if (text[at] === '}') depth--
    else if (text[at] === ',' && depth === 0) {
      parts.push(text.slice(from, at))
      from = at + 1
    }
  }
  return [...parts, text.slice(from)]
}

function closing(text: string, from: number): number {
  let depth = 0
  for (let at = from; at < text.length; at++)
    if (text[at] === '{') depth++
    else if (text[at] === '}' && --depth === 0) return at
  return -1
}
