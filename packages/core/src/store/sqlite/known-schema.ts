import migrations from 'virtual:migrations/sqlite'
import { STORES_OLDEST_CLIENT, tablesOf } from '../migration.ts'

/**
 * The statement for the table of applied steps.
 *
 * @param count how many steps the file has; if it lacks `STORES_OLDEST_CLIENT`, that step adds the last
 *   column
 */
export const bookkeeping = (count: number) => `CREATE TABLE IF NOT EXISTS presence_migrations (
  version INTEGER NOT NULL PRIMARY KEY, tag TEXT NOT NULL, hash TEXT NOT NULL, applied_at INTEGER NOT NULL
  ${count > STORES_OLDEST_CLIENT ? ', oldest_client INTEGER' : ''})`

/** presence's tables. */
export const TABLES: ReadonlySet<string> = new Set([...tablesOf(migrations), 'presence_migrations'])

/**
 * The statements that SQLite stores for an up-to-date board's tables and indexes: those that made them, in which it
 * inserts each added column after the others.
 */
export function storedStatements(): ReadonlySet<string> {
  const tables = new Map([['presence_migrations', bookkeeping(0).replace('IF NOT EXISTS ', '')]])
  const indexes: string[] = []
  for (const statement of migrations.flatMap(({ statements }) => statements)) {
    const text = statement.replace(/;$/, '')
    const [, verb, name = '', column = ''] = /^(CREATE|ALTER) TABLE `(\w+)` (?:ADD (.*))?/.exec(text) ?? []
    if (verb === 'CREATE') tables.set(name, text)
    else if (verb === 'ALTER') tables.set(name, withColumn(tables.get(name) ?? '', column))
    else indexes.push(text)
  }
  return new Set([...tables.values(), ...indexes])
}

function withColumn(table: string, column: string): string {
  const key = table.lastIndexOf(',\n\tPRIMARY KEY(')
  const end = key < 0 ? table.lastIndexOf(')') : key
  return `${table.slice(0, end)}, ${column}${table.slice(end)}`
}
