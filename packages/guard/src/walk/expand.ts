import type {
  AssignmentPrefix,
  CommandArgument,
  HereDoc,
  ParsedScript,
  SyntaxNode,
  Word as WordNode,
  WordPart,
} from 'unbash'
import { forEachChild } from 'unbash'
import type { Word } from '../tools/tool.ts'
import { UNKNOWN_MARK } from '../unknown.ts'
import { braceWords, MAX_WORDS } from './braces.ts'
import { isGlob, withFiles } from './glob.ts'
import { type Expand, outputOf } from './output.ts'
import { parameterValue, variableValue } from './parameter.ts'
import { isOver, MAX_TEXT, type State, type Value } from './state.ts'

/** A command of more words, or longer ones, is not read to its end. */
const MAX_COMMAND_WORDS = 100_000
const MAX_COMMAND = 8 * 1024 * 1024

/** One piece of a word: text, or undefined for a part whose value isn't known. */
type Piece = string | undefined

/** Where a node stands in the line. */
function placeOfNode(
  node: { readonly pos: number; readonly end: number },
  state: State,
): readonly [number, number] {
  return state.at ?? [node.pos + state.shift, node.end + state.shift]
}

/** The words that are made from one: several for `{a,b}`, `"$@"` and unquoted `$x`, none for an empty `$x`. */
export function expandWord(node: WordNode, state: State): readonly Word[] {
  const [from, to] = placeOfNode(node, state)
  const raw = node.text
  if (!node.parts) {
    const text = withHome(node, state)
    return [text === undefined ? { text, start: '', from, to, raw } : wordOf([text], { from, to, raw })]
  }
  const builder = new Builder()
  node.parts.forEach((part, at) => {
    if (at === 0 && part.type === 'Literal' && part.text.startsWith('~'))
      builder.add(expandTilde(part.value, state))
    else addPart(part, builder, state)
  })
  const words = builder.words().map(pieces => wordOf(pieces, { from, to, raw }))
  return isGlob(node) ? words.flatMap(word => withFiles(word, state)) : words
}

/** The words of several, or as many as there is room for. */
export function expandWords(nodes: readonly CommandArgument[], state: State): readonly Word[] {
  const words: Word[] = []
  let length = 0
  for (const node of nodes) {
    for (const word of node.type === 'Word' ? expandWord(node, state) : [assignmentWord(node, state)]) {
      length += word.text?.length ?? 0
      words.push(word)
    }
    if (words.length > MAX_COMMAND_WORDS || length > MAX_COMMAND) {
      state.session.ranOut = true
      break
    }
  }
  return words
}

/** An assignment that stands among the arguments of an ordinary program. */
function assignmentWord(node: AssignmentPrefix, state: State): Word {
  const [from, to] = placeOfNode(node, state)
  const value = assigned(node, state)
  const place = { from, to, raw: node.text }
  return typeof value === 'string'
    ? { text: `${node.name}=${value}`, ...place }
    : { text: undefined, start: `${node.name}=`, ...place }
}

/** The value of a word that stays one: in an assignment, a here-string, the target of a redirection. */
export function expandValue(node: WordNode, state: State): string | undefined {
  if (!node.parts) return withHome(node, state)
  const pieces = node.parts.flatMap(part => piecesOf(part, state))
  return isGrown(pieces, node.text.length) ? undefined : joined(pieces)
}

/** The value of an assignment. */
export function assigned(node: AssignmentPrefix, state: State): Value {
  if (node.index) return undefined
  const value =
    node.value.type === 'ArrayValue'
      ? expandWords(node.value.elements, state).map(word => word.text)
      : expandValue(node.value, state)
  if (!node.append) return value
  const before = state.lookup(node.name)
  if (typeof value === 'object') return typeof before === 'object' ? [...before, ...value] : undefined
  return typeof before === 'string' && value !== undefined ? before + value : undefined
}

/** The text of a heredoc. An unknown part of it becomes a mark that is unknown again when a shell reads it. */
function hereDocText(node: HereDoc, state: State): string {
  const { body, operator } = node
  const pieces = body.parts?.flatMap(part => piecesOf(part, state)) ?? [body.text]
  const text = isGrown(pieces, body.text.length) ? '' : pieces.map(piece => piece ?? UNKNOWN_MARK).join('')
  return operator === '<<-' ? text.replace(/^\t+/gm, '') : text
}

/** What `output.ts` needs of this file. */
export const EXPAND: Expand = { words: expandWords, value: expandValue, hereDoc: hereDocText }

/** Runs the substitutions in nodes whose value isn't needed, such as tests and arithmetic. */
export function runSubstitutions(node: SyntaxNode, state: State) {
  if (state.isDry) return
  if (node.type === 'CommandExpansion' || node.type === 'ProcessSubstitution') {
    if (node.script) runSubstitution(node.script, state, placeOfNode(node, state))
    return
  }
  if (node.type === 'ArithmeticCommandExpansion') {
    if (node.script) runSubstitution(node.script, state, placeOfNode(node, state))
    return
  }
  forEachChild(node, child => runSubstitutions(child, state))
}

function runSubstitution(script: ParsedScript, state: State, at: readonly [number, number]) {
  const inner = state.fork()
  // The offsets of a script in escaped backticks are not the line's.
  if (script.source !== undefined) inner.at ??= at
  state.session.runScript(script, inner)
}

/** Collects the words that one word becomes. */
class Builder {
  #words: Piece[][] = [[]]
  #isEmpty = true

  add(piece: Piece) {
    this.#isEmpty = false
    for (const word of this.#words.slice(this.#first)) word.push(piece)
  }

  /** The words before this one are complete. */
  #first = 0

  /** Several values that the word is repeated for. */
  spread(values: readonly string[]) {
    this.#isEmpty = false
    const open = this.#words.slice(this.#first)
    const made = open.flatMap(word => values.map(value => [...word, value]))
    if (made.length <= MAX_WORDS) this.#words.splice(this.#first, open.length, ...made)
    else for (const word of open) word.push(undefined)
  }

  /** Several values that the word is cut into: all but the last are complete. */
  split(values: readonly Piece[]) {
    values.forEach((value, at) => {
      if (at > 0) {
        this.#first = this.#words.length
        this.#words.push([])
      }
      this.add(value)
    })
  }

  words(): readonly (readonly Piece[])[] {
    return this.#isEmpty ? [] : this.#words
  }
}

function addPart(part: WordPart, builder: Builder, state: State) {
  switch (part.type) {
    case 'BraceExpansion': {
      const words = part.parts?.length || /[$`'"\\]/.test(part.text) ? undefined : braceWords(part.text)
      if (part.parts) for (const inner of part.parts) runSubstitutions(inner, state)
      return words ? builder.spread(words) : builder.add(undefined)
    }
    case 'SimpleExpansion':
    case 'ParameterExpansion': {
      const value = expansionValue(part, state)
      if (typeof value === 'object') return builder.split(value)
      return value === undefined ? builder.add(undefined) : splitValue(value, builder)
    }
    case 'CommandExpansion': {
      const value = substitutionValue(part, state)
      return value === undefined ? builder.add(undefined) : splitValue(value, builder)
    }
    case 'DoubleQuoted': {
      const [only] = part.parts
      // "$@" and "${a[@]}" are one word for each element.
      if (
        part.parts.length === 1 &&
        (only?.type === 'SimpleExpansion' || only?.type === 'ParameterExpansion')
      ) {
        const value = expansionValue(only, state)
        if (typeof value === 'object') return builder.split(value)
        return builder.add(value)
      }
      builder.add('')
      for (const piece of piecesOf(part, state)) builder.add(piece)
      return
    }
    default:
      for (const piece of piecesOf(part, state)) builder.add(piece)
  }
}

/** An unquoted value is cut at blanks, as the shell does. */
function splitValue(value: string, builder: Builder) {
  const words = value.split(/[ \t\n]+/)
  if (words.length === 1) {
    if (value !== '') builder.add(value)
    return
  }
  if (words[0] === '') words.shift()
  if (words.at(-1) === '') words.pop()
  if (words.length <= 1000) builder.split(words)
  else builder.add(undefined)
}

/** The pieces of a part that isn't cut into words. */
function piecesOf(part: WordPart, state: State): readonly Piece[] {
  switch (part.type) {
    case 'Literal':
    case 'SingleQuoted':
    case 'AnsiCQuoted':
      return [part.value]
    case 'Glob':
    case 'ExtendedGlob':
      return [part.text]
    case 'DoubleQuoted':
    case 'LocaleString':
      return part.parts.flatMap(inner => piecesOf(inner, state))
    case 'SimpleExpansion':
    case 'ParameterExpansion': {
      const value = expansionValue(part, state)
      return [typeof value === 'object' ? (isGrown(value, 0) ? undefined : joined(value, ' ')) : value]
    }
    case 'CommandExpansion':
      return [substitutionValue(part, state)]
    case 'BraceExpansion':
      return [part.text]
    default:
      runSubstitutions(part, state)
      return [undefined]
  }
}

function expansionValue(
  part: Extract<WordPart, { readonly type: 'SimpleExpansion' | 'ParameterExpansion' }>,
  state: State,
): Value {
  if (part.type === 'SimpleExpansion') {
    const value = variableValue(part.text.slice(1), state)
    return typeof value === 'object' && !/[@*]$/.test(part.text) ? value[0] : value
  }
  return parameterValue(part, state, word => expandValue(word, state))
}

/** The output of `$(…)`, if it is known, after its commands were looked at. */
function substitutionValue(
  part: Extract<WordPart, { readonly type: 'CommandExpansion' }>,
  state: State,
): string | undefined {
  const { script } = part
  if (!script) return undefined
  runSubstitutions(part, state)
  if (isOver(state.session)) return undefined
  return outputOf(script, state, EXPAND)?.replace(/\n+$/, '')
}

function expandTilde(text: string, state: State): Piece {
  if (text !== '~' && !text.startsWith('~/')) return undefined
  return state.home === undefined ? undefined : state.home + text.slice(1)
}

function withHome(node: WordNode, state: State): string | undefined {
  return node.text.startsWith('~') ? expandTilde(node.value, state) : node.value
}

/** True if a value has grown far beyond what was written. */
function isGrown(pieces: readonly Piece[], written: number): boolean {
  let length = 0
  for (const piece of pieces) length += piece?.length ?? 0
  return length > MAX_TEXT + 2 * written
}

function joined(pieces: readonly Piece[], between = ''): string | undefined {
  return pieces.includes(undefined) ? undefined : pieces.join(between)
}

function wordOf(pieces: readonly Piece[], place: Pick<Word, 'from' | 'to' | 'raw'>): Word {
  if (isGrown(pieces, place.raw.length)) return { text: undefined, start: '', ...place }
  const isKnown = !pieces.some(piece => piece === undefined || piece.includes(UNKNOWN_MARK))
  if (isKnown) return { text: pieces.join(''), ...place }
  const template = pieces.map(piece => piece ?? UNKNOWN_MARK).join('')
  return { text: undefined, start: template.slice(0, template.indexOf(UNKNOWN_MARK)), template, ...place }
}
