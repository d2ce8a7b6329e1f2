import type { StandardSchemaWithJSON } from '@modelcontextprotocol/server'
import * as z from 'zod/v4'

/**
 * A schema as the SDK takes it: validated by zod, and sent without the dialect's URL, which each client knows and each agent
 * would pay for, twice a tool.
 */
export function lean(schema: z.ZodObject): StandardSchemaWithJSON<Record<string, unknown>> {
  const json = (io: 'input' | 'output') => () => {
    const { $schema: _dialect, ...rest } = z.toJSONSchema(schema, {
      io,
      override: ({ jsonSchema }) => trim(jsonSchema),
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

/** What says nothing: that an integer is none that JavaScript can't count to, and that there may be more. */
function trim(schema: z.core.JSONSchema.BaseSchema): void {
  if (schema.minimum === Number.MIN_SAFE_INTEGER) delete schema.minimum
  if (schema.maximum === Number.MAX_SAFE_INTEGER) delete schema.maximum
  if (typeof schema.additionalProperties === 'object') delete schema.additionalProperties
}

/** An argument that isn't there gets the names of those that are. */
function checked(schema: z.ZodObject, value: unknown) {
  const result = schema.safeParse(value)
  if (result.success) return { value: result.data }
  const takes = Object.keys(schema.shape).join(', ') || 'none'
  return {
    issues: result.error.issues.map(issue => ({
      path: issue.path,
      message:
        issue.code === 'unrecognized_keys'
          ? `there is no ${issue.keys.map(key => JSON.stringify(key.slice(0, 40))).join(', ')}; the arguments are: ${takes}`
          : issue.message,
    })),
  }
}
