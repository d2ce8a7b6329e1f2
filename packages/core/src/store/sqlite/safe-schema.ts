import type { DatabaseSync } from 'node:sqlite'
import { pathOf, quoted } from '../../domain/agent-text.ts'
import { PresenceError } from '../../domain/fault.ts'
import { storedStatements, TABLES } from './known-schema.ts'
import { NotABoard } from './raw-schema.ts'

/** A row of SQLite's own table of tables, indexes, views and triggers. */
interface Row {
  readonly type: string
  readonly name: string
  readonly tbl_name: string
  readonly sql: string | null
}

/** The longest statement that is checked; presence's have at most 700 characters. */
const SQL_MAX = 8_192

/**
 * The objects that presence's statements can reach: those that are named like its tables, or belong to one. SQLite
 * ignores case in names. Other tables in the file can't do anything, because no statement names them.
 */
const OWN = `SELECT type, name, tbl_name, substr(sql, 1, ${SQL_MAX}) AS sql FROM sqlite_schema
 WHERE name LIKE 'presence\\_%' ESCAPE '\\' OR tbl_name LIKE 'presence\\_%' ESCAPE '\\'`

/**
 * Checks that the file's schema can't run anything when it is used: a trigger, a view, a CHECK or a generated column
 * may never end, and no deadline interrupts SQLite. Newer versions of presence may have made other tables, columns and
 * indexes, so it checks what they are, not which.
 *
 * @returns the version of the schema, to be compared before each use
 * @throws NotABoard, or PresenceError `damaged`
 */
export function checkSchema(db: DatabaseSync, file: string): string {
  const version = schemaVersion(db)
  const rows = db.prepare(OWN).all() as unknown as Row[]
  const isBoard = rows.some(({ name }) => TABLES.has(name)) && !version.startsWith('0/')
  if (!isBoard && !isEmpty(db, version)) throw new NotABoard("it is another program's database")
  const known = storedStatements()
  // Comparing whole statements is ten times as fast as parsing them.
  const unsafe = rows.find(row => !(row.sql !== null && known.has(row.sql)) && !isPlain(row))
  if (unsafe) throw unsafeFault(unsafe, file)
  return version
}

/** The number of steps that were applied, and SQLite's number that each change of the schema increases. */
export function schemaVersion(db: DatabaseSync): string {
  const { user_version } = db.prepare('PRAGMA user_version').get() as { user_version: number }
  const { schema_version } = db.prepare('PRAGMA schema_version').get() as { schema_version: number }
  return `${user_version}/${schema_version}`
}

function isEmpty(db: DatabaseSync, version: string): boolean {
  return version.startsWith('0/') && db.prepare('SELECT 1 FROM sqlite_schema LIMIT 1').get() === undefined
}

/** SQLite makes indexes for keys by itself, without a statement. */
function isPlain({ type, sql }: Row): boolean {
  if (sql === null) return type === 'index'
  if (type !== 'table' && type !== 'index') return false
  // One blank each, because several in a row would make the search slow.
  const text = sql.replace(/\s+/g, ' ').trim()
  const { table, index } = grammar()
  return sql.length < SQL_MAX && (type === 'index' ? index : table).test(text)
}

/**
 * Tables and indexes that only hold values. SQLite runs nothing for them: no CHECK, no generated column, no foreign
 * key, no virtual table, no index on an expression.
 */
function grammar(): { readonly table: RegExp; readonly index: RegExp } {
  const name = '(?:`\\w+`|"\\w+"|\\[\\w+\\]|\\w+)'
  const names = `\\( ?${name}(?: ?, ?${name})* ?\\)`
  // The default of a time in presence's tables.
  const now = `\\(CAST\\(ROUND\\(unixepoch\\('subsec'\\) \\* 1000\\) AS INTEGER\\)\\)`
  const value = `DEFAULT (?:'[^']*'|-?\\d+|NULL|${now})`
  const column = `${name}(?: (?:text|integer|int|real|blob))?(?: (?:${value}|NOT NULL|NULL|PRIMARY KEY))*`
  const key = `PRIMARY KEY ?${names}`
  return {
    table: new RegExp(`^CREATE TABLE ${name} ?\\( ?${column}(?: ?, ?(?:${key}|${column}))* ?\\)$`, 'i'),
    index: new RegExp(`^CREATE (?:UNIQUE )?INDEX ${name} ON ${name} ?${names}$`, 'i'),
  }
}

function unsafeFault({ type, name, tbl_name }: Row, file: string): PresenceError {
  const shown = (text: string) => quoted(String(text), 60)
  const what =
    type === 'table' || type === 'index'
      ? `its ${type} ${shown(name)} is not like one that presence makes`
      : `it has the ${type} ${shown(name)}${name === tbl_name ? '' : ` on ${shown(tbl_name)}`}, which SQLite would run`
  return new PresenceError(
    'damaged',
    `the board ${pathOf(file)} can't be used: ${what}`,
    'if you made that, drop it; otherwise use no board from there, and name another one in the DSN (PRESENCE_DSN or the option dsn)',
  )
}
