import { sql } from 'drizzle-orm'
import {
  index,
  integer,
  primaryKey,
  type SQLiteColumn,
  type SQLiteColumnBuilder,
  sqliteTable,
  text,
} from 'drizzle-orm/sqlite-core'
import * as claimTables from '../tables/claims.ts'
import * as coordinationTables from '../tables/coordination.ts'
import type { Column, Table } from '../tables/table.ts'

const NOW = sql`(CAST(ROUND(unixepoch('subsec') * 1000) AS INTEGER))`

const TEXTS: ReadonlySet<Column['type']> = new Set(['text', 'longText', 'hugeText'])

/** Only drizzle-kit loads this file, to make the migrations. A time is in milliseconds since 1970. */
function columnOf({ type, nullable, default: value }: Column, isKey: boolean) {
  const built = (TEXTS.has(type) ? text() : integer()) as SQLiteColumnBuilder
  if (isKey) built.primaryKey()
  if (!nullable) built.notNull()
  if (value !== undefined) built.default(value === 'now' ? NOW : value)
  return built
}

function tableOf({ name, columns, key, indexes }: Table) {
  // A key of one column is declared with that column.
  const keyColumn = key.length === 1 ? key[0] : undefined
  const built = Object.entries(columns).map(([of, column]) => [of, columnOf(column, of === keyColumn)])
  return sqliteTable(name, Object.fromEntries(built), made => {
    const named = (names: readonly string[]) =>
      names.map(of => made[of] as SQLiteColumn) as [SQLiteColumn, ...SQLiteColumn[]]
    return [
      ...(keyColumn ? [] : [primaryKey({ columns: named(key) })]),
      ...Object.entries(indexes).map(([of, names]) => index(of).on(...named(names))),
    ]
  })
}

// drizzle-kit finds the tables that a file exports by name.
export const claims = tableOf(claimTables.claims)
export const replays = tableOf(claimTables.replays)
export const sessions = tableOf(claimTables.sessions)
export const sessionTokens = tableOf(claimTables.sessionTokens)
export const locks = tableOf(claimTables.locks)
export const ended = tableOf(claimTables.ended)
export const waiters = tableOf(claimTables.waiters)
export const events = tableOf(claimTables.events)
export const commands = tableOf(claimTables.commands)
export const messages = tableOf(coordinationTables.messages)
export const messageReads = tableOf(coordinationTables.messageReads)
export const components = tableOf(coordinationTables.components)
export const componentHistory = tableOf(coordinationTables.componentHistory)
export const workflows = tableOf(coordinationTables.workflows)
export const workItems = tableOf(coordinationTables.workItems)
