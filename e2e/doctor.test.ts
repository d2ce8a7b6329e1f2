import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { presence } from './support/cli.ts'
import { dolt, newBoardOnDolt, newDatabaseName, startDolt } from './support/dolt.ts'
import { DoltServer } from './support/dolt-server.ts'
import { OLD_TABLE } from './support/old-board.ts'
import { until } from './support/until.ts'

interface Found {
  readonly status: number | null
  /** Findings other than ok, as `status check: message`. */
  readonly amiss: readonly string[]
  readonly remedies: string
}

/** The findings of `doctor`. Repeats it until a busy machine has let it ask everything within its time. */
function doctor(dsn: string): Promise<Found> {
  return until('doctor to have asked everything', async () => {
    const said = await presence(['doctor', '--json', '--dsn', dsn], { env: { PRESENCE_SESSION_ID: 'ana' } })
    const { findings } = JSON.parse(said.stdout) as { findings: Record<string, string>[] }
    const amiss = findings.filter(finding => finding['status'] !== 'ok')
    const found = {
      status: said.status,
      amiss: amiss.map(finding => `${finding['status']} ${finding['check']}: ${finding['message']}`),
      remedies: amiss.map(finding => finding['remedy']).join('\n'),
    }
    return !found.amiss.some(each => each.includes('took longer than')) && found
  })
}

async function on(database: string | undefined, ...statements: string[]): Promise<void> {
  const connection = await DoltServer.connectTo(dolt?.port ?? 0, database === undefined ? {} : { database })
  try {
    for (const statement of statements) await connection.query(statement)
  } finally {
    connection.destroy()
  }
}

const as = (dsn: string, account: string) => dsn.replace('root@', `${account}@`)

describe.skipIf(!dolt)('presence doctor on Dolt', () => {
  it('finds no fault with a migrated board, and names engine, version and branch', async () => {
    const { dsn } = await newBoardOnDolt()
    const said = await presence(['doctor', '--dsn', dsn], { env: { PRESENCE_SESSION_ID: 'ana' } })
    expect(said).toMatchObject({ status: 0, stderr: '' })
    expect(said.stdout).toMatch(/ok {6}board: Dolt \d+\.\d+\.\d+ at 127/)
    expect(said.stdout).toMatch(/ok {6}branch: main/)
    expect(said.stdout).not.toMatch(/note|broken {2}/)
  })

  it('reports a server without the database, or without the board, as broken', async () => {
    const database = newDatabaseName()
    const dsn = `mysql://root@127.0.0.1:${dolt?.port}/${database}`
    expect(await doctor(dsn)).toMatchObject({
      status: 2,
      amiss: [expect.stringMatching(/^broken board: .*a database that the server lacks/)],
      remedies: expect.stringContaining('--create-database'),
    })
    await on(undefined, `CREATE DATABASE ${database}`)
    const { status, amiss, remedies } = await doctor(dsn)
    expect(status).toBe(2)
    expect(amiss).toContainEqual(expect.stringMatching(/^broken schema: missing/))
    expect(remedies).toContain('presence migrate')
  })

  it('reports an older, a newer and an unadopted schema as broken', async () => {
    const { dsn, database } = await newBoardOnDolt()
    await on(database, `INSERT INTO presence_migrations VALUES (99, '0099_later', 'x', UTC_TIMESTAMP(3), 99)`)
    expect((await doctor(dsn)).amiss).toEqual([expect.stringMatching(/^broken schema: newer .*0099_later/)])
    await on(database, 'DELETE FROM presence_migrations WHERE version > 0')
    expect((await doctor(dsn)).amiss).toEqual([expect.stringMatching(/^broken schema: older .*0001/)])

    const old = newDatabaseName()
    await on(undefined, `CREATE DATABASE ${old}`)
    await on(old, OLD_TABLE)
    const { status, amiss } = await doctor(`mysql://root@127.0.0.1:${dolt?.port}/${old}`)
    expect(status).toBe(2)
    expect(amiss).toContainEqual(expect.stringMatching(/^broken schema: .*older tool/))
  })

  it('reports a tracked table, and a missing or uncommitted ignore pattern, as broken', async () => {
    const { dsn, database } = await newBoardOnDolt()
    await on(database, `CALL DOLT_ADD('--force', 'presence_claims')`)
    expect(await doctor(dsn)).toMatchObject({
      status: 3,
      amiss: [expect.stringMatching(/^broken ignored: in Dolt's commit history, or staged.*presence_claims/)],
      remedies: 'run: presence migrate',
    })

    const other = await newBoardOnDolt()
    await on(other.database, 'DELETE FROM dolt_ignore', `CALL DOLT_COMMIT('-am', 'ignore nothing')`)
    await on(other.database, `INSERT INTO dolt_ignore VALUES ('presence_%', true)`)
    expect((await doctor(other.dsn)).amiss).toEqual([
      expect.stringMatching(/^broken ignored: .* no committed entry/),
    ])
  })

  it('reports an account that may only read as broken, and writes nothing to find that out', async () => {
    const { dsn, database } = await newBoardOnDolt()
    const account = `ro_${database}`.slice(0, 30)
    await on(undefined, `CREATE USER '${account}'@'%'`, `GRANT SELECT ON ${database}.* TO '${account}'@'%'`)
    expect(await doctor(as(dsn, account))).toMatchObject({
      status: 2,
      amiss: [expect.stringMatching(/^broken grants: .*INSERT, UPDATE, DELETE/)],
      remedies: expect.stringContaining('GRANT INSERT, UPDATE, DELETE'),
    })
  })

  it('reports an account that lacks a table as broken, and otherwise only notes that it can’t see what is ignored', async () => {
    const { dsn, database } = await newBoardOnDolt()
    const account = `claims_${database}`.slice(0, 30)
    await on(
      undefined,
      `CREATE USER '${account}'@'%'`,
      `GRANT SELECT, INSERT, UPDATE, DELETE ON ${database}.presence_claims TO '${account}'@'%'`,
      `GRANT SELECT ON ${database}.presence_migrations TO '${account}'@'%'`,
    )
    expect(await doctor(as(dsn, account))).toMatchObject({
      status: 2,
      amiss: [
        expect.stringMatching(/^note ignored/),
        expect.stringMatching(/^broken grants: .*presence_replays.*presence_messages/),
      ],
    })
    await on(
      undefined,
      `GRANT SELECT, INSERT, UPDATE, DELETE ON ${database}.presence_replays TO '${account}'@'%'`,
      `GRANT SELECT, INSERT, UPDATE, DELETE ON ${database}.presence_sessions TO '${account}'@'%'`,
      `GRANT SELECT, INSERT, UPDATE, DELETE ON ${database}.presence_session_tokens TO '${account}'@'%'`,
      `GRANT SELECT, INSERT, UPDATE, DELETE ON ${database}.presence_commands TO '${account}'@'%'`,
      `GRANT SELECT, INSERT, UPDATE ON ${database}.presence_locks TO '${account}'@'%'`,
      `GRANT SELECT, INSERT, UPDATE, DELETE ON ${database}.presence_ended TO '${account}'@'%'`,
      `GRANT SELECT, INSERT, UPDATE, DELETE ON ${database}.presence_waiters TO '${account}'@'%'`,
      `GRANT SELECT, INSERT, DELETE ON ${database}.presence_events TO '${account}'@'%'`,
      `GRANT SELECT, INSERT, DELETE ON ${database}.presence_messages TO '${account}'@'%'`,
      `GRANT SELECT, INSERT, DELETE ON ${database}.presence_message_reads TO '${account}'@'%'`,
      `GRANT SELECT, INSERT, UPDATE ON ${database}.presence_components TO '${account}'@'%'`,
      `GRANT SELECT, INSERT, DELETE ON ${database}.presence_component_history TO '${account}'@'%'`,
      `GRANT SELECT, INSERT, UPDATE, DELETE ON ${database}.presence_workflows TO '${account}'@'%'`,
      `GRANT SELECT, INSERT, UPDATE, DELETE ON ${database}.presence_work_items TO '${account}'@'%'`,
    )
    expect(await doctor(as(dsn, account))).toMatchObject({
      status: 0,
      amiss: [expect.stringMatching(/^note ignored: this account has no right to see/)],
    })
  })

  it('notes a database that is shared with other tables', async () => {
    const { dsn, database } = await newBoardOnDolt()
    await on(database, 'CREATE TABLE issues (id INT PRIMARY KEY)')
    expect(await doctor(dsn)).toMatchObject({
      status: 0,
      amiss: [expect.stringMatching(/^note sharing: .*issues/)],
      remedies: expect.stringContaining('database of its own'),
    })
  })

  it('notes a board on a branch that only this DSN names', async () => {
    const { dsn, database } = await newBoardOnDolt()
    await on(database, `CALL DOLT_BRANCH('work')`)
    const { amiss } = await doctor(`${dsn}?branch=work`)
    expect(amiss).toContainEqual(expect.stringMatching(/^note branch: on work/))
  })
})

describe.skipIf(!dolt)('presence doctor on a Dolt server of its own', () => {
  let server: DoltServer
  let dsn: string
  beforeAll(async () => {
    // A child process takes the time zone from its environment.
    const { TZ } = process.env
    process.env['TZ'] = 'America/New_York'
    server = await startDolt().finally(() => {
      if (TZ === undefined) delete process.env['TZ']
      else process.env['TZ'] = TZ
    })
    dsn = (await newBoardOnDolt(server.port)).dsn
  })
  afterAll(() => server.stop())

  it('G8: notes a server that doesn’t run in UTC', async () => {
    expect(await doctor(dsn)).toMatchObject({
      status: 0,
      amiss: [expect.stringMatching(/^note zone: the server runs [45]:00 h behind UTC/)],
      remedies: expect.stringContaining('TZ=UTC'),
    })
  })

  it('G7: reports a frozen server as broken, with exit code 3, within 3 s', async () => {
    server.freeze()
    try {
      expect(await doctor(dsn)).toMatchObject({
        status: 3,
        amiss: [expect.stringMatching(/^broken board: .*unreachable/)],
      })
    } finally {
      server.thaw()
    }
  })
})
