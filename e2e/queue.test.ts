import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import type { RowDataPacket } from 'mysql2'
import { expect, it } from 'vitest'
import { PRESENCE } from './support/cli.ts'
import { CLAIM, line, newUser, queue } from './support/queue-file.ts'
import { rounds } from './support/rounds.ts'
import { scratchFolder } from './support/scratch.ts'
import { describeEachEngine, type EngineUnderTest, newBoardOn } from './support/servers.ts'
import { SqlServer } from './support/sql-server.ts'
import { until } from './support/until.ts'

async function withServer(
  engine: EngineUnderTest,
  test: (server: SqlServer, dsn: string) => Promise<void>,
): Promise<void> {
  const server = await engine.start()
  try {
    await test(server, (await newBoardOn(server.port)).dsn)
  } finally {
    await server.stop()
  }
}

/** Starts a server again, and waits until it answers in time: a cold server's first answers may be late. */
async function startAgain(server: SqlServer, dsn: string): Promise<void> {
  await server.run()
  const other = newUser(dsn)
  await until('an answer', async () => (await other.as('eve', 'list', '--strict')).status === 0)
}

describeEachEngine('G7: a call that could not reach the server', engine => {
  it('is stored in the outbox, and delivered in order and with its own time before the next call', async () => {
    await withServer(engine, async (server, dsn) => {
      const user = newUser(dsn)
      await server.kill()
      for (const args of [CLAIM('node:a'), CLAIM('node:b'), ['heartbeat'], ['release', 'node:b']]) {
        const said = await user.as('ana', ...args)
        expect(said).toMatchObject({ status: 0, stdout: '' })
        expect(said.stderr).toMatch(/(warning|NOT claimed \S+): dolt unreachable.*\n.*\n.*queued/)
      }
      const saidBy = Date.now()
      await server.run()

      const { stdout, delivered } = await user.untilDelivered('bob', 'list', '--json')

      const claims = JSON.parse(stdout) as {
        resource_label: string
        session_id: string
        claimed_at: string
      }[]
      expect(claims.map(claim => [claim.resource_label, claim.session_id])).toEqual([['node:a', 'ana']])
      expect(Date.parse(claims[0]?.claimed_at ?? '')).toBeLessThanOrEqual(saidBy)
      expect(delivered).toBe(4)
      expect((await user.as('ana', 'sync')).stdout).toBe('presence: the outbox is empty\n')
    })
  })

  it('is stored for messages and components too: each is there later, once, with its original time', async () => {
    await withServer(engine, async (server, dsn) => {
      const user = newUser(dsn)
      await server.kill()
      const shop = ['--project', 'shop']
      for (const args of [
        ['message', 'send', '--to', 'bob', '--subject', 's', 'said offline'],
        ['component', 'set', 'server', 'built', '1.0', ...shop],
      ])
        expect(await user.as('ana', ...args)).toMatchObject({
          status: 0,
          stdout: '',
          stderr: expect.stringMatching(/(warning|NOT claimed \S+): dolt unreachable.*\n.*\n.*queued/),
        })
      const work = await user.as('ana', 'item', 'add', 'not queued', ...shop)
      expect(work).toMatchObject({ status: 0, stderr: expect.not.stringContaining('queued') })
      const saidBy = Date.now()
      await server.run()

      const { stdout, delivered } = await user.untilDelivered('bob', 'message', 'inbox', '--json')
      const { messages } = JSON.parse(stdout) as { messages: { sent_at: string }[] }
      expect(messages).toMatchObject([{ from_session: 'ana', body: 'said offline' }])
      expect(Date.parse(messages[0]?.sent_at ?? '')).toBeLessThanOrEqual(saidBy)
      expect(delivered).toBe(2)
      expect((await user.as('bob', 'component', 'list', ...shop)).stdout).toMatch(
        /server +built +1\.0 +shop +ana/,
      )
    })
  })

  // Only Dolt has branches.
  if (engine.name === 'Dolt')
    it('is delivered to its own branch, and to no other', async () => {
      await withServer(engine, async (server, dsn) => {
        await server.sql(dsn.split('/').at(-1), "CALL DOLT_BRANCH('work')")
        const state = scratchFolder()
        const [onWork, onMain] = [newUser(`${dsn}?branch=work`, state), newUser(dsn, state)]
        expect((await onWork.as('ana', 'migrate')).status).toBe(0)
        await server.kill()
        await onWork.as('ana', ...CLAIM('node:work'))
        await startAgain(server, dsn)

        expect(await onMain.as('ana', 'list')).toMatchObject({
          stdout: 'presence: no active claims\n',
          stderr: '',
        })
        const { stdout, delivered } = await onWork.untilDelivered('ana', 'list')
        expect(stdout).toContain('node:work')
        expect(delivered).toBe(1)
      })
    })

  it('is reported to both sides if it turns out to be a co-claim', async () => {
    await withServer(engine, async (server, dsn) => {
      const [away, there] = [newUser(dsn.replace('127.0.0.1', 'localhost')), newUser(dsn)]
      await server.kill()
      await away.as('ana', ...CLAIM('node:a'))
      await startAgain(server, dsn)
      expect((await there.as('bob', ...CLAIM('node:a'))).stdout).toMatch(
        /^presence: claimed node:a until .*\n$/,
      )

      expect((await away.untilDelivered('ana', 'sync')).said).toContain(
        'node:a, which you hold, is also claimed by bob',
      )
      expect((await there.as('bob', 'heartbeat')).stdout).toContain(
        'node:a, which you hold, is also claimed by ana',
      )
    })
  })

  it('is dropped and named if it has expired in the meantime', async () => {
    const { dsn } = await newBoardOn(engine.port)
    const user = newUser(dsn)
    queue(user.queueFile, [
      line('claim', { label: 'node:gone', purpose: 'p', ttlSeconds: 60 }, Date.now() - 61_000),
    ])

    const { stdout } = await user.as('ana', 'sync')

    expect(stdout).toMatch(
      /the claim of ana on node:gone, made at .* UTC, was dropped, because it had expired/,
    )
    expect((await user.as('ana', 'list')).stdout).toBe('presence: no active claims\n')
  })

  it('is not stored under --strict, if it is invalid, or if it only reads', async () => {
    const user = newUser('mysql://root@127.0.0.1:1/none')
    expect((await user.as('ana', ...CLAIM('node:a'), '--strict')).status).toBe(3)
    expect((await user.as('ana', 'claim', 'nod:a', '--purpose', 'p')).status).toBe(2)
    expect((await user.as('ana', 'list')).stderr).not.toContain('queued')
    expect(user.files().filter(file => file.endsWith('.jsonl'))).toEqual([])
  })

  it('is counted by doctor, which names the command that delivers it', async () => {
    const user = newUser('mysql://root@127.0.0.1:1/none')
    for (const label of ['node:a', 'node:b']) await user.as('ana', ...CLAIM(label))

    const { stdout } = await user.as('ana', 'doctor')

    expect(stdout).toMatch(/note +outbox: 2 operations in the outbox wait to be delivered.*presence sync/)
  })

  it('is readable only by its user', async () => {
    const user = newUser('mysql://root@127.0.0.1:1/none')
    await user.as('ana', ...CLAIM('node:a'))
    for (const file of user.files().filter(name => name.endsWith('.jsonl')))
      expect(statSync(join(user.folder, file)).mode & 0o777).toBe(0o600)
    expect(statSync(user.folder).mode & 0o777).toBe(0o700)
  })

  it('is delivered despite a damaged line, which becomes a dead letter and is reported', async () => {
    const { dsn } = await newBoardOn(engine.port)
    const user = newUser(dsn)
    const good = (label: string) => line('claim', { label, purpose: 'p', ttlSeconds: 900 }, Date.now())
    queue(user.queueFile, [good('node:a'), '{"id":"half', good('node:b')])

    const { stdout } = await user.as('ana', 'sync')

    expect(stdout).toContain('delivered 2 queued operations')
    expect(stdout).toContain('dead letter: a line of the outbox')
    expect(readFileSync(user.queueFile.replace('.jsonl', '.damaged.jsonl'), 'utf8')).toBe('{"id":"half\n')
  })

  it('reports a full outbox, and nothing in it is lost', async () => {
    const user = newUser('mysql://root@127.0.0.1:1/none')
    const long = { label: 'node:a', purpose: 'x'.repeat(4_000), ttlSeconds: 900 }
    queue(
      user.queueFile,
      Array.from({ length: 1_200 }, () => line('claim', long, Date.now())),
    )
    const before = statSync(user.queueFile).size

    const { stderr } = await user.as('ana', ...CLAIM('node:b'))

    expect(stderr).not.toContain('it is queued')
    const left = user
      .files()
      .filter(file => file.endsWith('.jsonl'))
      .map(file => statSync(join(user.folder, file)).size)
    expect(Math.max(...left)).toBe(before)
  })

  it('is done exactly once and in order, for a thousand operations by processes that are killed at any moment', async () => {
    const { dsn, database } = await newBoardOn(engine.port)
    const outside = await SqlServer.connectTo(engine.port, { database })
    await outside.query('CREATE TABLE audit (at INT PRIMARY KEY AUTO_INCREMENT, label VARCHAR(255))')
    for (const when of ['INSERT', 'UPDATE'])
      await outside.query(
        `CREATE TRIGGER on_${when} AFTER ${when} ON presence_claims FOR EACH ROW
         INSERT INTO audit (label) VALUES (NEW.resource_label)`,
      )
    const user = newUser(dsn)
    const labels = Array.from({ length: 1_000 }, (_, at) => `node:${at}`)
    queue(
      user.queueFile,
      labels.map(label => line('claim', { label, purpose: 'p', ttlSeconds: 86_400 }, Date.now())),
    )

    const written = async () => {
      const [[row]] = await outside.query<RowDataPacket[]>('SELECT COUNT(*) AS written FROM audit')
      return Number(row?.['written'])
    }
    let delivered = 0
    // It is killed at any moment and once it has delivered something, in turn.
    const round = async (at: number) => {
      const [end, enough] = [performance.now() + Math.random() * 400, delivered + Math.random() * 40]
      const isDue = async () => (at % 2 ? (await written()) > enough : performance.now() > end)
      await killedSync(user.env('ana'), isDue)
      delivered = await written()
    }
    await rounds(25, round, () => delivered > 0)
    expect(delivered, 'by killed processes').toBeGreaterThan(0)
    await Promise.all([user.sync('ana'), user.sync('ana'), user.sync('ana')])
    await user.untilDelivered('ana', 'sync')

    const [rows] = await outside.query<RowDataPacket[]>('SELECT label FROM audit ORDER BY at')
    outside.destroy()
    expect(rows.map(row => row['label'])).toEqual(labels)
  })
})

/** Starts a replay and kills it when that is due, whatever it is doing. */
async function killedSync(
  env: Readonly<Record<string, string>>,
  isDue: () => Promise<boolean>,
): Promise<void> {
  const child = spawn(PRESENCE, ['sync'], { env: { PATH: process.env['PATH'], ...env }, stdio: 'ignore' })
  const ended = once(child, 'exit')
  await until('its moment', async () => child.exitCode !== null || (await isDue()))
  child.kill('SIGKILL')
  await ended
}
