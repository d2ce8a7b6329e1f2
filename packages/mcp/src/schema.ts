import type { StandardSchemaWithJSON } from '@modelcontextprotocol/server'
import * as z from 'zod'

/**
 * Makes a schema for the SDK. zod validates it. The JSON schema is sent without the dialect's URL: every
 * client knows it, and each agent would pay for it in tokens, twice per tool.
 */
export function lean(schema: z.ZodObject): StandardSchemaWithJSON<Record<string, unknown>> {
  const json = (io: 'input' | 'output') => () => {
    const { $schema: _dialect, ...rest } = z.toJSONSchema(schema, {
      io,
      override: ({ jsonSchema }) => trim(jsonSchema, io),
    })
    return rest as Record<string, unknown>
  }
  return {
    '~standard': {
      version: 1,
      vendor: 'presence',
      validate: value => checked(schema, value),
      jsonSchema: { input: json('input'), output: json('output') },
    },
  }
}

/**
 * Removes parts that carry no information: safe-integer bounds and open `additionalProperties`. An agent sees
 * an answer anyway, so its schema has neither formats nor descriptions.
 */
function trim(schema: z.core.JSONSchema.BaseSchema, io: 'input' | 'output'): void {
  if (schema.minimum === Number.MIN_SAFE_INTEGER) delete schema.minimum
  if (schema.maximum === Number.MAX_SAFE_INTEGER) delete schema.maximum
  if (io === 'output') {
    delete schema.format
    delete schema['example']
    delete schema.description
  }
  if (typeof schema.additionalProperties === 'object') delete schema.additionalProperties
}

/** Validates arguments. The message about an unknown argument lists the known ones. */
function checked(schema: z.ZodObject, value: unknown) {
  const result = schema.safeParse(value)
  if (result.success) return { value: result.data }
  const takes = Object.keys(schema.shape).join(', ') || 'none'
  return {
    issues: result.error.issues.map(issue => ({
      path: issue.path,
      message:
        issue.code === 'unrecognized_keys'
          ? `there is no argument ${issue.keys.map(key => JSON.stringify(key.slice(0, 40))).join(', ')}; the arguments are: ${takes}`
          : issue.message,
    })),
  }
}
