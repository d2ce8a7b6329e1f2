/**
 * A value as an SQL literal. Text with anything but plain characters goes as hexadecimal, so that it means the same
 * whether or not the server takes a backslash for an escape (sql_mode NO_BACKSLASH_ESCAPES), and can't end its quotes.
 * Literals rather than a prepared statement: preparing costs a round trip of its own.
 */
export function literal(value: string | number | null): string {
  if (value === null) return 'NULL'
  if (typeof value === 'number') {
    if (!Number.isSafeInteger(value)) throw new TypeError(`not a whole number: ${value}`)
    return String(value)
  }
  if (/^[\w .,:;@/+=()-]*$/.test(value)) return `'${value}'`
  return `_utf8mb4 0x${Buffer.from(value, 'utf8').toString('hex')}`
}

/** Fills a statement's `:name` places with literals. A place without a value is an error, never an empty one. */
export function fill(sql: string, values: Readonly<Record<string, string | number | null>>): string {
  return sql.replace(/:([a-z_]+)/g, (_, name: string) => {
    const value = values[name]
    if (value === undefined) throw new TypeError(`no value for :${name}`)
    return literal(value)
  })
}
