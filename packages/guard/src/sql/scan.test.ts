import { expect, it } from 'vitest'
import { type Dialect, scanSql } from './scan.ts'

const told = (sql: string, dialect: Dialect) =>
  scanSql(sql, dialect).map(part => (part.kind === 'command' ? `\\${part.name} ${part.rest}` : part.text))

it('a semicolon in a quoted text, a name, a comment or a body ends nothing', () => {
  expect(
    told(`select ';', ";" /* ; */ -- ;\n, $a$ ; $a$, E'\\';'; select 2`, 'postgres').map(text =>
      text.replace(/\s+/g, ' '),
    ),
  ).toEqual([`select '', ";" , '', E''`, 'select 2'])
  expect(told("select ';', \";\", `;` # ;\n; select 'a\\';'", 'mysql')).toEqual([
    "select '', '', `;`",
    "select ''",
  ])
})

it('commands of the client stand between the statements', () => {
  expect(told('\\c other\nselect 1;\n\\i a.sql\nselect 2 \\gexec\n', 'postgres')).toEqual([
    '\\c other',
    'select 1',
    '\\i a.sql',
    'select 2',
    '\\gexec ',
  ])
  expect(told('use shop; select 1\\G\nsource b.sql\n', 'mysql')).toEqual([
    '\\use shop',
    'select 1',
    '\\source b.sql',
  ])
})

it('another delimiter ends statements of MySQL until it is changed back', () => {
  const sql = 'delimiter //\ncreate procedure p() begin select 1; select 2; end//\ndelimiter ;\nselect 3;'
  expect(told(sql, 'mysql')).toEqual(['create procedure p() begin select 1; select 2; end', 'select 3'])
})

it('the rows of a COPY are no statements', () => {
  expect(told("copy a from stdin;\n1\tit's\n2\tdrop table a\n\\.\nselect 1;", 'postgres')).toEqual([
    'copy a from stdin',
    'select 1',
  ])
})

it('it stops when the time is over', () => {
  let asked = 0
  expect(scanSql('select 1;'.repeat(100_000), 'postgres', () => ++asked > 2).length).toBeLessThan(1000)
  expect(asked).toBe(3)
})
