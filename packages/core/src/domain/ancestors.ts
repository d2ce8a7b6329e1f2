import { labelFrom, partsOf } from './label-parts.ts'

/** A label that another one is part of. */
export interface Ancestor {
  readonly label: string
  /** The labels from the one that was asked about to this one, both included. */
  readonly path: readonly string[]
}

/** How many links are followed from a label. */
const DEPTH_MAX = 8

/**
 * Finds every label that this one is part of, the nearest first.
 *
 * The links come from the labels themselves: a `pvc:ns/x` or `service:ns/x` is part of `namespace:ns`, and what has the
 * scope `s` is part of `cluster:s` and of `host:s`, because a scope is either. This is the only place that knows links.
 */
export function ancestorsOf(label: string): readonly Ancestor[] {
  const found = new Map<string, Ancestor>()
  let last: readonly Ancestor[] = [{ label, path: [label] }]
  for (let depth = 0; depth < DEPTH_MAX && last.length > 0; depth++) {
    last = last.flatMap(({ label: child, path }) =>
      parentsOf(child)
        .filter(parent => parent !== label && !found.has(parent))
        .map(parent => ({ label: parent, path: [...path, parent] })),
    )
    for (const each of last) if (!found.has(each.label)) found.set(each.label, each)
  }
  return [...found.values()]
}

const IN_NAMESPACES: ReadonlySet<string> = new Set(['pvc', 'service'])
const WHOLE: ReadonlySet<string> = new Set(['cluster', 'host'])

function parentsOf(label: string): readonly string[] {
  const { kind, name, scope } = partsOf(label)
  const [namespace, object, ...more] = name.split('/')
  const isInNamespace = IN_NAMESPACES.has(kind) && namespace && object && more.length === 0
  return [
    ...(isInNamespace ? [labelFrom({ kind: 'namespace', name: namespace, scope })] : []),
    ...(scope === undefined || WHOLE.has(kind) ? [] : [`cluster:${scope}`, `host:${scope}`]),
  ]
}
