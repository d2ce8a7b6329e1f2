import { type Flags, labelOf, span } from '../support/index.ts'
import type { Call, Found, Word } from '../tool.ts'
import { type Cluster, isClusterWide, kindOf, resourceLabel } from './cluster.ts'
import type { Manifests } from './resources.ts'

/** One thing that a command names. */
export type Target =
  | { readonly label: string | undefined; readonly target: 'exact' | 'all'; readonly at?: Word }
  | { readonly label: undefined; readonly target: 'unknown'; readonly at?: Word }

export const UNKNOWN: Target = { label: undefined, target: 'unknown' }

/**
 * The targets of words like `TYPE NAME…`, `TYPE/NAME…` and `TYPE,TYPE`, with `-l`, `--all` and `-A`.
 *
 * @param only the type of all names, for verbs such as `drain` that take names alone
 */
export function targetsOf(
  words: readonly Word[],
  flags: Flags,
  cluster: Cluster,
  only?: string,
): readonly Target[] {
  const everywhere = flags.has('all-namespaces') && !isFalse(flags, 'all-namespaces')
  const narrowed = flags.has('selector') || flags.has('field-selector')
  const [first] = words
  const types = only === undefined ? typesIn(first) : [only]
  const names = only === undefined ? words.slice(1) : words
  if (flags.has('all') && !isFalse(flags, 'all') && !narrowed) return wholesale(types, cluster, everywhere)
  if (everywhere && !narrowed && names.length === 0) return wholesale(types, cluster, true)
  if (narrowed || (only === undefined && first === undefined)) return [UNKNOWN]
  if (only === undefined && (first?.text?.includes('/') ?? false))
    return words.map(word => ofPair(word, cluster))
  if (names.length === 0 || types === undefined) return [UNKNOWN]
  return names.flatMap(name =>
    name.text?.includes('/') && !isClusterWideName(name.text, types)
      ? [ofPair(name, cluster)]
      : types.map(type => exact(type, name, cluster)),
  )
}

const isClusterWideName = (text: string, types: readonly string[]) => text.startsWith('/') || types.length > 1

export function isFalse(flags: Flags, name: string): boolean {
  return flags.value(name)?.text === 'false'
}

function typesIn(word: Word | undefined): readonly string[] | undefined {
  return word?.text?.split(',').filter(Boolean).map(kindOf)
}

function ofPair(word: Word, cluster: Cluster): Target {
  const [type, name, ...more] = word.text?.split('/') ?? []
  if (!type || !name || more.length > 0) return { ...UNKNOWN, at: word }
  return exact(kindOf(type), { ...word, text: name }, cluster)
}

function exact(kind: string, name: Word, cluster: Cluster): Target {
  const label = resourceLabel(kind, name.text, cluster)
  return label === undefined ? { ...UNKNOWN, at: name } : { label, target: 'exact', at: name }
}

/** Everything of some kinds: in a namespace, or in the cluster. */
function wholesale(
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
  const named = resources.map(({ kind, name, namespace }): Target => {
    const label = resourceLabel(kind, name, { ...cluster, namespace: namespace ?? cluster.namespace })
    return label === undefined ? UNKNOWN : { label, target: 'exact' }
  })
  return isWhole && named.length > 0 ? named : [...named, UNKNOWN]
}

/** One effect for each target. */
export function found(
  call: Call,
  verb: string,
  targets: readonly Target[],
  { note }: Pick<Cluster, 'note'>,
  at?: readonly Word[],
): readonly Found[] {
  const effect = 'changes'
  return targets.map(({ label, target, at: word }) => ({
    label,
    verb,
    effect,
    target: label === undefined && target === 'exact' ? 'unknown' : target,
    words: span(call.word, ...(at ?? []), word),
    ...(note === undefined ? {} : { note }),
  }))
}
