import { UNKNOWN_MARK } from '../unknown.ts'

/**
 * A value of a YAML document. Scalars are strings, whatever their type: `3` is '3' and `true` is 'true'; an empty one,
 * `null` and `~` are null. Undefined is a value that isn't known: an alias, a template, or what can't be read.
 */
export type Yaml = string | null | undefined | readonly Yaml[] | YamlMap

interface YamlMap {
  readonly [key: string]: Yaml
}

/** True for a mapping. */
export function isMap(value: Yaml): value is YamlMap {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** The value at a path of keys, or undefined. */
export function at(value: Yaml, ...path: readonly string[]): Yaml {
  let inside = value
  for (const key of path) inside = isMap(inside) ? inside[key] : undefined
  return inside
}

/** The string at a path of keys, or undefined if there is none. */
export function textAt(value: Yaml, ...path: readonly string[]): string | undefined {
  const text = at(value, ...path)
  return typeof text === 'string' ? text : undefined
}

/** The list at a path of keys; an empty one if there is none. */
export function listAt(value: Yaml, ...path: readonly string[]): readonly Yaml[] {
  const list = at(value, ...path)
  return Array.isArray(list) ? list : []
}

/** A mapping to fill. It has no prototype, so that `__proto__` is a key like others. */
export function newMap(): Record<string, Yaml> {
  return Object.create(null) as Record<string, Yaml>
}

/** A plain scalar's value. */
export function plainScalar(text: string): Yaml {
  if (text === '' || text === '~' || text === 'null' || text === 'Null' || text === 'NULL') return null
  return text.includes('{{') || text.includes(UNKNOWN_MARK) ? undefined : text
}

/** The text before a comment. */
export function withoutComment(text: string): string {
  if (text.startsWith('#')) return ''
  const hash = /\s#/.exec(text)
  return (hash ? text.slice(0, hash.index) : text).trimEnd()
}
