import { execFileSync } from 'node:child_process'
import { cpSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import mysqlSteps from 'virtual:migrations/mysql'
import sqliteSteps from 'virtual:migrations/sqlite'
import { migrate } from '@presence/core'
import mysql from 'mysql2/promise'
import { describe, expect, inject, it, onTestFinished } from 'vitest'
import { STEPS } from '../../../migrations/steps.ts'
import type { Migration } from '../src/store/migration.ts'

const ROOT = join(import.meta.dirname, '../../..')

/** The properties of a table that both dialects can express. */
interface Shape {
  readonly columns: readonly {
    readonly name: string
    readonly nullable: boolean
    readonly hasDefault: boolean
  }[]
  readonly key: readonly string[]
  readonly indexes: Readonly<Record<string, readonly string[]>>
}

function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'presence-schema-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  return folder
}

async function sqliteShape(): Promise<Shape> {
  const file = join(newFolder(), 'board.db')
  await migrate({ dsn: `sqlite:${file}`, env: {} })
  using db = new DatabaseSync(file)
  const columns = db.prepare('PRAGMA table_info(presence_claims)').all()
  const indexes = db
    .prepare(
      `SELECT name FROM sqlite_schema WHERE type = 'index' AND sql IS NOT NULL AND tbl_name = 'presence_claims'`,
    )
    .all()
  const columnsOf = (index: unknown) =>
    db
      .prepare(`PRAGMA index_info(${String(index)})`)
      .all()
      .map(row => String(row['name']))
  return {
    columns: columns.map(row => ({
      name: String(row['name']),
      nullable: row['notnull'] === 0,
      hasDefault: row['dflt_value'] !== null,
    })),
    key: columns.filter(row => Number(row['pk']) > 0).map(row => String(row['name'])),
    indexes: Object.fromEntries(indexes.map(row => [String(row['name']), columnsOf(row['name'])])),
  }
}

async function mysqlShape(port: number): Promise<Shape> {
  const database = `board_schema_${process.pid}`
  await migrate({ dsn: `mysql://root@127.0.0.1:${port}/${database}`, env: {}, createDatabase: true })
  const connection = await mysql.createConnection({
    host: '127.0.0.1',
    port,
    user: 'root',
    database,
  })
  onTestFinished(() => connection.destroy())
  const [columns] = await connection.query<mysql.RowDataPacket[]>('DESCRIBE presence_claims')
  const [keys] = await connection.query<mysql.RowDataPacket[]>('SHOW INDEX FROM presence_claims')
  const named = (name: string) =>
    keys.filter(row => row['Key_name'] === name).map(row => String(row['Column_name']))
  const names = new Set(keys.map(row => String(row['Key_name'])).filter(name => name !== 'PRIMARY'))
  return {
    columns: columns.map(row => ({
      name: String(row['Field']),
      nullable: row['Null'] === 'YES',
      hasDefault: row['Default'] !== null,
    })),
    key: named('PRIMARY'),
    indexes: Object.fromEntries([...names].map(name => [name, named(name)])),
  }
}

describe('the schema', () => {
  const dolt = inject('dolt')

  const mariadb = inject('mariadb')

  it.skipIf(!dolt)('is the same table in both dialects after a migration', async () => {
    expect(await sqliteShape()).toEqual(await mysqlShape(dolt?.port ?? 0))
  })

  it.skipIf(!mariadb)('is the same table on MariaDB', async () => {
    expect(await sqliteShape()).toEqual(await mysqlShape(mariadb?.port ?? 0))
  })

  it.each(['mysql', 'sqlite'])('has a migration for everything that it defines, in %s', dialect => {
    const folder = newFolder()
    cpSync(join(ROOT, 'migrations', dialect), join(folder, dialect), { recursive: true })
    const schema = join(ROOT, `packages/core/src/store/${dialect}/schema.ts`)
    const config = join(folder, 'drizzle.config.json')
    writeFileSync(config, JSON.stringify({ dialect, schema, out: `./${dialect}` }))

    const said = execFileSync(join(ROOT, 'node_modules/.bin/drizzle-kit'), ['generate', '--config', config], {
      cwd: folder,
      encoding: 'utf8',
    })

    expect(said).toContain('No schema changes')
  })

  it('has the same steps in both dialects', () => {
    const steps = (dialect: string) =>
      readdirSync(join(ROOT, 'migrations', dialect)).filter(file => file.endsWith('.sql'))
    expect(steps('sqlite')).toEqual(steps('mysql'))
  })

  it('declares for every step which clients it locks out, the same in both dialects', () => {
    const said = (steps: readonly Migration[]) =>
      steps.map(({ version, oldestClient }) => [version, oldestClient])
    expect(said(sqliteSteps)).toEqual(said(mysqlSteps))
    expect(STEPS.map(({ step }) => step)).toEqual(mysqlSteps.map(({ version }) => version))
    for (const [at, { step, oldestClient }] of STEPS.entries()) {
      expect(oldestClient, `step ${step} locks out its own client`).toBeLessThanOrEqual(step)
      expect(oldestClient, `step ${step} lets older clients back in`).toBeGreaterThanOrEqual(
        STEPS[at - 1]?.oldestClient ?? 0,
      )
    }
  })

  it('only adds in a step that keeps older clients: new tables, optional columns, indexes', () => {
    const additive = [
      /^CREATE TABLE IF NOT EXISTS `\w+` \(/,
      /^CREATE TABLE `\w+` \(/,
      /^CREATE INDEX `\w+` ON /,
      /^ALTER TABLE `\w+` ADD (COLUMN )?`\w+` (?!.*\bNOT NULL\b)\w+/,
      /^ALTER TABLE `\w+` ADD (COLUMN )?`\w+` (?=.*\bDEFAULT\b)\w+/,
    ]
    for (const steps of [mysqlSteps, sqliteSteps])
      for (const [at, { tag, oldestClient, statements }] of steps.entries()) {
        if (oldestClient !== steps[at - 1]?.oldestClient) continue
        for (const statement of statements)
          expect(
            additive.some(adds => adds.test(statement)),
            `${tag} raises no oldestClient in migrations/steps.ts, and has: ${statement}`,
          ).toBe(true)
      }
  })

  it('keeps every later column optional, for clients of the 8-column table', async () => {
    const later = (await sqliteShape()).columns.slice(8)
    expect(later.filter(column => !column.nullable && !column.hasDefault)).toEqual([])
  })
})
