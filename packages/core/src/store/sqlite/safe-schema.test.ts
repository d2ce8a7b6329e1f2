import { DatabaseSync } from 'node:sqlite'
import { expect, it } from 'vitest'
import { storedStatements } from './known-schema.ts'
import { bringUpToDate } from './migrate.ts'
import { checkSchema, schemaVersion } from './safe-schema.ts'

function newBoard(): DatabaseSync {
  const db = new DatabaseSync(':memory:')
  bringUpToDate(db, 'board.db')
  return db
}

it('a new board’s statements are all known, so that none has to be parsed at each command', () => {
  using db = newBoard()
  const rows = db.prepare('SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL').all()
  expect(rows.map(({ sql }) => sql).filter(sql => !storedStatements().has(String(sql)))).toEqual([])
})

it.each([
  'CREATE TABLE presence_more (a)',
  'CREATE TABLE "presence_more" ([a] TEXT, b integer NOT NULL DEFAULT -1, PRIMARY KEY (a, b))',
  "CREATE TABLE presence_more (a text DEFAULT 'a, (b) CHECK' NOT NULL PRIMARY KEY)",
  'CREATE UNIQUE INDEX more ON presence_claims (purpose, user)',
  'CREATE TABLE other (a CHECK (a > 0), b AS (a + 1))',
])('admits %s', sql => {
  using db = newBoard()
  db.exec(sql)
  expect(checkSchema(db, 'board.db')).toBe(schemaVersion(db))
})

it.each([
  'CREATE TABLE presence_more (a CHECK (a > 0))',
  'CREATE TABLE PRESENCE_MORE (a, CHECK (a > 0))',
  'CREATE TABLE presence_more (a, b AS (a + 1))',
  'CREATE TABLE presence_more (a, b GENERATED ALWAYS AS (a + 1) STORED)',
  'CREATE TABLE presence_more (a DEFAULT (random()))',
  'CREATE TABLE presence_more (a REFERENCES presence_claims)',
  'CREATE TABLE presence_more (a PRIMARY KEY) WITHOUT ROWID',
  'CREATE TABLE presence_more (a COLLATE NOCASE)',
  'CREATE TABLE presence_more (a /* comment */)',
  'CREATE TABLE presence_more AS SELECT 1 AS "a)"',
  `CREATE TABLE presence_more (${Array.from({ length: 1_500 }, (_, index) => `column${index}`)})`,
  'CREATE VIRTUAL TABLE presence_more USING fts5(a)',
  'CREATE VIEW presence_more AS SELECT 1',
  'CREATE INDEX more ON presence_claims (lower(purpose))',
  'CREATE INDEX more ON presence_claims (purpose) WHERE purpose IS NOT NULL',
  'CREATE INDEX more ON presence_claims (purpose DESC)',
  'CREATE TRIGGER more AFTER INSERT ON presence_claims BEGIN SELECT 1; END',
  'CREATE TRIGGER more AFTER INSERT ON Presence_Claims BEGIN SELECT 1; END',
])('refuses %s', sql => {
  using db = newBoard()
  db.exec(sql)
  expect(() => checkSchema(db, 'board.db')).toThrow(/can't be used: it/)
})

it.each([
  ['blanks', `a${' '.repeat(8_000)}`],
  ['repeated words', `a ${'NULL '.repeat(1_500)}`],
  ['columns', Array.from({ length: 1_200 }, (_, index) => `c${index}`).join(' , ')],
])('refuses a statement with many %s as fast as any', (_, columns) => {
  using db = newBoard()
  db.exec(`CREATE TABLE presence_more (${columns}, b CHECK (1))`)
  // A search that tries every combination would run into the test's time limit.
  expect(() => checkSchema(db, 'board.db')).toThrow()
})
