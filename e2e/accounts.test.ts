import { writeFileSync } from 'node:fs'
import migrations from 'virtual:migrations/mysql'
import { migrate, openBoard } from '@presence/core'
import { expect, it } from 'vitest'
import { presence, presenceOn } from './support/cli.ts'
import { newDatabaseName } from './support/dolt.ts'
import { scratchFolder } from './support/scratch.ts'
import { describeEachEngine, newBoardOn } from './support/servers.ts'
import { SqlServer } from './support/sql-server.ts'

const TAGS = migrations.map(({ tag }) => tag)

describeEachEngine('an account', engine => {
  async function asRoot(...statements: string[]): Promise<void> {
    const connection = await SqlServer.connectTo(engine.port)
    try {
      for (const statement of statements) await connection.query(statement)
    } finally {
      connection.destroy()
    }
  }

  /** Creates an account with these grants and a password, and returns its DSN. */
  async function account(database: string, grants: readonly (readonly [what: string, on: string])[]) {
    const name = `u${database.slice(-10)}`
    await asRoot(
      `CREATE USER ${name}@'%' IDENTIFIED BY 's3cret'`,
      ...grants.map(([what, on]) => `GRANT ${what} ON ${database}.${on} TO ${name}@'%'`),
    )
    return `mysql://${name}:s3cret@127.0.0.1:${engine.port}/${database}`
  }

  const LIMITED = [
    ['SELECT, INSERT, UPDATE, DELETE', 'presence_claims'],
    ['SELECT, INSERT, UPDATE, DELETE', 'presence_replays'],
    ['SELECT, INSERT, UPDATE, DELETE', 'presence_sessions'],
    ['SELECT, INSERT, UPDATE, DELETE', 'presence_session_tokens'],
    ['SELECT, INSERT, UPDATE, DELETE', 'presence_commands'],
    ['SELECT, INSERT, UPDATE', 'presence_locks'],
    ['SELECT, INSERT, UPDATE, DELETE', 'presence_ended'],
    ['SELECT, INSERT, UPDATE, DELETE', 'presence_waiters'],
    ['SELECT, INSERT, DELETE', 'presence_events'],
    ['SELECT, INSERT, DELETE', 'presence_messages'],
    ['SELECT, INSERT, DELETE', 'presence_message_reads'],
    ['SELECT, INSERT, UPDATE', 'presence_components'],
    ['SELECT, INSERT, DELETE', 'presence_component_history'],
    ['SELECT, INSERT, UPDATE, DELETE', 'presence_workflows'],
    ['SELECT, INSERT, UPDATE, DELETE', 'presence_work_items'],
    ['SELECT', 'presence_migrations'],
  ] as const
  const READING = [
    ['SELECT', 'presence_claims'],
    ['SELECT', 'presence_locks'],
    ['SELECT', 'presence_ended'],
    ['SELECT', 'presence_migrations'],
  ] as const

  it('with the grants in SECURITY.md can do everything but migrate', async () => {
    const { database } = await newBoardOn(engine.port)
    const dsn = await account(database, LIMITED)
    const [ana, bob] = [presenceOn(dsn, 'ana'), presenceOn(dsn, 'bob')]
    const done = { status: 0, stderr: '' }

    expect(await ana('claim', 'node:a', '--purpose', 'p')).toMatchObject(done)
    expect((await bob('claim', 'node:a', '--purpose', 'q')).stdout).toContain('ana')
    expect(await bob('heartbeat')).toMatchObject({ status: 0, stdout: expect.stringContaining('extended 1') })
    expect((await bob('list')).stdout).toMatch(/ana.*\n.*bob/)
    expect(await bob('peek', 'node:a')).toMatchObject({ status: 0 })
    expect(await bob('release', '--all-mine')).toMatchObject(done)
    // A claim prunes now and then, so rows that lapsed long ago are deleted eventually.
    await asRoot(`UPDATE ${database}.presence_claims SET expires_at = '2000-01-01'`)
    await using board = await openBoard({ dsn, session: 'eve', env: {} })
    await expect
      .poll(
        async () => {
          await board.claim('db:b', { purpose: 'p' })
          return rowsOf(database)
        },
        // On a busy machine, pruning may fail by its deadline, and then the next one comes after a minute.
        { timeout: 180_000, interval: 1 },
      )
      .toBe(1)
  })

  async function rowsOf(database: string): Promise<number> {
    const connection = await SqlServer.connectTo(engine.port, { database })
    try {
      const [rows] = await connection.query('SELECT session_id FROM presence_claims')
      return (rows as unknown[]).length
    } finally {
      connection.destroy()
    }
  }

  it('with those grants is told by migrate what it lacks, and nothing is changed', async () => {
    const database = newDatabaseName()
    await asRoot(
      `CREATE DATABASE ${database}`,
      `USE ${database}`,
      'CREATE TABLE presence_claims (x INT)',
      'CREATE TABLE presence_replays (x INT)',
      'CREATE TABLE presence_sessions (x INT)',
      'CREATE TABLE presence_session_tokens (x INT)',
      'CREATE TABLE presence_commands (x INT)',
      'CREATE TABLE presence_locks (x INT)',
      'CREATE TABLE presence_ended (x INT)',
      'CREATE TABLE presence_waiters (x INT)',
      'CREATE TABLE presence_events (x INT)',
      'CREATE TABLE presence_messages (x INT)',
      'CREATE TABLE presence_message_reads (x INT)',
      'CREATE TABLE presence_components (x INT)',
      'CREATE TABLE presence_component_history (x INT)',
      'CREATE TABLE presence_workflows (x INT)',
      'CREATE TABLE presence_work_items (x INT)',
      'CREATE TABLE presence_migrations (version INT, tag TEXT, oldest_client INT)',
    )
    const dsn = await account(database, LIMITED)

    for (const args of [['migrate'], ['migrate', '--strict']]) {
      const said = await presence([...args, '--dsn', dsn])
      expect(said).toMatchObject({ status: 2, stdout: '' })
      expect(said.stderr).toMatch(/denies this account a statement that migrating needs: \w+/)
      expect(said.stderr).toContain(`hint: run presence migrate as an account with every privilege`)
      expect(said.stderr).toContain(`GRANT ALL ON \`${database}\`.*`)
      expect(said.stderr).not.toContain('s3cret')
    }
    expect(await rowsOf(database).catch(({ message }) => message)).toMatch(/session_id/)
  })

  it('with every privilege on the database, and on nothing else, can migrate it', async () => {
    const database = newDatabaseName()
    await asRoot(`CREATE DATABASE ${database}`)
    const dsn = await account(database, [['ALL PRIVILEGES', '*']])

    expect(await migrate({ dsn, env: {} })).toMatchObject({ applied: TAGS })
    expect((await presenceOn(dsn, 'ana')('claim', 'node:a', '--purpose', 'p')).stderr).toBe('')
  })

  it('that may not create a database is told so', async () => {
    const { database } = await newBoardOn(engine.port)
    const dsn = await account(database, LIMITED)

    const said = await presence([
      'migrate',
      '--create-database',
      '--dsn',
      dsn.replace(database, `${database}x`),
    ])

    expect(said.status).toBe(2)
    expect(said.stderr).toContain(
      `a statement that migrating needs: CREATE DATABASE IF NOT EXISTS ${database}x`,
    )
  })

  it('that may only read can read, and is told that the rest is denied', async () => {
    const { dsn: root, database } = await newBoardOn(engine.port)
    await presenceOn(root, 'ana')('claim', 'node:a', '--purpose', 'p')
    const dsn = await account(database, READING)
    const bob = presenceOn(dsn, 'bob')

    expect((await bob('list')).stdout).toContain('ana')
    expect((await bob('peek', 'node:a')).stdout).toContain('ana')
    for (const verb of [['claim', 'node:b', '--purpose', 'p'], ['heartbeat']]) {
      const said = await bob(...verb, '--json', '--strict')
      expect(said.status).toBe(2)
      expect(JSON.parse(said.stdout)).toMatchObject({
        error: {
          code: 'access_denied',
          message: expect.stringMatching(/denied to user/),
          remedy: expect.stringContaining('grant SELECT, INSERT, UPDATE, DELETE on presence_claims'),
        },
      })
      expect(said.stderr).not.toContain('s3cret')
    }
  })

  it('that can see no table of the board except the migrations is reported as broken by doctor', async () => {
    const { database } = await newBoardOn(engine.port)
    const dsn = await account(database, [['SELECT', 'presence_migrations']])

    const said = await presence(['doctor', '--dsn', dsn], { env: { PRESENCE_SESSION_ID: 'ana' } })

    expect(said.status, said.stdout).toBe(2)
    expect(said.stdout).toMatch(
      /broken {2}grants: this account may not SELECT, .* on presence_claims, .*GRANT SELECT, /,
    )
    expect(said.stdout).toMatch(/1 thing is broken\n$/)
  })

  it('with a wrong password, or without rights on the database, is denied', async () => {
    const { database } = await newBoardOn(engine.port)
    const dsn = await account(database, LIMITED)
    const { database: other } = await newBoardOn(engine.port)
    for (const [wrong, text] of [
      [dsn.replace('s3cret', 'wr0ng'), /denies access: wrong user or password/],
      [dsn.replace(database, other), /denies this account/],
    ] as const) {
      const said = await presenceOn(wrong, 'ana')('list')
      expect(said).toMatchObject({ status: 2, stdout: '' })
      expect(said.stderr).toMatch(text)
      expect(said.stderr).not.toMatch(/s3cret|wr0ng/)
    }
  })

  it.each(['PRESENCE_PASSWORD', 'PRESENCE_PASSWORD_FILE', 'password-file'] as const)(
    'gets its password from %s',
    async from => {
      const { database } = await newBoardOn(engine.port)
      const dsn = (await account(database, LIMITED)).replace(':s3cret', '')
      const file = `${scratchFolder()}/password`
      writeFileSync(file, 's3cret\n')
      const PRESENCE_DSN = from === 'password-file' ? `${dsn}?password-file=${file}` : dsn
      const variable =
        from === 'password-file' ? {} : { [from]: from === 'PRESENCE_PASSWORD' ? 's3cret' : file }

      const said = await presence(['list'], { env: { PRESENCE_DSN, ...variable } })

      expect(said).toEqual({ status: 0, stdout: 'presence: no active claims\n', stderr: '' })
    },
  )
})
