/** Values for `IN (…)`: the text between the brackets, and the values by name. */
export function listOf(
  name: string,
  values: readonly (string | number | null)[],
): { readonly sql: string; readonly values: Readonly<Record<string, string | number | null>> } {
  const names = values.map((_, at) => `${name}_${lettersOf(at)}`)
  return {
    sql: names.map(each => `:${each}`).join(', '),
    values: Object.fromEntries(names.map((each, at) => [each, values[at] ?? null])),
  }
}

/** A statement's parameter names have no digits. */
export function lettersOf(at: number): string {
  return [...String(at)].map(digit => 'abcdefghij'[Number(digit)]).join('')
}
