import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import type { RowDataPacket } from 'mysql2/promise'
import { describe, expect, it, onTestFinished } from 'vitest'
import { presence } from './support/cli.ts'
import { mariadb } from './support/mariadb.ts'
import { CLAIM, deliveredIn, line, newUser, queue } from './support/queue-file.ts'
import { rounds } from './support/rounds.ts'
import { describeEachEngine, newBoardOn } from './support/servers.ts'
import { SqlServer } from './support/sql-server.ts'
import { killQueries } from './support/storm.ts'
import { until } from './support/until.ts'

const LABELS = Array.from({ length: 40 }, (_, at) => `node:${at}`)
const claimOf = (label: string) => line('claim', { label, purpose: 'p', ttlSeconds: 3_600 }, Date.now())

type User = ReturnType<typeof newUser>

/** A board that records the order in which claims are written, and a user with 40 claims in the outbox. */
async function withQueue(server: SqlServer) {
  const { dsn, database } = await newBoardOn(server.port)
  await server.sql(
    database,
    'CREATE TABLE audit (at INT PRIMARY KEY AUTO_INCREMENT, label VARCHAR(255))',
    `CREATE TRIGGER on_insert AFTER INSERT ON presence_claims FOR EACH ROW
     INSERT INTO audit (label) VALUES (NEW.resource_label)`,
  )
  const user = newUser(dsn)
  queue(user.queueFile, LABELS.map(claimOf))
  const written = async () =>
    (await server.sql(database, 'SELECT label FROM audit ORDER BY at')).map(row => row['label'])
  return { user, database, written }
}

const deadLetters = (user: User) => user.queueFile.replace('.jsonl', '.damaged.jsonl')

describeEachEngine(
  'G7: the outbox is delivered once and in order, and nothing becomes a dead letter,',
  engine => {
    const faults: readonly (readonly [string, (server: SqlServer, database: string) => Promise<void>])[] = [
      ['while each of its statements may be killed (KILL QUERY)', server => killQueries(server, 1_500)],
      [
        'while its server is shut down and started again',
        async server => {
          await server.terminate()
          await server.run()
        },
      ],
      [
        'while another tool alters its tables',
        async (server, database) => {
          const change =
            engine.name === 'Dolt'
              ? ["CALL DOLT_COMMIT('-Am', 'x', '--allow-empty')", 'CALL DOLT_GC()']
              : [
                  'ALTER TABLE presence_claims ADD COLUMN extra INT',
                  'ALTER TABLE presence_claims DROP COLUMN extra',
                ]
          // The other tool's result does not matter here.
          for (let times = 0; times < 8; times++) await server.sql(database, ...change).catch(() => {})
        },
      ],
    ]
    it.each(faults)('%s', async (_, fault) => {
      const server = await engine.start()
      onTestFinished(() => server.stop())
      let wasHit = false
      // The fault comes at once or amid the deliveries, in turn.
      const round = async (at: number) => {
        const { user, database, written } = await withQueue(server)
        let isOver = false
        const syncing = user.sync('ana').finally(() => {
          isOver = true
        })
        if (at % 2) await until('the first delivery', async () => isOver || (await written()).length > 0)
        wasHit ||= at % 2 === 1 && !isOver
        const faulty = fault(server, database)
        const first = await syncing
        await faulty
        const said = first.stdout + first.stderr + (await user.untilDelivered('ana', 'sync')).said

        expect(said).not.toMatch(/dead letter|dropped/)
        expect(await written()).toEqual(LABELS)
        expect(deliveredIn(said), said).toBe(LABELS.length)
        expect(existsSync(deadLetters(user))).toBe(false)
      }
      await rounds(2, round, () => wasHit)
      expect(wasHit, 'a fault comes amid the deliveries').toBe(true)
    })
  },
)

describeEachEngine('G7: an operation that fails for an unknown reason', engine => {
  /** A trigger of another tool, which fails on one label. */
  const poison = (database: string) => async (statement: string) => {
    const outside = await SqlServer.connectTo(engine.port, { database })
    await outside.query(statement)
    outside.destroy()
  }
  const REFUSE = `CREATE TRIGGER refuses BEFORE INSERT ON presence_claims FOR EACH ROW
    BEGIN IF NEW.resource_label = 'node:poison' THEN
      SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'not this one';
    END IF; END`

  async function poisoned() {
    const { dsn, database } = await newBoardOn(engine.port)
    const sql = poison(database)
    await sql(REFUSE)
    const user = newUser(dsn)
    const bobs = claimOf('node:bobs').replace('"id":"ana"', '"id":"bob"')
    queue(user.queueFile, [claimOf('node:first'), claimOf('node:poison'), claimOf('node:behind'), bobs])
    const labels = async () => {
      const { stdout } = await user.as('eve', 'list', '--json')
      return (JSON.parse(stdout) as { resource_label: string }[]).map(each => each.resource_label).sort()
    }
    return { user, sql, labels }
  }

  it('stays in the outbox with its session’s later operations, blocks no other session, and is delivered once possible', async () => {
    const { user, sql, labels } = await poisoned()
    const said = await user.sync('ana')
    expect(said.stdout + said.stderr).toContain('not this one')
    expect(said.stdout + said.stderr).not.toContain('dead letter')
    expect(await labels()).toEqual(['node:bobs', 'node:first'])
    const later = await user.as('ana', ...CLAIM('node:later'))
    expect(later.stderr).toMatch(/queued/)
    expect((await user.as('bob', ...CLAIM('node:bobs-too'))).stdout).toMatch(
      /^presence: claimed node:bobs-too until .*\n$/,
    )
    expect((await user.as('ana', 'doctor')).stdout).toMatch(
      /an operation failed (once|\d+ times) since .*not this one/,
    )

    await sql('DROP TRIGGER refuses')
    await user.untilDelivered('ana', 'sync')
    expect(await labels()).toEqual(
      ['node:behind', 'node:bobs', 'node:bobs-too', 'node:first', 'node:later', 'node:poison'].sort(),
    )
    expect(existsSync(deadLetters(user))).toBe(false)
  })

  it('becomes a dead letter after a long time on a board that accepts others, is named, and can be retried', async () => {
    const { user, sql, labels } = await poisoned()
    await user.sync('ana')
    const file = user.queueFile.replace('.jsonl', '.failures')
    const [[id, failing] = ['', {}]] = Object.entries(JSON.parse(readFileSync(file, 'utf8')) as object)
    const long = { ...failing, since: Date.now() - 11 * 60_000, tries: 10 }
    writeFileSync(file, JSON.stringify({ [id]: long }))

    const { stdout } = await user.sync('ana')
    expect(stdout).toMatch(/dead letter: the queued claim on node:poison by ana: .*not this one/)
    expect(stdout).toContain('presence sync --retry-dead-letters')
    expect(await labels()).toEqual(['node:behind', 'node:bobs', 'node:first'])
    expect(readFileSync(deadLetters(user), 'utf8')).toContain('"label":"node:poison"')

    await sql('DROP TRIGGER refuses')
    expect((await user.sync('ana', '--retry-dead-letters')).stdout).toContain('delivered 1 queued')
    expect(await labels()).toContain('node:poison')
    expect(existsSync(deadLetters(user))).toBe(false)
  })
})

describeEachEngine('G7: an operation that the board can never accept', engine => {
  it('becomes a dead letter at once and is named, and what is behind it is delivered', async () => {
    const { dsn, database } = await newBoardOn(engine.port)
    const outside = await SqlServer.connectTo(engine.port, { database })
    await outside.query(
      "ALTER TABLE presence_claims ADD CONSTRAINT never CHECK (resource_label <> 'node:never')",
    )
    await outside.query('ALTER TABLE presence_claims MODIFY purpose VARCHAR(20) NOT NULL')
    outside.destroy()
    const user = newUser(dsn)
    const long = line(
      'claim',
      { label: 'node:l', purpose: 'table not found '.repeat(9), ttlSeconds: 900 },
      Date.now(),
    )
    queue(user.queueFile, [claimOf('node:never'), long, claimOf('node:behind')])

    const { stdout } = await user.sync('ana')
    expect(stdout).toMatch(/dead letter: the queued claim on node:never by ana: .*does not take this/)
    expect(stdout).toMatch(/dead letter: the queued claim on node:l by ana: .*does not take this/)
    expect(stdout).toContain('delivered 1 queued operation')
    // A board that answers refuses it, so it is not stored in the outbox either: nobody could ever deliver
    // it.
    const said = await user.as('ana', ...CLAIM('node:never'))
    expect(said.stderr).toMatch(/does not take this/)
    expect(said.stderr).not.toMatch(/queued|report it/)
  })
})

// Dolt's SIGNAL takes no error number.
describe.skipIf(!mariadb)('G7: a temporary error', () => {
  it.each([
    [1_047, 'a Galera node that is not ready'],
    [1_053, 'a server that shuts down'],
    [1_180, 'a commit that failed'],
    [1_205, 'a wait for a lock'],
    [1_317, 'a killed query'],
    [1_412, 'a table that was altered'],
    [1_969, 'a statement that took too long'],
    [3_024, 'the same on MySQL'],
    [1_815, 'an error that presence does not know'],
  ])(
    '%i, %s, causes no dead letter: everything is delivered later, and a claim made meanwhile goes to the outbox',
    async errno => {
      const { dsn, database } = await newBoardOn(mariadb?.port ?? 0)
      const outside = await SqlServer.connectTo(mariadb?.port ?? 0, { database })
      await outside.query(
        `CREATE TRIGGER fails BEFORE INSERT ON presence_claims FOR EACH ROW
       SIGNAL SQLSTATE 'HY000' SET MYSQL_ERRNO = ${errno}, MESSAGE_TEXT = 'not now'`,
      )
      const user = newUser(dsn)
      queue(user.queueFile, [claimOf('node:a'), claimOf('node:b')])
      const said = await user.sync('ana')
      expect(said.stdout + said.stderr).not.toContain('dead letter')
      const online = await presence(CLAIM('node:c'), {
        env: { ...user.env('ana'), XDG_STATE_HOME: newUser(dsn).folder },
      })
      expect(online.status).toBe(0)
      expect(online.stderr).toMatch(/queued/)
      await outside.query('DROP TRIGGER fails')
      await user.untilDelivered('ana', 'sync')
      const [rows] = await outside.query<RowDataPacket[]>(
        'SELECT resource_label FROM presence_claims ORDER BY resource_label',
      )
      outside.destroy()
      expect(rows.map(row => row['resource_label'])).toEqual(['node:a', 'node:b'])
    },
  )
})
