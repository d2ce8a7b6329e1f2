import { MySqlTable, getTableConfig as ofMysql } from 'drizzle-orm/mysql-core'
import { getTableConfig as ofSqlite, SQLiteTable } from 'drizzle-orm/sqlite-core'
import { expect, it } from 'vitest'
import * as mysqlSchema from './mysql/schema.ts'
import * as sqliteSchema from './sqlite/schema.ts'
import * as claimTables from './tables/claims.ts'
import * as coordinationTables from './tables/coordination.ts'

interface Column {
  readonly name: string
  readonly notNull: boolean
  readonly primary: boolean
}
interface Config {
  readonly name: string
  readonly columns: readonly Column[]
  readonly primaryKeys: readonly { readonly columns: readonly { readonly name: string }[] }[]
  readonly indexes: readonly {
    readonly config: { readonly name: string; readonly columns: readonly unknown[] }
  }[]
}

/** A table without what is specific to a dialect: types and defaults. */
function shapeOf({ name, columns, primaryKeys, indexes }: Config) {
  return {
    name,
    columns: columns.map(each => [each.name, each.notNull, each.primary]),
    keys: primaryKeys.map(key => key.columns.map(column => column.name)),
    indexes: indexes
      .map(({ config }) => [config.name, ...config.columns.map(column => (column as Column).name)])
      .toSorted(),
  }
}

it('both dialects have every table, with the same columns, keys and indexes', () => {
  const mysql = Object.values(mysqlSchema)
    .filter(each => each instanceof MySqlTable)
    .map(table => shapeOf(ofMysql(table)))
  const sqlite = Object.values(sqliteSchema)
    .filter(each => each instanceof SQLiteTable)
    .map(table => shapeOf(ofSqlite(table)))
  const described = [...Object.values(claimTables), ...Object.values(coordinationTables)]
  expect(mysql.map(({ name }) => name).toSorted()).toEqual(described.map(({ name }) => name).toSorted())
  expect(sqlite).toEqual(mysql)
})
