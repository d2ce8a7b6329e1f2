import { openBoard } from '@presence/core'
import { describe, expect, it } from 'vitest'
import { isAwaited, PacketProxy } from '../bench/packet-proxy.ts'
import { presence, presenceOn } from './support/cli.ts'
import { dolt, newDatabaseName } from './support/dolt.ts'
import { mariadb, startMariadb } from './support/mariadb.ts'
import { describeEachEngine, newBoardOn } from './support/servers.ts'
import { SqlServer } from './support/sql-server.ts'

describeEachEngine('a command', engine => {
  it('makes one connection and waits for few requests, even when claim and release write their event', async () => {
    const { dsn } = await newBoardOn(engine.port)
    await using proxy = await PacketProxy.before(engine.port)
    const through = dsn.replace(`:${engine.port}/`, `:${proxy.port}/`)
    for (const verb of [
      ['claim', 'node:a', '--purpose', 'p'],
      ['heartbeat'],
      ['peek', 'node:a'],
      ['list'],
      ['release', 'node:a'],
    ]) {
      const before = proxy.connections
      proxy.take()
      expect(await presenceOn(through, 'ana')(...verb)).toMatchObject({ status: 0, stderr: '' })
      expect(proxy.connections - before, verb[0]).toBe(1)
      const most = verb[0] === 'claim' || verb[0] === 'release' ? 3 : 2
      expect(proxy.take().filter(isAwaited).length, verb[0]).toBeLessThanOrEqual(most)
    }
  })

  it('that finds no database, or no board, says which, and never names another engine', async () => {
    const database = newDatabaseName()
    const dsn = `mysql://root@127.0.0.1:${engine.port}/${database}`
    const list = async () => (await presenceOn(dsn, 'ana')('list')).stderr

    expect(await list()).toMatch(
      new RegExp(`the board at .*${database} is in a database that the server lacks`),
    )
    const connection = await SqlServer.connectTo(engine.port)
    await connection.query(`CREATE DATABASE ${database}`)
    connection.destroy()
    expect(await list()).toMatch(
      new RegExp(`the board at .*${database} has no tables yet[^]*presence migrate`),
    )
    expect(await list()).not.toMatch(/dolt/i)
  })
})

describe.skipIf(!dolt)('Dolt', () => {
  it('without the branch in the DSN says so, and never that the database is missing', async () => {
    const { dsn, database } = await newBoardOn(dolt?.port ?? 0)
    const verbs = [['list'], ['migrate'], ['migrate', '--create-database']]
    const say = (verb: readonly string[]) => presenceOn(`${dsn}?branch=dev`, 'ana')(...verb)
    for (const verb of [...verbs, ['migrate', '--create-database', '--dry-run']]) {
      const { stdout, stderr } = await say(verb)
      expect(stdout).toBe('')
      expect(stderr).toContain(`the database at ${dsn.replace(/.*@/, '')} has no branch dev\n`)
      expect(stderr).toContain("?branch=<name>), or create it there: CALL DOLT_BRANCH('dev')")
    }

    const connection = await SqlServer.connectTo(dolt?.port ?? 0, { database })
    await connection.query(`CALL DOLT_BRANCH('dev')`)
    connection.destroy()
    for (const verb of verbs) expect((await say(verb)).stderr).not.toContain('no branch')
  })
})

describe.skipIf(!mariadb)('MariaDB', () => {
  const port = mariadb?.port ?? 0

  it('with an empty branch in the DSN works as without, and with a named branch says that it has no branches', async () => {
    const { dsn } = await newBoardOn(port)
    expect(await presenceOn(`${dsn}?branch=`, 'ana')('list')).toMatchObject({ status: 0, stderr: '' })
    for (const args of [['list'], ['migrate'], ['migrate', '--create-database', '--dry-run']])
      expect((await presenceOn(`${dsn}?branch=main`, 'ana')(...args)).stderr).toMatch(
        /names the branch main.* is a MariaDB, which has no branches\n(.*\n)?.*hint: leave \?branch= out/,
      )
  })

  it('creates no database for a DSN with a branch, because it has no branches', async () => {
    const dsn = `mysql://root@127.0.0.1:${port}/${newDatabaseName()}`
    const said = await presenceOn(`${dsn}?branch=dev`, 'ana')('migrate', '--create-database')
    expect(said).toMatchObject({ status: 2, stderr: expect.stringContaining('has no branches') })
    expect((await presenceOn(dsn, 'ana')('list')).stderr).toContain('a database that the server lacks')
  })

  it('that a proxy reports as another version is recognized, even by an account of that database only', async () => {
    const { dsn, database } = await newBoardOn(port)
    const connection = await SqlServer.connectTo(port)
    const name = `u${database.slice(-10)}`
    await connection.query(`CREATE USER ${name}@'%'`)
    await connection.query(
      `GRANT SELECT, INSERT, UPDATE, DELETE ON ${database}.presence_claims TO ${name}@'%'`,
    )
    for (const table of ['locks', 'ended', 'migrations'])
      await connection.query(`GRANT SELECT ON ${database}.presence_${table} TO ${name}@'%'`)
    connection.destroy()
    await using proxy = await PacketProxy.before(port, bytes =>
      Buffer.from(bytes.toString('latin1').replace(/MariaDB/g, 'Unknown'), 'latin1'),
    )
    for (const account of ['root', name]) {
      await using board = await openBoard({
        dsn: dsn.replace('root', account).replace(`:${port}/`, `:${proxy.port}/`),
        session: account,
        env: {},
      })
      const said = await board.claim('node:a', { purpose: 'p' })
      expect(said.ok && said.claim.label).toBe('node:a')
    }
  })

  it('is named by doctor, which finds no fault and mentions nothing of Dolt', async () => {
    const { dsn } = await newBoardOn(port)
    const { status, stdout } = await presence(['doctor', '--dsn', dsn], { within: 10_000 })
    expect(status).toBe(0)
    expect(stdout).toMatch(/board: MariaDB \d+\.\d+.* answers/)
    expect(stdout).toContain('nothing is broken')
    expect(stdout).not.toMatch(/ (branch|ignored): /)
  })

  it.each(['gbk', 'latin2', 'utf16', 'ucs2'])(
    'that uses the character set %s by default answers claims like any other',
    async set => {
      const server = await startMariadb(`--character-set-server=${set}`)
      try {
        const { dsn } = await newBoardOn(server.port)
        const verbs = [
          ['claim', 'node:a', '--purpose', 'größer 🦊'],
          ['claim', 'node:b', '--purpose', 'p', '--exclusive'],
        ]
        for (const verb of verbs)
          expect(await presenceOn(dsn, 'ana')(...verb), verb.join(' ')).toMatchObject({
            status: 0,
            stderr: '',
          })
        expect((await presenceOn(dsn, 'bob')('list')).stdout).toContain('größer 🦊')
      } finally {
        await server.stop()
      }
    },
  )

  it('with another default storage engine gets a board of InnoDB tables', async () => {
    const server = await startMariadb('--default-storage-engine=MyISAM')
    try {
      const { database } = await newBoardOn(server.port)
      const rows = await server.sql(
        undefined,
        `SELECT table_name, engine FROM information_schema.tables WHERE table_schema = '${database}' ORDER BY 1`,
      )
      expect(rows.map(row => Object.values(row).join(' '))).toEqual([
        'presence_claims InnoDB',
        'presence_commands InnoDB',
        'presence_components InnoDB',
        'presence_component_history InnoDB',
        'presence_ended InnoDB',
        'presence_events InnoDB',
        'presence_locks InnoDB',
        'presence_messages InnoDB',
        'presence_message_reads InnoDB',
        'presence_migrations InnoDB',
        'presence_replays InnoDB',
        'presence_sessions InnoDB',
        'presence_session_tokens InnoDB',
        'presence_waiters InnoDB',
        'presence_workflows InnoDB',
        'presence_work_items InnoDB',
      ])
    } finally {
      await server.stop()
    }
  })

  it('that is read-only can be read, and reports that for all writes', async () => {
    const server = await startMariadb()
    try {
      const { dsn, database } = await newBoardOn(server.port)
      await presenceOn(dsn, 'bob')('claim', 'node:a', '--purpose', 'p')
      await server.sql(
        undefined,
        `CREATE USER ana@'%'`,
        `GRANT ALL ON ${database}.* TO ana@'%'`,
        'SET GLOBAL read_only = ON',
      )
      const ana = presenceOn(dsn.replace('root', 'ana'), 'ana')

      expect((await ana('list')).stdout).toContain('bob')
      const said = await ana('claim', 'node:b', '--purpose', 'p')
      expect(said).toMatchObject({ status: 2, stdout: '' })
      expect(said.stderr).toMatch(/the board at .* is read-only(.|\n)*hint: use the primary server/)
    } finally {
      await server.stop()
    }
  })
})
