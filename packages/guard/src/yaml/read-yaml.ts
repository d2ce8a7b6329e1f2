import type { Budget } from '../budget.ts'
import { endOfFlow, endOfQuoted, parseFlow, unquoted } from './flow.ts'
import { newMap, plainScalar, withoutComment, type Yaml } from './value.ts'

/** Deeper values are unknown. */
const MAX_DEPTH = 60
/** A quoted or flow value over more lines is unknown. */
const MAX_LINES_OF_VALUE = 20_000
/** Lines between two looks at the clock. */
const LINES_PER_LOOK = 200

interface Line {
  indent: number
  text: string
}

/**
 * Reads what the guard needs of YAML files (manifests, kubeconfigs, compose files, inventories), and of JSON. It is
 * tolerant: what it doesn't understand is undefined, and it stops when the budget is over. Anchors are not expanded,
 * so a file can't grow. A whole YAML library would cost each guarded command about 10 ms.
 * @returns one value for each document that isn't empty
 */
export function readYaml(text: string, budget: Budget): readonly Yaml[] {
  const documents: Yaml[] = []
  const reader = new Reader(text, budget)
  while (reader.hasMore()) {
    const value = reader.document()
    if (value !== null) documents.push(value)
  }
  return documents
}

class Reader {
  readonly #lines: Line[]
  readonly #budget: Budget
  #at = 0
  #looks = 0

  constructor(text: string, budget: Budget) {
    this.#budget = budget
    this.#lines = text
      .replace(/^\ufeff/, '')
      .split(/\r?\n/)
      .map(line => {
        const indent = line.search(/[^ \t]/)
        return indent < 0 ? { indent: 0, text: '' } : { indent, text: line.slice(indent).trimEnd() }
      })
  }

  hasMore(): boolean {
    return this.#at < this.#lines.length && !this.#budget.isOver()
  }

  document(): Yaml {
    const line = this.#lines[this.#at] as Line
    if (isStart(line)) {
      line.text = line.text.slice(3).trimStart()
      line.indent = 0
    } else if (isEnd(line) || line.text.startsWith('%')) {
      this.#at++
      return null
    }
    const value = this.#block(-1, 0)
    while (this.hasMore() && !isStart(this.#lines[this.#at] as Line)) this.#at++
    return value
  }

  /** The next line that says something, or undefined at the end of the document. */
  #peek(): Line | undefined {
    for (; this.#at < this.#lines.length; this.#at++) {
      if (++this.#looks % LINES_PER_LOOK === 0 && this.#budget.isOver()) {
        this.#at = this.#lines.length
        return undefined
      }
      const line = this.#lines[this.#at] as Line
      if (line.text === '' || line.text.startsWith('#')) continue
      return isStart(line) || isEnd(line) ? undefined : line
    }
    return undefined
  }

  /** The value whose lines are indented by more than `parent`. */
  #block(parent: number, depth: number): Yaml {
    const line = this.#peek()
    if (!line || line.indent <= parent) return null
    if (depth > MAX_DEPTH) return this.#skipped(parent)
    if (isItem(line.text)) return this.#list(line.indent, depth)
    if (keyOf(line.text)) return this.#map(line.indent, depth)
    return this.#value(line.text, parent, depth)
  }

  #skipped(parent: number): undefined {
    for (let line = this.#peek(); line && line.indent > parent; line = this.#peek()) this.#at++
  }

  #list(indent: number, depth: number): Yaml {
    const list: Yaml[] = []
    for (let line = this.#peek(); line && line.indent >= indent; line = this.#peek()) {
      if (line.indent > indent || !isItem(line.text)) {
        if (line.indent === indent) break
        this.#at++
        continue
      }
      const rest = line.text.slice(1).trimStart()
      if (rest === '' || rest.startsWith('#')) {
        this.#at++
        list.push(this.#block(indent, depth + 1))
      } else if (isItem(rest) || keyOf(rest)) {
        // `- key: value`: what follows the dash is the first line of the item's own block.
        line.indent += line.text.length - rest.length
        line.text = rest
        list.push(this.#block(indent, depth + 1))
      } else list.push(this.#value(rest, indent, depth + 1))
    }
    return list
  }

  #map(indent: number, depth: number): Yaml {
    const map = newMap()
    for (let line = this.#peek(); line && line.indent >= indent; line = this.#peek()) {
      const key = line.indent === indent ? keyOf(line.text) : undefined
      if (!key) {
        if (line.indent === indent && isItem(line.text)) break
        this.#at++
        continue
      }
      const value = this.#value(line.text.slice(key.length), indent, depth + 1, true)
      map[key.name] = value
    }
    return map
  }

  /** The value that begins with `rest` on the current line, of a key or item at `indent`. */
  #value(rest: string, indent: number, depth: number, isOfKey = false): Yaml {
    const text = rest.trimStart().replace(/^(?:[&!]\S*(?:\s+|$))+/, '')
    const first = text[0]
    if (first === '|' || first === '>') return this.#blockScalar(indent)
    if (first === '"' || first === "'") return this.#spanning(text, indent, endOfQuoted, unquoted)
    if (text.startsWith('{{')) return this.#plain('{{', indent)
    if (first === '{' || first === '[') return this.#spanning(text, indent, endOfFlow, parseFlow)
    if (first !== undefined && first !== '#') return this.#plain(text, indent)
    this.#at++
    const next = this.#peek()
    // A list may stand at the indent of its key.
    if (isOfKey && next?.indent === indent && isItem(next.text)) return this.#list(indent, depth)
    return this.#block(indent, depth)
  }

  #plain(text: string, indent: number): Yaml {
    this.#at++
    const parts = [withoutComment(text)]
    for (let line = this.#peek(); line && line.indent > indent; line = this.#peek()) {
      parts.push(withoutComment(line.text))
      this.#at++
    }
    if (text.startsWith('*')) return undefined
    return plainScalar(parts.join(' ').trim())
  }

  #blockScalar(indent: number): Yaml {
    const lines: Line[] = []
    for (this.#at++; this.#at < this.#lines.length; this.#at++) {
      const line = this.#lines[this.#at] as Line
      if (line.text !== '' && line.indent <= indent) break
      lines.push(line)
    }
    const margin = lines.find(line => line.text !== '')?.indent ?? 0
    const texts = lines.map(line => ' '.repeat(Math.max(0, line.indent - margin)) + line.text)
    return `${texts.join('\n').trimEnd()}\n`
  }

  /** A quoted or flow value, which may go on over several lines. */
  #spanning(text: string, indent: number, endOf: typeof endOfFlow, parse: (text: string) => Yaml): Yaml {
    this.#at++
    if (endOf(text, 0) > 0) return parse(text.slice(0, endOf(text, 0)))
    // Flow values at the top level, such as JSON, close at the indent of their first line.
    const isInside = (line: Line) => line.text === '' || line.indent > indent || /^[\]}]/.test(line.text)
    const lines = [text]
    for (let at = this.#at; lines.length < MAX_LINES_OF_VALUE && at < this.#lines.length; at++) {
      const line = this.#lines[at] as Line
      if (!isInside(line) || isStart(line)) break
      lines.push(line.text)
    }
    const all = lines.join('\n')
    const end = endOf(all, 0)
    if (end < 0 || this.#budget.isOver()) {
      this.#at += lines.length - 1
      return undefined
    }
    this.#at += all.slice(0, end).split('\n').length - 1
    return parse(all.slice(0, end))
  }
}

const isStart = (line: Line) => line.indent === 0 && /^---(?:\s|$)/.test(line.text)
const isEnd = (line: Line) => line.indent === 0 && /^\.\.\.(?:\s|$)/.test(line.text)
const isItem = (text: string) => text === '-' || text.startsWith('- ') || text.startsWith('-\t')

/** The key that a line begins with, and the length of the text up to its value. */
function keyOf(text: string): { readonly name: string; readonly length: number } | undefined {
  if (text.startsWith('"') || text.startsWith("'")) {
    const end = endOfQuoted(text, 0)
    const colon = end < 0 ? null : /^\s*:(?=\s|$)/.exec(text.slice(end))
    return colon ? { name: unquoted(text.slice(0, end)), length: end + colon[0].length } : undefined
  }
  if (text.startsWith('{') || text.startsWith('[')) return undefined
  const colon = /:(?=\s|$)/.exec(text)
  const hash = /(?:^|\s)#/.exec(text)
  if (!colon || (hash && hash.index < colon.index)) return undefined
  const name = text.slice(0, colon.index).trim()
  return { name: name.replace(/^(?:[&!]\S*\s+)+/, ''), length: colon.index + 1 }
}
