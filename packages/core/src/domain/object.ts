/** The fields of a JSON object. Their types are not checked yet. */
export type Fields = Readonly<Record<string, unknown>>

/** True for an object with fields, false for null, an array and anything else. */
export function isObject(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** Parses a text as a JSON object. Undefined if it isn't JSON, or is another JSON value. */
export function objectIn(text: string): Fields | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return isObject(value) ? value : undefined
  } catch {
    return undefined
  }
}
