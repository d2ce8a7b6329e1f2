import type { GuardConfig } from './context.ts'
import { span } from './tools/support/flags.ts'
import { labelOf } from './tools/support/label.ts'
import type { Found, Word } from './tools/tool.ts'
import type { State } from './walk/state.ts'

/** Stands for a word whose value isn't known. No pattern contains it. */
const UNKNOWN = '\0'

/** What the config's own patterns say about a command: nothing, silence, or one label for each rule. */
export function ruled(
  words: readonly Word[],
  state: State,
  config: GuardConfig,
): readonly Found[] | undefined {
  const { ignore = [], rules = {} } = config
  const patterns = Object.entries(rules)
  if (ignore.length === 0 && patterns.length === 0) return undefined
  const text = words.map(word => word.text ?? UNKNOWN).join(' ')
  if (ignore.some(pattern => matched(pattern, text))) return []
  const found = patterns.flatMap(([pattern, template]) => {
    const stars = matched(pattern, text)
    return stars ? [ruleFound(pattern, template, stars, words, state)] : []
  })
  return found.length ? found : undefined
}

/**
 * What the stars of a pattern stand for in a text, or undefined if the pattern doesn't match. A star is any text, also
 * none; a last word ` *` may be missing. The program's folder counts only if the pattern names one.
 */
export function matched(pattern: string, text: string): readonly string[] | undefined {
  const { wanted, hasFolder } = prepared(pattern)
  const [program = ''] = text.split(' ', 1)
  const bare = hasFolder ? text : text.slice(program.lastIndexOf('/') + 1)
  return starsOf(wanted, bare) ?? (wanted.endsWith(' *') ? starsOf(wanted.slice(0, -2), bare) : undefined)
}

interface Pattern {
  readonly wanted: string
  readonly hasFolder: boolean
}

const PREPARED = new Map<string, Pattern>()

/** A pattern with single blanks. It is made once, because a line can have thousands of commands. */
function prepared(pattern: string): Pattern {
  const known = PREPARED.get(pattern)
  if (known) return known
  const wanted = pattern.trim().replace(/\s+/g, ' ')
  const made = { wanted, hasFolder: wanted.split(' ', 1)[0]?.includes('/') ?? false }
  PREPARED.set(pattern, made)
  return made
}

/** Each star takes as little as it can. Linear in the text for each star, unlike a regular expression. */
function starsOf(pattern: string, text: string): readonly string[] | undefined {
  const pieces = pattern.split('*')
  const [head = ''] = pieces
  if (pieces.length === 1) return pattern === text ? [] : undefined
  if (!text.startsWith(head)) return undefined
  const tail = pieces.at(-1) ?? ''
  const stars: string[] = []
  let at = head.length
  for (const piece of pieces.slice(1, -1)) {
    const next = text.indexOf(piece, at)
    if (next < 0) return undefined
    stars.push(text.slice(at, next))
    at = next + piece.length
  }
  if (text.length - tail.length < at || !text.endsWith(tail)) return undefined
  return [...stars, text.slice(at, text.length - tail.length)]
}

function ruleFound(
  pattern: string,
  template: string,
  stars: readonly string[],
  words: readonly Word[],
  state: State,
): Found {
  const label = filled(template, stars, state)
  const [program = '', ...others] = pattern.trim().split(/\s+/)
  return {
    label,
    tool: program.replace(/^.*\//, ''),
    verb: others.filter(word => /^[a-z][\w-]*$/i.test(word)).join(' '),
    effect: 'changes',
    target: label === undefined ? 'unknown' : 'exact',
    words: state.at ?? span(...words),
  }
}

/** The label that a template makes. Of a star that stands for several words, the first that isn't an option counts. */
function filled(template: string, stars: readonly string[], state: State): string | undefined {
  let isKnown = true
  const use = (value: string | undefined) => {
    if (!value || value.includes(UNKNOWN)) isKnown = false
    return value ?? ''
  }
  const text = template.replace(/\$(?:(\d)|\{(\d|cwd)\})/g, (_, one?: string, other?: string) => {
    if (other === 'cwd') return use(state.cwd?.split('/').at(-1))
    const star = stars[Number(one ?? other) - 1] ?? ''
    const kept = star.trim().split(' ')
    return use(kept.find(word => word !== '' && !word.startsWith('-')))
  })
  return isKnown ? wellFormed(text) : undefined
}

/** A label that a template made, or undefined if it can't be one. */
export function wellFormed(label: string): string | undefined {
  const colon = label.indexOf(':')
  return colon > 0 && labelOf('infra', label.slice(colon + 1)) ? label : undefined
}

/** The words of a command after `guard.aliases`. */
export function aliased(words: readonly Word[], config: GuardConfig): readonly Word[] {
  const [first, ...rest] = words
  const alias = first?.text === undefined ? undefined : config.aliases?.[first.text]
  if (!first || alias === undefined) return words
  const made = alias.split(/\s+/).filter(text => text !== '')
  return [...made.map(text => ({ ...first, text })), ...rest]
}
