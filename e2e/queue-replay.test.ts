import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { presence } from './support/cli.ts'
import { extent } from './support/extent.ts'
import { CLAIM, line, newUser, queue } from './support/queue-file.ts'
import { describeEachEngine, newBoardOn } from './support/servers.ts'
import { SqlServer } from './support/sql-server.ts'
import { until } from './support/until.ts'

/** The number of operations. Delivering them takes several times as long as a verb may take. */
const LONG = extent(1_500, 5_000)

describeEachEngine('G7: the outbox', engine => {
  it('leaves no claim on the board that was released right after it was made', async () => {
    const { dsn } = await newBoardOn(engine.port)
    const user = newUser(dsn)
    const at = Date.now() - 1_000
    queue(
      user.queueFile,
      Array.from({ length: 20 }, (_, n) => [
        line('claim', { label: `node:g${n}`, purpose: 'p', ttlSeconds: 900 }, at + n),
        line('release', { label: `node:g${n}` }, at + n),
      ]).flat(),
    )
    await user.untilDelivered('ana', 'sync')
    const nothing = 'presence: no active claims\n'
    await until('an empty board', async () => (await user.as('ana', 'list')).stdout === nothing)
  })

  it("leaves no claim that was released right after it was made, even if this host's clock was set back in between", async () => {
    const { dsn } = await newBoardOn(engine.port)
    const user = newUser(dsn)
    queue(user.queueFile, [
      line('claim', { label: 'node:a', purpose: 'p', ttlSeconds: 900 }, Date.now() - 1_000),
      line('release', { label: 'node:a' }, Date.now() - 60_000),
    ])
    await user.untilDelivered('ana', 'sync')
    expect((await user.as('ana', 'list')).stdout).toBe('presence: no active claims\n')
  })

  it('is kept if the board is for newer clients than this presence', async () => {
    const { dsn, database } = await newBoardOn(engine.port)
    const user = newUser(dsn)
    queue(user.queueFile, [line('claim', { label: 'node:a', purpose: 'p', ttlSeconds: 900 }, Date.now())])
    const outside = await SqlServer.connectTo(engine.port, { database })
    await outside.query(
      `INSERT INTO presence_migrations VALUES (99, '0099_later', '${'0'.repeat(64)}', UTC_TIMESTAMP(3), 99)`,
    )
    const refused = await user.as('ana', 'sync')
    expect(refused.stderr).toContain('upgrade presence')
    await outside.query('DELETE FROM presence_migrations WHERE version = 99')
    outside.destroy()
    expect((await user.as('ana', 'sync')).stdout).toContain('delivered 1 queued operation')
    expect((await user.as('ana', 'peek', 'node:a')).stdout).toContain('ana')
  })

  it('is delivered completely by one sync, however long, and delays no other verb meanwhile', async () => {
    const { dsn } = await newBoardOn(engine.port)
    const user = newUser(dsn)
    queue(
      user.queueFile,
      Array.from({ length: LONG }, (_, n) =>
        line('claim', { label: `node:l${n}`, purpose: 'p', ttlSeconds: 86_400 }, Date.now()),
      ),
    )
    // Any verb ends in time (or its status is null), and delivers a part of the outbox.
    expect((await user.as('bob', 'list', '--json')).status).toBe(0)
    const { stdout, stderr } = await presence(['sync'], { env: user.env('ana'), within: 120_000 })
    expect(stderr).toBe('')
    expect(stdout).not.toContain('still queued')
    const { stdout: listed } = await user.as('ana', 'list', '--json')
    expect(JSON.parse(listed)).toHaveLength(LONG)
  })

  it('is delivered before a strict call, which is not stored itself', async () => {
    const { dsn } = await newBoardOn(engine.port)
    const user = newUser(dsn)
    queue(user.queueFile, [line('claim', { label: 'node:a', purpose: 'p', ttlSeconds: 900 }, Date.now())])
    expect((await user.as('ana', 'release', 'node:a', '--strict')).status).toBe(0)
    expect((await user.as('ana', 'list')).stdout).toBe('presence: no active claims\n')
    const away = newUser('mysql://root@127.0.0.1:1/none')
    expect((await away.as('ana', ...CLAIM('node:a'), '--strict')).status).toBe(3)
    expect(away.files().filter(file => file.endsWith('.jsonl'))).toEqual([])
  })

  it('turns an entry that no board accepts into a dead letter, and delivers the entries after it', async () => {
    const { dsn } = await newBoardOn(engine.port)
    const user = newUser(dsn)
    queue(user.queueFile, [
      line('claim', { label: 'node:a', purpose: 'p', ttlSeconds: 9_000_000_000_000_000 }, Date.now()),
      line('claim', { label: `node:${'x'.repeat(300)}`, purpose: 'p', ttlSeconds: 900 }, Date.now()),
      line('claim', { label: 'node:b', purpose: 'p', ttlSeconds: 900 }, Date.now()),
    ])
    const { stdout } = await user.as('ana', 'list')
    expect(stdout).toContain('node:b')
    expect(readFileSync(user.queueFile.replace('.jsonl', '.damaged.jsonl'), 'utf8')).toMatch(
      /9000000000000000/,
    )
  })

  it('names what was dropped even if the board then does not answer', async () => {
    const user = newUser('mysql://root@127.0.0.1:1/none')
    queue(user.queueFile, [
      line('claim', { label: 'node:short', purpose: 'p', ttlSeconds: 1 }, Date.now() - 5_000),
      line('heartbeat', {}, Date.now() - 1_000),
    ])
    expect((await user.as('ana', 'list')).stderr).toMatch(/claim of ana on node:short.*dropped/)
  })
})
