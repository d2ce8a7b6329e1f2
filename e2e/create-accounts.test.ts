import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type AccountOptions, migrate } from '@presence/core'
import { expect, it } from 'vitest'
import { presence, presenceOn } from './support/cli.ts'
import { newDatabaseName } from './support/dolt.ts'
import { scratchFolder } from './support/scratch.ts'
import { describeEachEngine } from './support/servers.ts'
import { SqlServer } from './support/sql-server.ts'

const ODD = `it's "odd" \\ %_ ü;--`

describeEachEngine('an account that a migration creates', engine => {
  function passwordFile(password: string): string {
    const file = join(scratchFolder(), 'password')
    writeFileSync(file, `${password}\n`)
    return file
  }

  function root(database: string): string {
    return `mysql://root@127.0.0.1:${engine.port}/${database}`
  }

  function migrateWith(database: string, ...accounts: AccountOptions[]) {
    return migrate({ dsn: root(database), env: {}, cwd: '/', createDatabase: true, accounts })
  }

  function names() {
    const database = newDatabaseName()
    return { database, name: `a${database.slice(-10)}` }
  }

  async function sqlAs(user: string, password: string, database: string, ...statements: string[]) {
    const connection = await SqlServer.connectTo(engine.port, { user, password, database })
    try {
      for (const statement of statements) await connection.query(statement)
    } finally {
      connection.destroy()
    }
  }

  it('by the command can make claims, passes the doctor, and may neither drop a table nor read another database', async () => {
    const { database, name } = names()
    const file = passwordFile(ODD)
    const args = ['--dsn', root(database), 'migrate', '--create-database', '--account', `${name}=${file}`]
    const migrated = await presence(args)
    expect(migrated).toMatchObject({ status: 0, stderr: expect.not.stringContaining(ODD) })
    expect(migrated.stdout).toContain(`created or updated the account ${name}`)

    const dsn = `mysql://${name}:${encodeURIComponent(ODD)}@127.0.0.1:${engine.port}/${database}`
    expect(await presenceOn(dsn, 'ana')('claim', 'node:a', '--purpose', 'p')).toMatchObject({
      status: 0,
      stderr: '',
    })
    expect((await presenceOn(dsn, 'ana')('doctor')).stdout).toMatch(/grants/)
    await expect(sqlAs(name, ODD, database, 'DROP TABLE presence_claims')).rejects.toThrow(/denied/i)
    await expect(sqlAs(name, ODD, database, 'DELETE FROM presence_migrations')).rejects.toThrow(/denied/i)
    await expect(sqlAs(name, ODD, 'mysql', 'SELECT * FROM user')).rejects.toThrow(/denied/i)
  })

  it('a second time has the new password, and the old one no longer works', async () => {
    const { database, name } = names()
    await migrateWith(database, { name, passwordFile: passwordFile('first') })
    const second = await migrateWith(database, { name, passwordFile: passwordFile('second') })
    expect(second).toMatchObject({ applied: [], accounts: [name] })
    await expect(sqlAs(name, 'first', database, 'SELECT 1')).rejects.toThrow(/denied/i)
    await sqlAs(name, 'second', database, 'SELECT * FROM presence_claims')
  })

  it('with the rights on a database can do everything there, and nothing elsewhere', async () => {
    const { database, name } = names()
    const tracker = `${database}_t`
    await sqlAs('root', '', 'mysql', `CREATE DATABASE ${tracker}`, `CREATE DATABASE ${database}xt`)
    await migrateWith(database, {
      name,
      passwordFile: passwordFile('p'),
      rights: 'database',
      database: tracker,
    })
    await sqlAs(
      name,
      'p',
      tracker,
      'CREATE TABLE issues (id INT PRIMARY KEY)',
      'INSERT INTO issues VALUES (1)',
    )
    if (engine.name === 'Dolt') await sqlAs(name, 'p', tracker, "CALL DOLT_COMMIT('-Am', 'a task')")
    await expect(sqlAs(name, 'p', database, 'SELECT * FROM presence_claims')).rejects.toThrow(/denied/i)
    // An underscore is taken literally, not as a wildcard.
    await expect(sqlAs(name, 'p', `${database}xt`, 'SELECT 1')).rejects.toThrow(/denied/i)
  })

  it('is refused if the migrating account may not create accounts, with no password in the output', async () => {
    const { database, name } = names()
    await migrateWith(database, { name, passwordFile: passwordFile('own'), rights: 'database' })
    const dsn = `mysql://${name}:own@127.0.0.1:${engine.port}/${database}`
    const file = passwordFile('hunter2-secret')
    const refused = await presence(['--dsn', dsn, 'migrate', '--account', `other=${file}`])
    expect(refused).toMatchObject({ status: 2, stdout: '' })
    expect(refused.stderr).toContain('does not let this account create the account other')
    expect(refused.stderr).not.toContain('hunter2')
    const found = await presence(['--dsn', dsn, '--json', 'migrate', '--account', `other=${file}`])
    expect(found.stdout + found.stderr).not.toContain('hunter2')
  })

  it.each([
    ['a name of two', 'spaced name', 'p', /is not valid/],
    ['an empty name', '', 'p', /is not valid/],
    ['no password', 'fine', '', /is empty/],
    ['a control character in the password', 'fine', 'a\u0007b', /control character/],
  ])('with %s is refused before anything is done', async (_, name, password, reason) => {
    const { database } = names()
    await expect(migrateWith(database, { name, passwordFile: passwordFile(password) })).rejects.toMatchObject(
      {
        code: 'invalid_config',
        message: expect.stringMatching(reason),
      },
    )
    await expect(sqlAs('root', '', database, 'SELECT 1')).rejects.toThrow(/unknown database|not found/i)
  })

  it('is listed by a dry run, even if the database does not exist yet, and nothing is done', async () => {
    const { database, name } = names()
    const file = passwordFile('p')
    const dry = await presence([
      ...['--dsn', root(database), '--json', 'migrate', '--dry-run', '--create-database'],
      ...['--account', `${name}=${file}`],
    ])
    expect(dry.status).toBe(0)
    expect(JSON.parse(dry.stdout)).toMatchObject({
      present: [],
      to_prepare: [`create the database ${database}`],
      accounts: [name],
    })
    await expect(sqlAs(name, 'p', '', 'SELECT 1')).rejects.toThrow(/denied/i)
  })
})
