import { partsOf } from './label-parts.ts'
import { LABEL_LENGTH_MAX } from './limits.ts'
import { nearest } from './nearest.ts'
import { accept, type Checked, type InvalidInput, type Refused, refuse } from './refusal.ts'
import { cutTo, hasControl, lengthOf, oneLine } from './text.ts'

/** A resource that can be claimed. Only `parseLabel` creates it, so every `Label` is valid. */
export interface Label {
  /** The part before the first colon. */
  readonly kind: string
  /** The part after the first colon, with the scope. */
  readonly name: string
  /** The cluster or host that the label is in: see `scopeOf`. */
  readonly scope: string | undefined
  /** `kind:name`, as stored on the board. */
  readonly text: string
}

/**
 * The kinds that every board knows. A config file may add more.
 *
 * @example
 * ```ts
 * console.log(KINDS.join(', '))
 * ```
 */
export const KINDS: readonly string[] = [
  'node',
  'host',
  'cluster',
  'namespace',
  'stack',
  'service',
  'db',
  'pvc',
  'infra',
]

/** The form of a kind in a config file. */
export const KIND_SHAPE = /^[a-z][a-z0-9-]{0,31}$/

/**
 * A label as stored on the board, of any kind: in Unicode's NFC, so that one name typed on two systems is one
 * label.
 */
export function canonical(input: string): string {
  return input.normalize('NFC')
}

/**
 * Parses `kind:name`. A label has at most 255 characters and no control characters; the name of a `pvc` has
 * the form `namespace/name`.
 *
 * @param input - the text as typed
 * @param kinds - the kinds that this board knows
 * @returns the label, or a refusal with the code `invalid_label`, the reason, and the nearest valid form
 *
 * @example
 * ```ts
 * const said = parseLabel('nod:k8s-1')
 * if (said.ok) console.log(said.value.kind, said.value.name)
 * else console.log(said.refusal.message, said.refusal.nearest)
 * ```
 */
export function parseLabel(input: string, kinds: readonly string[] = KINDS): Checked<Label> {
  const bad = (text: string, reason: string, near?: string) => badLabel(text, reason, kinds, near)
  if (!input.isWellFormed()) return bad(input, 'contains half a character (a lone surrogate)')
  if (hasControl(input))
    return bad(
      input,
      'contains a control character, or an invisible one that changes the text direction',
      oneLine(input).replaceAll('\ufffd', ''),
    )
  const text = canonical(input)
  if (lengthOf(text) > LABEL_LENGTH_MAX)
    return bad(text, `has ${lengthOf(text)} characters; a label has at most ${LABEL_LENGTH_MAX}`)
  const colon = text.indexOf(':')
  if (colon < 0)
    return bad(text, `has no kind${among(kinds)}`, text.trim() ? `infra:${text.trim()}` : undefined)
  const kind = text.slice(0, colon)
  const name = text.slice(colon + 1)
  if (!kinds.includes(kind)) return badKind(text, kind, name, kinds)
  if (name.trim() === '') return bad(text, 'has no name', `${kind}:${exampleName(kind)}`)
  if (name !== name.trim()) return bad(text, 'has spaces around its name', `${kind}:${name.trim()}`)
  if (kind === 'pvc' && !/^[^/]+\/[^/]+$/.test(name))
    return bad(text, 'is a pvc without its namespace', `pvc:${pvcName(name)}`)
  return accept({ kind, name, scope: partsOf(text).scope, text })
}

/** Blanks of every script, and the braille pattern that looks like one. */
const BLANKS = /[\s\u2800]+/gu

/**
 * Checks a label that a person or an agent types for a new claim: it must not contain a blank. Labels that are already
 * on a board may. Everything else is checked by `parseLabel`.
 */
export function parseNewLabel(input: string): Checked<string> {
  const text = input.trim()
  if (hasControl(text) || text.search(BLANKS) < 0) return accept(input)
  const words = text.split(BLANKS)
  const [kind = '', ...names] = text.split(':')
  const name = names.join(':').replace(BLANKS, ' ').trim().replaceAll(' ', '-')
  // Blanks around a name are not inside it, and `parseLabel` suggests the label without them.
  if (name === '' && names.length > 0) return accept(input)
  const near = names.length === 0 ? `infra:${words.join('-')}` : `${kind.replace(BLANKS, '')}:${name}`
  const shown = (label: string) => oneLine(cutTo(label, 60))
  return refuse({
    code: 'invalid_label',
    message: `label "${shown(text)}" contains a blank`,
    remedy:
      words.length > 1 && words.every(word => /^[^:]+:./.test(word))
        ? `if these are several labels, give each on its own: ${words.map(shown).join(' ')}`
        : `did you mean ${shown(near)}?`,
    nearest: near,
  })
}

/** Parses a kind on its own, as in `list --kind`. */
export function parseKind(input: string, kinds: readonly string[] = KINDS): Checked<string> {
  if (kinds.includes(input)) return accept(input)
  const guess = nearest(input, kinds)
  return refuse({
    code: 'invalid_label',
    message: `no kind "${oneLine(cutTo(input, 40))}"; the kinds are ${kinds.join(', ')}`,
    remedy: guess ? `did you mean ${guess}?` : 'name one of these kinds',
    ...(guess ? { nearest: guess } : {}),
    ...unknown(input),
  })
}

function badKind(text: string, kind: string, name: string, kinds: readonly string[]): Refused<InvalidInput> {
  if (kind === '')
    return badLabel(
      text,
      `has no kind${among(kinds)}`,
      kinds,
      name.trim() ? `infra:${name.trim()}` : undefined,
    )
  const guess = nearest(kind.trim(), kinds) ?? 'infra'
  const rest = guess === 'infra' && !nearest(kind.trim(), kinds) ? text : name.trim() || exampleName(guess)
  const { ok, refusal } = badLabel(
    text,
    `has no known kind ("${kind}")${among(kinds)}`,
    kinds,
    `${guess}:${rest}`,
  )
  return { ok, refusal: { ...refusal, ...unknown(kind) } }
}

/** A kind that could be added to the config file. */
function unknown(kind: string): Pick<InvalidInput, 'unknownKind'> {
  return KIND_SHAPE.test(kind) ? { unknownKind: kind } : {}
}

function badLabel(text: string, reason: string, kinds: readonly string[], near = ''): Refused<InvalidInput> {
  const valid = near === '' ? undefined : nearestValid(near, kinds)
  return refuse({
    code: 'invalid_label',
    message: `label "${oneLine(cutTo(text, 60))}" ${reason}`,
    remedy: valid ? `did you mean ${valid}?` : 'write it as kind:name, for example node:k8s-1',
    ...(valid ? { nearest: valid } : {}),
  })
}

/** The guess itself, or the nearest valid label if the guess is invalid too. */
function nearestValid(guess: string, kinds: readonly string[]): string | undefined {
  const parsed = parseLabel(guess, kinds)
  if (parsed.ok) return parsed.value.text
  return 'nearest' in parsed.refusal ? parsed.refusal.nearest : undefined
}

function among(kinds: readonly string[]): string {
  return ` (kinds: ${kinds.join(', ')})`
}

function pvcName(name: string): string {
  const parts = name.split('/').filter(part => part !== '')
  return parts.length > 1 ? `${parts[0]}/${parts.slice(1).join('-')}` : `default/${parts[0] ?? 'data'}`
}

function exampleName(kind: string): string {
  return kind === 'pvc' ? 'default/data' : 'k8s-1'
}
