import { type Flags, labelOf, span } from '../support/index.ts'
import type { Call, Found, Word } from '../tool.ts'
import type { Cluster } from './cluster.ts'
import { isClusterWide, kindOf, resourceLabel } from './kinds.ts'
import type { Manifests } from './resources.ts'

/** One thing that a command names. */
export type Target =
  | { readonly label: string | undefined; readonly target: 'exact' | 'all'; readonly at?: Word }
  | { readonly label: undefined; readonly target: 'unknown'; readonly at?: Word }

export const UNKNOWN: Target = { label: undefined, target: 'unknown' }

/** More names or types of one command count as unknown: no person types them. */
const NAMES_MAX = 200
const TYPES_MAX = 20

/** How a verb reads the words that name its resources. */
export interface Naming {
  /** The type of all names, for verbs such as `drain` that take names alone. */
  readonly only?: string
  /** True if a type without a name means everything of that type. */
  readonly isAllIfUnnamed?: boolean
}

/** The targets of words like `TYPE NAME…`, `TYPE/NAME…` and `TYPE,TYPE`, with `-l`, `--all` and `-A`. */
export function targetsOf(
  words: readonly Word[],
  flags: Flags,
  cluster: Cluster,
  { only, isAllIfUnnamed = false }: Naming = {},
): readonly Target[] {
  const everywhere = isOn(flags, 'all-namespaces')
  const narrowed = flags.has('selector') || flags.has('field-selector')
  const [first] = words
  const isPair = only === undefined && (first?.text?.includes('/') ?? false)
  const types = only === undefined ? typesIn(first) : [only]
  const named = (only === undefined ? words.slice(1) : words).slice(0, NAMES_MAX)
  const names = named.flatMap(split)
  if (words.length > NAMES_MAX || names.length > NAMES_MAX) return [UNKNOWN]
  if (isOn(flags, 'all') && !narrowed) return wholesale(types, cluster, everywhere)
  if (everywhere && !narrowed && names.length === 0) return wholesale(types, cluster, true)
  if (narrowed || (only === undefined && first === undefined)) return [UNKNOWN]
  if (isPair) return words.flatMap(split).map(word => ofPair(word, cluster))
  if (types === undefined) return [UNKNOWN]
  if (names.length === 0) return isAllIfUnnamed ? wholesale(types, cluster, everywhere) : [UNKNOWN]
  return names.flatMap(name =>
    name.text?.includes('/') ? [ofPair(name, cluster)] : types.map(type => exact(type, name, cluster)),
  )
}

/** Whether a switch is given and isn't `=false`. */
export function isOn(flags: Flags, name: string): boolean {
  return flags.has(name) && flags.value(name)?.text !== 'false'
}

/** Names that are joined by commas, which no name contains. */
function split(word: Word): readonly Word[] {
  const parts = word.text?.split(',', NAMES_MAX + 1).filter(Boolean) ?? []
  if (parts.length > NAMES_MAX) return [{ ...word, text: undefined }]
  return parts.length > 1 ? parts.map(text => ({ ...word, text })) : [word]
}

function typesIn(word: Word | undefined): readonly string[] | undefined {
  const types = word?.text?.split(',', TYPES_MAX + 1).filter(Boolean)
  return types && types.length > TYPES_MAX ? undefined : types?.map(kindOf)
}

function ofPair(word: Word, cluster: Cluster): Target {
  const [type, name, ...more] = word.text?.split('/') ?? []
  if (!type || !name || more.length > 0) return { ...UNKNOWN, at: word }
  return exact(kindOf(type), { ...word, text: name }, cluster)
}

/** The target that a label and the word of it make. */
export function targetOf(label: string | undefined, at: Word | undefined): Target {
  return { ...(label === undefined ? UNKNOWN : { label, target: 'exact' }), ...(at ? { at } : {}) }
}

function exact(kind: string, name: Word, cluster: Cluster): Target {
  return targetOf(resourceLabel(kind, name.text, cluster), name)
}

/** Everything of some kinds: in a namespace, or in the cluster. */
export function wholesale(
  kinds: readonly string[] | undefined,
  { namespace, scope }: Cluster,
  everywhere: boolean,
): readonly Target[] {
  const isWide = everywhere || (kinds?.some(isClusterWide) ?? false)
  const label = isWide
    ? scope && labelOf('cluster', scope)
    : namespace && labelOf('namespace', namespace, scope)
  return [{ label: label || undefined, target: 'all' }]
}

/** The targets that manifests name. */
export function targetsIn({ resources, isWhole }: Manifests, cluster: Cluster): readonly Target[] {
  const named = resources.map(({ kind, name, namespace }) =>
    targetOf(resourceLabel(kind, name, { ...cluster, namespace: namespace ?? cluster.namespace }), undefined),
  )
  return isWhole && named.length > 0 ? named : [...named, UNKNOWN]
}

/** One effect for each target. */
export function found(
  call: Call,
  verb: string,
  targets: readonly Target[],
  { note }: Pick<Cluster, 'note'>,
  at: readonly (Word | undefined)[] = [],
): readonly Found[] {
  const told = targets.length > NAMES_MAX ? [...targets.slice(0, NAMES_MAX), UNKNOWN] : targets
  return told.map(({ label, target, at: word }) => ({
    label,
    verb,
    effect: 'changes',
    target: label === undefined && target === 'exact' ? 'unknown' : target,
    words: span(call.word, ...at, word),
    ...(note === undefined ? {} : { note }),
  }))
}

/** An effect without a target: of a verb that reads, or that isn't known. */
export function plain(
  call: Call,
  verb: string,
  effect: 'reads' | 'unknown',
  ...at: readonly (Word | undefined)[]
): Found {
  return { label: undefined, verb, effect, target: 'unknown', words: span(call.word, ...at) }
}

/** What `--dry-run` says: that the command only reads, that it changes something, or something unknown. */
export function dryness(flags: Flags): 'reads' | 'changes' | 'unknown' {
  if (!flags.has('dry-run')) return 'changes'
  const value = flags.value('dry-run')
  if (value && value.text === undefined) return 'unknown'
  return /^(none|false)$/.test(value?.text ?? '') ? 'changes' : 'reads'
}

/** The effects of a command whose `--dry-run` isn't known are unknown. */
export function unsure(effects: readonly Found[]): readonly Found[] {
  return effects.map(each => (each.effect === 'changes' ? { ...each, effect: 'unknown' } : each))
}
