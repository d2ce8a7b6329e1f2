import { anchor, code, table, text } from './markdown.ts'

/** The parts of a JSON schema that the pages show. */
export interface Schema {
  readonly $ref?: string
  readonly type?: string | readonly string[]
  readonly description?: string
  readonly properties?: Readonly<Record<string, Schema>>
  readonly required?: readonly string[]
  readonly items?: Schema
  readonly additionalProperties?: boolean | Schema
  readonly anyOf?: readonly Schema[]
  readonly oneOf?: readonly Schema[]
  readonly allOf?: readonly Schema[]
  readonly enum?: readonly unknown[]
  readonly const?: unknown
  readonly default?: unknown
  readonly format?: string
  readonly pattern?: string
  readonly minLength?: number
  readonly maxLength?: number
  readonly minimum?: number
  readonly maximum?: number
  readonly maxItems?: number
}

/** A longer pattern explains nothing to a reader. */
const PATTERN_MAX = 60

/** A table of an object's fields. The fields of an object in it have their path as name. */
export function fieldTable(schema: Schema): string {
  return table(['Field', 'Type', 'Meaning'], fieldsOf(schema, ''))
}

function fieldsOf(schema: Schema, path: string): readonly (readonly string[])[] {
  return Object.entries(schema.properties ?? {}).flatMap(([name, field]) => {
    const type = schema.required?.includes(name) ? typeOf(field) : `${typeOf(field)}, optional`
    return [[code(path + name), type, aboutOf(field)], ...fieldsOf(inner(field), `${path}${name}.`)]
  })
}

/** The object in a list, or the schema itself. */
function inner(schema: Schema): Schema {
  return schema.items ?? schema
}

export function typeOf(schema: Schema): string {
  const { $ref, type, items, additionalProperties } = schema
  const name = nameIn($ref)
  if (name !== undefined) return `[${name}](#${anchor(name)})`
  if ('const' in schema) return code(JSON.stringify(schema.const))
  if (schema.enum) return schema.enum.map(each => code(JSON.stringify(each))).join(', ')
  const parts = schema.anyOf ?? schema.oneOf
  if (parts) return [...new Set(parts.map(typeOf))].join(' or ')
  const [only, ...more] = schema.allOf ?? []
  if (only) return [only, ...more].map(typeOf).join(' and ')
  if (items) return `list of ${typeOf(items)}${orNull(type)}`
  if (typeof additionalProperties === 'object' && Object.keys(additionalProperties).length > 0)
    return `object of ${typeOf(additionalProperties)}${orNull(type)}`
  return [type ?? 'any value'].flat().join(' or ')
}

/** What a field means, and which values it takes. */
export function aboutOf(schema: Schema): string {
  const { description, format, pattern, minLength, maxLength, minimum, maximum, maxItems } = schema
  const given = (words: string, value: string | number | undefined) =>
    value === undefined || Math.abs(Number(value)) === Number.MAX_SAFE_INTEGER ? [] : [`${words} ${value}`]
  const rules = [
    ...given('format', format),
    ...given('matches', pattern && pattern.length <= PATTERN_MAX ? code(pattern) : undefined),
    ...given('characters: at least', minLength),
    ...given('characters: at most', maxLength),
    ...given('at least', minimum),
    ...given('at most', maximum),
    ...given('entries: at most', maxItems),
    ...given('default', schema.default === undefined ? undefined : code(JSON.stringify(schema.default))),
  ]
  return [...(description === undefined ? [] : [text(description)]), ...rules].join('; ')
}

/** The name of the schema that a reference points to. */
function nameIn($ref: string | undefined): string | undefined {
  return $ref === undefined ? undefined : /^#\/components\/schemas\/(.+)$/.exec($ref)?.[1]
}

function orNull(type: Schema['type']): string {
  return Array.isArray(type) && type.includes('null') ? ' or null' : ''
}
