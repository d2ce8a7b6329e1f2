/**
 * Formats a value as an SQL literal. Text with anything but plain characters becomes hexadecimal, so that it
 * can't end its quotes, and means the same whether or not the server treats a backslash as an escape
 * (sql_mode NO_BACKSLASH_ESCAPES). A prepared statement would cost a round trip of its own.
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

/** Fills a statement's `:name` placeholders with literals. Throws if a placeholder has no value. */
export function fill(sql: string, values: Readonly<Record<string, string | number | null>>): string {
  return sql.replace(/:([a-z_]+)/g, (_, name: string) => {
    const value = values[name]
    if (value === undefined) throw new TypeError(`no value for :${name}`)
    return literal(value)
  })
}
