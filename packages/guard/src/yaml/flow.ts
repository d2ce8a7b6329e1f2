import { newMap, plainScalar, type Yaml } from './value.ts'

/** Deeper values are unknown. */
const MAX_DEPTH = 60

const ESCAPES: Readonly<Record<string, string>> = { n: '\n', t: '\t', r: '\r', '0': '\0', e: '\x1b', b: '\b' }

/** The offset after the quoted text that begins at `from`, or -1 if it isn't closed. */
export function endOfQuoted(text: string, from: number): number {
  const quote = text[from]
  for (let at = from + 1; at < text.length; at++) {
    if (quote === '"' && text[at] === '\\') at++
    else if (text[at] === quote) {
      if (quote === '"' || text[at + 1] !== "'") return at + 1
      at++
    }
  }
  return -1
}

/** The value of quoted text, without its quotes. Line breaks are folded. */
export function unquoted(text: string): string {
  const folded = text.slice(1, -1).replace(/[ \t]*\n[ \t]*/g, ' ')
  if (text.startsWith("'")) return folded.replaceAll("''", "'")
  return folded.replace(
    /\\(?:x([0-9a-f]{2})|u([0-9a-f]{4})|U([0-9a-f]{8})|([\s\S]))/gi,
    (_, x?: string, u?: string, long?: string, letter?: string) => {
      if (letter !== undefined) return ESCAPES[letter] ?? letter
      const code = Number.parseInt(x ?? u ?? long ?? '', 16)
      return code <= 0x10ffff ? String.fromCodePoint(code) : '\ufffd'
    },
  )
}

/** The offset after the flow value (`{…}` or `[…]`) that begins at `from`, or -1 if it isn't closed. */
export function endOfFlow(text: string, from: number): number {
  let depth = 0
  for (let at = from; at < text.length; at++) {
    const letter = text[at]
    if ((letter === '"' || letter === "'") && /[\s,:[{]/.test(text[at - 1] ?? ' ')) {
      const end = endOfQuoted(text, at)
      if (end < 0) return -1
      at = end - 1
    } else if (letter === '{' || letter === '[') depth++
    else if (letter === '}' || letter === ']') {
      if (--depth === 0) return at + 1
    } else if (letter === '#' && /\s/.test(text[at - 1] ?? '')) {
      const end = text.indexOf('\n', at)
      if (end < 0) return -1
      at = end
    }
  }
  return -1
}

/** Reads a flow value. What can't be read is undefined. */
export function parseFlow(text: string): Yaml {
  return new FlowReader(text).value(0)
}

class FlowReader {
  readonly #text: string
  #at = 0

  constructor(text: string) {
    this.#text = text
  }

  value(depth: number): Yaml {
    this.#skip()
    const letter = this.#text[this.#at]
    if (depth > MAX_DEPTH) {
      this.#at = this.#text.length
      return undefined
    }
    if (letter === '{') return this.#map(depth)
    if (letter === '[') return this.#list(depth)
    if (letter === '"' || letter === "'") return this.#quoted()
    const text = this.#plain()
    if (text.startsWith('*')) return undefined
    return plainScalar(text.replace(/^(?:[&!]\S*\s*)+/, ''))
  }

  #map(depth: number): Yaml {
    const map = newMap()
    this.#at++
    for (;;) {
      this.#skip()
      if (this.#isEnd('}')) return map
      const key = /["']/.test(this.#text[this.#at] ?? '') ? this.#quoted() : this.#plain(true)
      this.#skip()
      if (this.#text[this.#at] === ':') {
        this.#at++
        map[key] = this.value(depth + 1)
      } else map[key] = null
      if (!this.#separator()) return map
    }
  }

  #list(depth: number): Yaml {
    const list: Yaml[] = []
    this.#at++
    for (;;) {
      this.#skip()
      if (this.#isEnd(']')) return list
      list.push(this.value(depth + 1))
      if (!this.#separator()) return list
    }
  }

  /** Steps over a comma. False at the end of the text. */
  #separator(): boolean {
    this.#skip()
    const letter = this.#text[this.#at]
    if (letter === ',') this.#at++
    else if (letter !== '}' && letter !== ']') this.#at++
    return this.#at < this.#text.length
  }

  #isEnd(close: string): boolean {
    const letter = this.#text[this.#at]
    if (letter === undefined) return true
    if (letter !== close && letter !== '}' && letter !== ']') return false
    this.#at++
    return true
  }

  #quoted(): string {
    const end = endOfQuoted(this.#text, this.#at)
    const to = end < 0 ? this.#text.length : end
    const text = unquoted(this.#text.slice(this.#at, to))
    this.#at = to
    return text
  }

  #plain(isKey = false): string {
    const from = this.#at
    while (this.#at < this.#text.length) {
      const letter = this.#text[this.#at] as string
      if (/[,\]}\n]/.test(letter)) break
      if (letter === ':' && (isKey || /[\s,]/.test(this.#text[this.#at + 1] ?? ' '))) break
      this.#at++
    }
    return this.#text.slice(from, this.#at).trim()
  }

  /** Skips blanks and comments. */
  #skip() {
    while (this.#at < this.#text.length) {
      const letter = this.#text[this.#at] as string
      if (letter === '#') {
        const end = this.#text.indexOf('\n', this.#at)
        this.#at = end < 0 ? this.#text.length : end
      } else if (!/\s/.test(letter)) return
      this.#at++
    }
  }
}
