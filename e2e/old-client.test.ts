import migrations from 'virtual:migrations/mysql'
import { expect, it } from 'vitest'
import { parseDsn } from '../packages/core/src/config/dsn.ts'
import { migrateServer } from '../packages/core/src/store/mysql/migrate/server.ts'
import { presenceOn } from './support/cli.ts'
import { newDatabaseName } from './support/dolt.ts'
import { OLD_TABLE, OldClient } from './support/old-board.ts'
import { textOf } from './support/pages.ts'
import { describeEachEngine } from './support/servers.ts'
import { SqlServer } from './support/sql-server.ts'

/** A database with only the 8-column table. */
async function newOldBoard(port: number): Promise<string> {
  const database = newDatabaseName()
  const connection = await SqlServer.connectTo(port)
  await connection.query(`CREATE DATABASE ${database}`)
  await connection.query(`USE ${database}`)
  await connection.query(OLD_TABLE)
  connection.destroy()
  return `mysql://root@127.0.0.1:${port}/${database}`
}

async function migrateTo(dsn: string, count: number): Promise<void> {
  const parsed = parseDsn(dsn)
  if (parsed.scheme !== 'mysql') throw new Error('not a server')
  await migrateServer(parsed, {}, migrations.slice(0, count))
}

describeEachEngine('a client of the 8-column table', engine => {
  it('keeps working before and after every migration, and none of its claims is lost', async () => {
    const dsn = await newOldBoard(engine.port)
    await using old = await OldClient.on(dsn, 'old@host@1')
    await using other = await OldClient.on(dsn, 'old@host@2')
    for (let count = 0; count <= migrations.length; count++) {
      if (count > 0) await migrateTo(dsn, count)
      await old.claim(`node:at-${count}`, `after ${count} migrations`)
      expect(await other.claim(`node:at-${count}`, 'beside it')).toEqual(['old@host@1'])
      await old.heartbeat()
    }
    const { stdout } = await presenceOn(dsn, 'new')('list', '--json')
    const labels = (JSON.parse(stdout) as { session_id: string; resource_label: string }[])
      .filter(claim => claim.session_id === 'old@host@1')
      .map(claim => claim.resource_label)
    expect(labels).toEqual(migrations.map((_, at) => `node:at-${at}`).concat(`node:at-${migrations.length}`))
  })

  it('and the command see each other’s claims', async () => {
    const dsn = await newOldBoard(engine.port)
    await migrateTo(dsn, migrations.length)
    const ana = presenceOn(dsn, 'ana')
    await using old = await OldClient.on(dsn, 'old@host@1')

    expect(await old.claim('node:a', 'from the old tool')).toEqual([])
    const claimed = await ana('claim', 'node:a', '--purpose', 'from the new one')
    expect(claimed.stdout).toContain('ALSO CLAIMED BY:')
    expect(claimed.stdout).toContain('old@host@1 (olduser@oldhost): from the old tool')

    expect(await old.claim('node:a', 'from the old tool again')).toEqual(['ana'])
    expect((await ana('heartbeat')).stdout).toContain('old@host@1')
    expect((await ana('list')).stdout).toContain('from the old tool again')

    await old.releaseAll()
    expect((await ana('list', '--json')).stdout).not.toContain('old@host@1')
    await ana('release', '--all-mine')
    expect(await old.peek('node:a')).toEqual([])
  })
})

it('has the table that docs/moving.md describes', () => {
  const [shown = ''] = /CREATE TABLE presence_claims \([\s\S]*?\n\)/.exec(textOf('docs/moving.md')) ?? []
  const words = (sql: string) =>
    sql.replace('IF NOT EXISTS ', '').replaceAll(/\s+/g, ' ').replace(/;? *$/, '').trim()
  expect(words(shown)).toBe(words(OLD_TABLE))
})
