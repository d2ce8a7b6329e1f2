/** The value of a JSON text, as far as the caller knows its type; undefined if the text isn't JSON. */
export function parsed<T>(text: string): T | undefined {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
