import { spawn } from 'node:child_process'
import { once } from 'node:events'
import migrations from 'virtual:migrations/mysql'
import { migrate, openBoard } from '@presence/core'
import { expect, it } from 'vitest'
import { parseDsn } from '../packages/core/src/config/dsn.ts'
import { migrateServer } from '../packages/core/src/store/mysql/migrate/server.ts'
import { PRESENCE, presence, presenceOn } from './support/cli.ts'
import { newDatabaseName } from './support/dolt.ts'
import { rounds } from './support/rounds.ts'
import { describeEachEngine, type EngineUnderTest } from './support/servers.ts'
import { SqlServer } from './support/sql-server.ts'
import { until } from './support/until.ts'

const PATIENT = { within: 90_000 }
const TAGS = migrations.map(({ tag }) => tag)
const CLIENT = migrations.length - 1
const OLDEST = migrations.at(-1)?.oldestClient

async function migrateTo(dsn: string, steps: typeof migrations): Promise<void> {
  const parsed = parseDsn(dsn)
  if (parsed.scheme !== 'mysql') throw new Error('not a server')
  await migrateServer(parsed, {}, steps)
}

async function newDatabaseOn({ port }: EngineUnderTest): Promise<{
  dsn: string
  sql: (...statements: string[]) => Promise<Record<string, unknown>[]>
}> {
  const database = newDatabaseName()
  const connection = await SqlServer.connectTo(port)
  await connection.query(`CREATE DATABASE ${database}`)
  connection.destroy()
  return {
    dsn: `mysql://root@127.0.0.1:${port}/${database}`,
    sql: async (...statements) => {
      const own = await SqlServer.connectTo(port, { database })
      try {
        let rows: unknown = []
        for (const statement of statements) [rows] = await own.query(statement)
        return rows as Record<string, unknown>[]
      } finally {
        own.destroy()
      }
    },
  }
}

const migrated = 'SELECT tag FROM presence_migrations ORDER BY version'

describeEachEngine('presence migrate', engine => {
  const newDatabase = () => newDatabaseOn(engine)

  it('creates the board, reports what it did, and has nothing to do the second time', async () => {
    const { dsn, sql } = await newDatabase()

    const first = await presence(['migrate', '--dsn', dsn, '--json'], PATIENT)
    const second = await presence(['migrate', '--dsn', dsn], PATIENT)

    expect(first.status).toBe(0)
    expect(JSON.parse(first.stdout)).toMatchObject({ present: [], applied: TAGS })
    expect(second).toMatchObject({ status: 0, stdout: 'presence: up to date: nothing to do\n' })
    expect((await sql(migrated)).map(row => row['tag'])).toEqual(TAGS)
  })

  it.each(['--status', '--dry-run'])('with %s lists what is pending and changes nothing', async flag => {
    const { dsn, sql } = await newDatabase()

    const { status, stdout } = await presence(['migrate', flag, '--dsn', dsn], PATIENT)

    expect(status).toBe(0)
    for (const tag of TAGS) expect(stdout).toContain(tag)
    expect(await sql('SHOW TABLES')).toEqual([])
    if (engine.name === 'Dolt') expect(await sql('SELECT * FROM dolt_log')).toHaveLength(1)
  })

  it('is safe in parallel: every run succeeds and each migration is applied once', async () => {
    const { dsn, sql } = await newDatabase()

    const all = await Promise.all(
      Array.from({ length: 12 }, () => presence(['migrate', '--dsn', dsn], PATIENT)),
    )

    expect(all.map(({ status, stderr }) => (status === 0 ? 0 : stderr))).toEqual(Array(12).fill(0))
    expect((await sql(migrated)).map(row => row['tag'])).toEqual(TAGS)
    expect((await presenceOn(dsn, 'ana')('claim', 'node:a', '--purpose', 'p')).status).toBe(0)
  })

  it('completes what a run that was killed at any moment left undone', async () => {
    const killedAt: number[] = []
    const isHalfway = () => killedAt.some(steps => steps < TAGS.length)
    const round = async (at: number) => {
      const { dsn, sql } = await newDatabase()
      const recorded = () =>
        sql(migrated).then(
          rows => rows.length,
          () => 0,
        )
      const child = spawn(PRESENCE, ['migrate', '--dsn', dsn], {
        stdio: 'ignore',
        env: { PATH: process.env['PATH'] },
      })
      const ended = once(child, 'close')
      // As soon as there is a table, or a step more in each round.
      const isDue = async () =>
        at % TAGS.length === 0
          ? (await sql('SHOW TABLES')).length > 0
          : (await recorded()) >= at % TAGS.length
      await until('a part of it', async () => child.exitCode !== null || (await isDue()))
      child.kill('SIGKILL')
      await ended
      killedAt.push(await recorded())

      const again = await presence(['migrate', '--dsn', dsn], PATIENT)

      expect(again, `killed after ${killedAt.at(-1)} steps`).toMatchObject({ status: 0 })
      expect((await sql(migrated)).map(row => row['tag'])).toEqual(TAGS)
      expect((await presenceOn(dsn, 'ana')('claim', 'node:a', '--purpose', 'p')).stdout).toContain('claimed')
    }
    await rounds(TAGS.length, round, isHalfway)
    expect(isHalfway(), 'some are killed before their end').toBe(true)
  })

  it('accepts a step that a killed run had done but not recorded', async () => {
    const { dsn, sql } = await newDatabase()
    await migrate({ dsn, env: {} })
    await sql('DELETE FROM presence_migrations WHERE version = 1')

    expect(await migrate({ dsn, env: {} })).toMatchObject({ applied: [TAGS[1]] })
  })

  it('applies an older migration that was merged later, whatever its date', async () => {
    const { dsn, sql } = await newDatabase()
    await migrate({ dsn, env: {} })
    await sql('DELETE FROM presence_migrations WHERE version = 0')

    expect((await presence(['migrate', '--status', '--dsn', dsn], PATIENT)).stdout).toContain(
      `pending  ${TAGS[0]}`,
    )
    expect(await migrate({ dsn, env: {} })).toMatchObject({ applied: [TAGS[0]] })
  })

  it('refuses a board that is for newer clients only, and so does every verb, writing nothing', async () => {
    const { dsn, sql } = await newDatabase()
    await migrate({ dsn, env: {} })
    await sql(`INSERT INTO presence_migrations (version, tag, hash, applied_at, oldest_client)
       VALUES (99, '0099_later', 'x', UTC_TIMESTAMP(3), 99)`)
    await using board = await openBoard({ dsn, session: 'ana', env: {} })

    await expect(migrate({ dsn, env: {} })).rejects.toMatchObject({ code: 'schema_newer' })
    for (const verb of [
      () => board.claim('node:a', { purpose: 'p' }),
      () => board.heartbeat(),
      () => board.list(),
      () => board.peek('node:a'),
    ])
      await expect(verb()).rejects.toMatchObject({ code: 'schema_newer' })
    expect(await sql('SELECT * FROM presence_claims')).toEqual([])
  })

  it('reports which clients it locks out, and stores that with the step', async () => {
    const { dsn, sql } = await newDatabase()
    await migrateTo(dsn, migrations.slice(0, 6))
    const sentence = (can: string) =>
      `presence: clients with a schema version below ${OLDEST} ${can} use this board: upgrade presence there\n`

    const would = await presence(['migrate', '--dry-run', '--dsn', dsn], PATIENT)
    expect(would.stdout).toContain(sentence('could no longer'))
    const done = await presence(['migrate', '--dsn', dsn], PATIENT)
    expect(done.stdout).toContain(sentence('can no longer'))
    const again = await presence(['migrate', '--json', '--dsn', dsn], PATIENT)
    const versions = { version: CLIENT, oldest_client: OLDEST, client_version: CLIENT }
    expect(JSON.parse(again.stdout)).toMatchObject({ applied: [], ...versions, locks_out_below: null })
    expect(await sql('SELECT oldest_client FROM presence_migrations ORDER BY version DESC LIMIT 1')).toEqual([
      { oldest_client: OLDEST },
    ])
  })

  it('does not mention clients if a new board locks out none', async () => {
    const { dsn } = await newDatabase()
    const { stdout } = await presence(['migrate', '--json', '--dsn', dsn], PATIENT)
    expect(JSON.parse(stdout)).toMatchObject({ oldest_client: OLDEST, locks_out_below: null })
  })

  it('is recommended by a board without the schema, or with an older one, and nothing is written', async () => {
    const { dsn, sql } = await newDatabase()
    const claim = () => presenceOn(dsn, 'ana')('claim', 'node:a', '--purpose', 'p')
    expect((await claim()).stderr).toContain('run: presence migrate')

    await migrate({ dsn, env: {} })
    await sql(
      'DELETE FROM presence_migrations WHERE version = 1',
      'ALTER TABLE presence_claims DROP COLUMN ttl_seconds',
      'ALTER TABLE presence_claims DROP COLUMN lapsed_at',
    )
    const older = await claim()

    expect(older).toMatchObject({ status: 2, stdout: '' })
    expect(older.stderr).toMatch(/older schema.*\n.*run: presence migrate/)
    expect(await sql('SELECT * FROM presence_claims')).toEqual([])
  })
})
