/** The parts of JSON Schema that `sampleOf` uses. */
export interface Schema {
  readonly $ref?: string
  readonly type?: string | readonly string[]
  readonly enum?: readonly unknown[]
  readonly const?: unknown
  readonly example?: unknown
  readonly examples?: readonly unknown[]
  readonly default?: unknown
  readonly properties?: Readonly<Record<string, Schema>>
  readonly required?: readonly string[]
  readonly items?: Schema
  readonly minItems?: number
  readonly minLength?: number
  readonly minimum?: number
  readonly exclusiveMinimum?: number
  readonly format?: string
  readonly anyOf?: readonly Schema[]
  readonly oneOf?: readonly Schema[]
  readonly allOf?: readonly Schema[]
}

/** The value that a field must have, regardless of its schema. Undefined to follow the schema. */
type Override = (name: string) => string | undefined

/**
 * A value that matches a schema, as far as its examples and bounds give one.
 * Includes overridden optional fields.
 */
export function sampleOf(schema: Schema, override: Override, resolve: (ref: string) => Schema): unknown {
  const sample = (each: Schema) => sampleOf(each, override, resolve)
  if (schema.$ref !== undefined) return sample(resolve(schema.$ref))
  if (schema.allOf) return Object.assign({}, ...schema.allOf.map(sample))
  const [choice] = schema.anyOf ?? schema.oneOf ?? []
  if (choice) return sample(choice)
  if (schema.properties) {
    const { properties, required = [], example } = schema
    const fields = Object.entries(properties).flatMap(([name, each]) => {
      const given = override(name)
      if (given !== undefined && isText(each, resolve)) return [[name, given]]
      const holds = required.includes(name) || takesOverride(each, override, resolve)
      return holds ? [[name, sample(each)]] : []
    })
    return { ...(example as object | undefined), ...Object.fromEntries(fields) }
  }
  const [given] = [
    schema.example,
    schema.examples?.[0],
    schema.const,
    schema.enum?.[0],
    schema.default,
  ].filter(value => value !== undefined)
  if (given !== undefined) return given
  const type = Array.isArray(schema.type) ? schema.type[0] : schema.type
  if (type === 'array') return Array.from({ length: schema.minItems ?? 0 }, () => sample(schema.items ?? {}))
  if (type === 'object') return {}
  if (type === 'boolean') return true
  if (type === 'integer' || type === 'number') return schema.minimum ?? (schema.exclusiveMinimum ?? 0) + 1
  if (schema.format === 'date-time') return '2030-01-02T03:04:05.000Z'
  if (schema.format === 'uuid') return '00000000-0000-4000-8000-000000000000'
  return 'x'.repeat(Math.max(1, schema.minLength ?? 1))
}

function isText(schema: Schema, resolve: (ref: string) => Schema): boolean {
  if (schema.$ref !== undefined) return isText(resolve(schema.$ref), resolve)
  const options = schema.anyOf ?? schema.oneOf
  if (options) return options.some(each => isText(each, resolve))
  return schema.type === 'string' || (Array.isArray(schema.type) && schema.type.includes('string'))
}

/** Whether the schema contains an overridden field, at any depth. */
function takesOverride(schema: Schema, override: Override, resolve: (ref: string) => Schema): boolean {
  if (schema.$ref !== undefined) return takesOverride(resolve(schema.$ref), override, resolve)
  return Object.entries(schema.properties ?? {}).some(
    ([name, each]) => override(name) !== undefined || takesOverride(each, override, resolve),
  )
}
