import { createSocket } from 'node:dgram'
import { writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { openBoard, PresenceError } from '@presence/core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ANSWER_MS_MAX, PRESENCE, presence, presenceOn, run } from './support/cli.ts'
import { type Behaviour, FaultyProxy } from './support/faulty-proxy.ts'
import { freePort } from './support/free-port.ts'
import { isInTime } from './support/patience.ts'
import { scratchFolder } from './support/scratch.ts'
import { describeEachEngine, newBoardOn } from './support/servers.ts'
import type { SqlServer } from './support/sql-server.ts'
import { until } from './support/until.ts'

const VERBS = [
  ['claim', 'node:a', '--purpose', 'p'],
  ['heartbeat'],
  ['release', 'node:a'],
  ['list'],
  ['peek', 'node:a'],
] as const

/**
 * Asserts what G6 and G7 require of a verb whose board does not answer. The runner kills commands that take
 * longer than 3 s.
 */
async function expectWarning(dsn: string): Promise<void> {
  const on = presenceOn(dsn, 'ana')
  for (const verb of VERBS) {
    const said = await on(...verb)
    expect(said, `presence ${verb.join(' ')}`).toMatchObject({ status: 0, stdout: '' })
    expect(said.stderr).toMatch(/^presence: (warning|NOT claimed node:a): (dolt|the board is) unreachable/)
    expect(said.stderr).toMatch(/unknown since \d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC/)
    expect(said.stderr).toMatch(/hint: /)
  }
  const json = await on('list', '--json')
  expect(json.status).toBe(0)
  expect(JSON.parse(json.stdout)).toMatchObject({ error: { code: 'unreachable' } })
  expect((await on('list', '--strict')).status).toBe(3)
  expect((await on('migrate')).status).toBe(3)
}

describe('a board that can’t be reached', () => {
  it('G6, G7: gives a warning and exit code 0 within 3 s, never an empty list, if the connection is refused', async () => {
    await expectWarning(`mysql://ana:s3cret@127.0.0.1:${await freePort()}/board`)
  })

  it('G6, G7: gives a warning if the host doesn’t exist', async () => {
    await expectWarning('mysql://ana@no-such-host.invalid/board')
  })

  it.skipIf(process.getuid?.() !== 0)('G7: gives a warning if the DNS server does not answer', async () => {
    const silent = createSocket('udp4')
    await new Promise<void>(resolve => silent.bind(53, '127.77.7.7', resolve))
    const file = join(scratchFolder(), 'resolv.conf')
    writeFileSync(file, 'nameserver 127.77.7.7\n')
    const script = `mount --bind ${file} /etc/resolv.conf && exec ${PRESENCE} list`
    const { PATH } = process.env
    const env = { PATH, HOME: scratchFolder(), PRESENCE_DSN: 'mysql://ana@db.example.com/board' }
    try {
      const said = await run('unshare', ['-m', 'sh', '-c', script], { env, cwd: '/' })
      expect(said).toMatchObject({ status: 0, stdout: '' })
      expect(said.stderr).toMatch(/warning: (dolt|the board is) unreachable/)
    } finally {
      silent.close()
    }
  })

  it('G6, G7: gives a warning if the server accepts connections and stays silent', async () => {
    await using proxy = await FaultyProxy.before(1, 'silent')
    await expectWarning(`mysql://ana:s3cret@127.0.0.1:${proxy.port}/board`)
  })

  it('G6, G7: gives a warning if something other than a database is behind the port', async () => {
    const server = createServer(socket => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'))
    await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
    const address = server.address()
    try {
      await expectWarning(`mysql://ana@127.0.0.1:${typeof address === 'object' ? address?.port : 0}/board`)
    } finally {
      server.close()
    }
  })

  it('never shows the password', async () => {
    for (const args of [['list'], ['list', '--json'], ['migrate']]) {
      const dsn = `mysql://ana:s3cret@127.0.0.1:${await freePort()}/board`
      const { stdout, stderr } = await presence(args, { env: { PRESENCE_DSN: dsn } })
      expect(stdout + stderr).not.toContain('s3cret')
    }
  })

  it('makes the library throw, with code, remedy and the time since which it has been unknown', async () => {
    await using board = await openBoard({
      dsn: `mysql://ana@127.0.0.1:${await freePort()}/board`,
      session: 'ana',
    })
    const fault = await board.list().then(
      () => undefined,
      (error: unknown) => error,
    )
    expect(fault).toBeInstanceOf(PresenceError)
    expect(fault).toMatchObject({ code: 'unreachable', remedy: expect.any(String), since: expect.any(Date) })
  })
})

describeEachEngine('a server that stops answering', engine => {
  let server: SqlServer
  let dsn: string
  beforeAll(async () => {
    server = await engine.start()
    dsn = (await newBoardOn(server.port)).dsn
  })
  afterAll(() => server.stop())

  it('G6, G7: gives a warning while it is frozen (SIGSTOP), and has the same board afterwards', async () => {
    await presenceOn(dsn, 'ana')('claim', 'node:frozen', '--purpose', 'p')
    server.freeze()
    try {
      await expectWarning(dsn)
    } finally {
      server.thaw()
    }
    const peek = () => presenceOn(dsn, 'bob')('peek', 'node:frozen', '--strict')
    const { stdout } = await until('an answer', () => peek().then(said => said.status === 0 && said))
    expect(stdout).toContain('ana')
  })

  it('G7: lets an open board end each call by its deadline, and work again afterwards', async () => {
    await using board = await openBoard({ dsn, session: 'eve', deadlineMs: 1_500, outbox: false })
    await until('a claim', async () => (await board.claim('node:open', { purpose: 'p' })).ok)
    server.freeze()
    try {
      const calls = [
        board.heartbeat(),
        board.list(),
        board.release('node:open'),
        board.claim('node:b', { purpose: 'p' }),
      ]
      const ended = Promise.allSettled(calls)
      expect(await isInTime(ended, ANSWER_MS_MAX), 'each ends by its deadline').toBe(true)
      expect((await ended).map(each => each.status === 'rejected' && each.reason.code)).toEqual(
        Array(4).fill('unreachable'),
      )
    } finally {
      server.thaw()
    }
    const said = await until('an answer', () => board.list({ mine: true }))
    expect(said.ok && said.claims.map(({ label }) => label)).toContain('node:open')
  })

  it.each<Behaviour>(['silent', 'cut-at-first-question'])(
    'G7: gives a warning through a proxy with the fault %s',
    async behaviour => {
      await using proxy = await FaultyProxy.before(server.port, behaviour)
      await expectWarning(dsn.replace(`:${server.port}/`, `:${proxy.port}/`))
    },
  )

  it('G7: has its killed connections replaced without a message', async () => {
    await using board = await openBoard({ dsn, session: 'ana' })
    await board.claim('node:killed', { purpose: 'p' })
    const [...others] = await server.sql(undefined, 'SHOW PROCESSLIST')
    await server.sql(undefined, ...others.map(row => `KILL ${row['Id']}`)).catch(() => {})

    const said = await board.peek('node:killed')

    expect(said.ok && said.claims).toHaveLength(1)
  })
})

describeEachEngine('a server without a free connection', engine => {
  /** MariaDB accepts no lower maximum. */
  const MAX = 10

  it('G7: gives a warning that says so, and works again when a connection is free', async () => {
    const server = await engine.start({ connectionsMax: MAX })
    try {
      const { dsn } = await newBoardOn(server.port)
      const held = await Promise.all(Array.from({ length: MAX + engine.reserved }, () => server.connect()))
      const full = await presenceOn(dsn, 'ana')('list')
      expect(full).toMatchObject({ status: 0, stdout: '' })
      expect(full.stderr).toMatch(/unreachable/)
      for (const connection of held) await connection.end()
      await until('the board to be back', async () => {
        const { stdout } = await presenceOn(dsn, 'ana')('list')
        return stdout === 'presence: no active claims\n'
      })
    } finally {
      await server.stop()
    }
  })
})
