import { sql } from 'drizzle-orm'
import {
  bigint,
  datetime,
  index,
  int,
  type MySqlColumn,
  type MySqlColumnBuilder,
  mediumtext,
  mysqlTable,
  primaryKey,
  text,
  varchar,
} from 'drizzle-orm/mysql-core'
import * as claimTables from '../tables/claims.ts'
import * as coordinationTables from '../tables/coordination.ts'
import type { Column, Table } from '../tables/table.ts'

/** MySQL's types. Only drizzle-kit loads this file, to make the migrations. */
const TYPES: Readonly<Record<Column['type'], (column: Column) => MySqlColumnBuilder>> = {
  text: ({ length = 255 }) => varchar({ length }),
  longText: () => text(),
  hugeText: () => mediumtext(),
  integer: () => int(),
  bigInteger: () => bigint({ mode: 'number' }),
  time: () => datetime({ mode: 'date', fsp: 3 }),
}

const NOW = sql`CURRENT_TIMESTAMP(3)`

function columnOf(column: Column, isKey: boolean): MySqlColumnBuilder {
  const built = TYPES[column.type](column)
  if (isKey) built.primaryKey()
  if (!column.nullable) built.notNull()
  if (column.default !== undefined) built.default(column.default === 'now' ? NOW : column.default)
  return built
}

function tableOf({ name, columns, key, indexes }: Table) {
  // A key of one column is declared with that column.
  const keyColumn = key.length === 1 ? key[0] : undefined
  const built = Object.entries(columns).map(([of, column]) => [of, columnOf(column, of === keyColumn)])
  return mysqlTable(name, Object.fromEntries(built), made => {
    const named = (names: readonly string[]) =>
      names.map(of => made[of] as MySqlColumn) as [MySqlColumn, ...MySqlColumn[]]
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
