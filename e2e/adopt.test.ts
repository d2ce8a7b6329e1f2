import { migrate, openBoard } from '@presence/core'
import { describe, expect, it } from 'vitest'
import { presence } from './support/cli.ts'
import { dolt, newDatabaseName } from './support/dolt.ts'
import { DoltServer } from './support/dolt-server.ts'
import { OLD_TABLE, OldClient } from './support/old-board.ts'
import { until } from './support/until.ts'

const ROW = (id: string) => `INSERT INTO presence_claims VALUES
  ('${id}', 'node:a', 'p', UTC_TIMESTAMP(3), DATE_ADD(UTC_TIMESTAMP(3), INTERVAL 1 HOUR), 'h', 'u', 'claude-code')`
const COMMIT = `CALL DOLT_COMMIT('-Am', 'everything')`

/** A database in which statements were run, and a function to run more. */
async function database(...statements: string[]) {
  const name = newDatabaseName()
  const connection = await DoltServer.connectTo(dolt?.port ?? 0)
  const sql = async (...more: string[]): Promise<Record<string, unknown>[]> => {
    let rows: unknown = []
    for (const statement of more) [rows] = await connection.query(statement)
    return rows as Record<string, unknown>[]
  }
  await sql(`CREATE DATABASE ${name}`, `USE ${name}`, ...statements)
  return {
    dsn: `mysql://root@127.0.0.1:${dolt?.port}/${name}`,
    sql,
    [Symbol.asyncDispose]: async () => connection.destroy(),
  }
}

async function holdersOfA(dsn: string): Promise<readonly string[]> {
  await using board = await openBoard({ dsn, session: 'auditor', env: {} })
  const said = await board.peek('node:a')
  return said.ok ? said.claims.map(({ session }) => session.id).sort() : []
}

describe.skipIf(!dolt)('a board that the old tool created', () => {
  it.each([
    ['never committed', [OLD_TABLE, ROW('one'), ROW('two')]],
    ['committed with its rows', [OLD_TABLE, ROW('one'), ROW('two'), COMMIT]],
    ['committed empty, with rows since', [OLD_TABLE, COMMIT, ROW('one'), ROW('two')]],
    ['committed with a row, with another since', [OLD_TABLE, ROW('one'), COMMIT, ROW('two')]],
    ['staged', [OLD_TABLE, ROW('one'), `CALL DOLT_ADD('presence_claims')`, ROW('two')]],
  ])('is adopted with every row: %s; and another tool’s reset deletes none', async (_, statements) => {
    await using board = await database(...statements)

    const adopts = 'adopt the table presence_claims, with its 2 rows'
    const looked = await migrate({ dsn: board.dsn, env: {}, dryRun: true })
    expect(looked.prepared).toContain(adopts)
    expect((await migrate({ dsn: board.dsn, env: {} })).prepared).toContain(adopts)
    expect((await migrate({ dsn: board.dsn, env: {} })).prepared).toEqual([])
    expect(await holdersOfA(board.dsn)).toEqual(['one', 'two'])

    await board.sql('CREATE TABLE theirs (id INT PRIMARY KEY)', COMMIT, `CALL DOLT_RESET('--hard')`)
    expect(await holdersOfA(board.dsn)).toEqual(['one', 'two'])
    expect(await board.sql(`SHOW TABLES AS OF 'HEAD'`)).toHaveLength(1)
  })

  it('is left unchanged, with the reason, if another user’s work is staged', async () => {
    const theirs = ['CREATE TABLE theirs (id INT PRIMARY KEY)', `CALL DOLT_ADD('theirs')`]
    await using board = await database(OLD_TABLE, ROW('one'), COMMIT, ...theirs)

    const { status, stderr } = await presence(['migrate', '--dsn', board.dsn])

    expect(status).toBe(2)
    expect(stderr).toContain('staged changes of theirs')
    expect(stderr).toMatch(/hint: .*DOLT_RESET/)
    expect(await board.sql('SELECT table_name, staged FROM dolt_status')).toEqual([
      { table_name: 'theirs', staged: 1 },
    ])
    expect(await board.sql('SHOW TABLES')).toHaveLength(2)
  })

  it('is adopted without committing other tables’ changes', async () => {
    await using board = await database(
      'CREATE TABLE theirs (id INT PRIMARY KEY)',
      OLD_TABLE,
      ROW('one'),
      COMMIT,
    )
    await board.sql('INSERT INTO theirs VALUES (1)', 'CREATE TABLE unstaged (id INT PRIMARY KEY)')

    await migrate({ dsn: board.dsn, env: {} })

    const changed = await board.sql('SELECT table_name, staged FROM dolt_status ORDER BY table_name')
    expect(changed).toEqual([
      { table_name: 'theirs', staged: 0 },
      { table_name: 'unstaged', staged: 0 },
    ])
  })

  it('loses no claim that a client of the 8-column table makes during the adoption', async () => {
    await using board = await database(OLD_TABLE, ROW('one'), COMMIT)
    await using old = await OldClient.on(board.dsn, 'busy')
    const state = { going: true, made: 0 }
    const busy = (async () => {
      while (state.going) await old.claim(`node:${state.made++}`, 'p')
    })()
    await until('the old client to be at it', () => state.made > 10)
    await migrate({ dsn: board.dsn, env: {} })
    state.going = false
    await busy

    const [row] = await board.sql(
      `SELECT COUNT(*) AS rows_left FROM presence_claims WHERE session_id = 'busy'`,
    )
    expect(row?.['rows_left']).toBe(state.made)
  })
})
