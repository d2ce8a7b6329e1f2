import { partsOf } from './label-parts.ts'

/** What people and agents mean where they leave it out of a label. */
export interface LabelDefaults {
  /** The cluster. */
  readonly scope?: string
  /** The namespace of services and volumes. */
  readonly namespace?: string
}

const IN_CLUSTERS: ReadonlySet<string> = new Set(['node', 'namespace', 'service', 'pvc'])
const IN_NAMESPACES: ReadonlySet<string> = new Set(['service', 'pvc'])

/**
 * Completes a label as somebody typed it. Only kinds of things in a cluster are completed: a database or a stack would
 * get a scope that the guard's label for it doesn't have. A service that was typed with another scope than the default
 * may be a unit on a host, which is in no namespace.
 */
export function completedLabel(typed: string, defaults: LabelDefaults): string {
  const { kind, scope, name } = partsOf(typed)
  if (!IN_CLUSTERS.has(kind) || name.trim() === '') return typed
  const rest = typed.slice(kind.length + 1)
  const bare = scope === undefined ? rest : rest.slice(0, -scope.length - 1)
  const isElsewhere = kind === 'service' && scope !== undefined && scope !== defaults.scope
  const lacks = IN_NAMESPACES.has(kind) && !name.includes('/') && !isElsewhere
  const namespace = lacks && defaults.namespace !== undefined ? `${defaults.namespace}/` : ''
  const where = scope ?? defaults.scope
  return `${kind}:${namespace}${bare}${where === undefined ? '' : `@${where}`}`
}
