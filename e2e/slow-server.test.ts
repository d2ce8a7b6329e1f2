import { readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { hook } from '../packages/hooks/test/hook-process.ts'
import { presenceOn, run } from './support/cli.ts'
import { PresenceServer } from './support/presence-server.ts'
import { Running } from './support/running.ts'
import { scratchFolder } from './support/scratch.ts'
import { describeEachEngine, type EngineUnderTest, newBoardOn } from './support/servers.ts'
import { SqlServer } from './support/sql-server.ts'
import { until } from './support/until.ts'

const PROGRAM = join(import.meta.dirname, '../packages/cli/dist/presence.cjs')

/** A board on which every statement takes a minute, because each one reads the schema's version. */
async function slowBoard({ port }: EngineUnderTest) {
  const { dsn, database } = await newBoardOn(port)
  const outside = await SqlServer.connectTo(port, { database })
  await outside.query('ALTER TABLE presence_migrations RENAME TO presence_migrations_applied')
  await outside.query('CREATE TABLE slowness (seconds INT PRIMARY KEY)')
  await outside.query('INSERT INTO slowness VALUES (0)')
  await outside.query(
    `CREATE VIEW presence_migrations AS SELECT * FROM presence_migrations_applied
     WHERE SLEEP((SELECT seconds FROM slowness)) = 0`,
  )
  await outside.query('UPDATE slowness SET seconds = 60')
  const queries = async () => {
    const [rows] = await outside.query('SHOW FULL PROCESSLIST')
    return (rows as Record<string, unknown>[]).filter(
      row =>
        String(row['db']).startsWith(database) &&
        row['Command'] === 'Query' &&
        !/PROCESSLIST/.test(String(row['Info'])),
    )
  }
  return {
    dsn,
    queries,
    untilIdle: () => until('no query to run on', async () => (await queries()).length === 0, 10_000),
    isIdleSoon: () =>
      until('no query to run on', async () => (await queries()).length === 0, 5_000).catch(() => false),
    [Symbol.asyncDispose]: async () => outside.destroy(),
  }
}

describeEachEngine('G7: a server that is slow to answer', engine => {
  it('is reported as too slow, not as unreachable, and has no work left after the command has ended', async () => {
    await using board = await slowBoard(engine)
    const on = presenceOn(board.dsn, 'ana')

    // On a busy machine the time may be over before the server was reached.
    const claimed = await until('a claim that reached the server', async () => {
      const said = await on('claim', 'node:a', '--purpose', 'p')
      expect(said).toMatchObject({ status: 0, stdout: '' })
      expect(said.stderr).toContain('it is queued')
      await board.untilIdle()
      return !said.stderr.includes('unreachable') && said
    })
    expect(claimed.stderr).toMatch(/NOT claimed \S+: the board took longer than \d\.\d s to answer/)

    await until('a list that reached the server', async () => {
      const { error } = JSON.parse((await on('list', '--json')).stdout)
      await board.untilIdle()
      return error.code === 'too_slow'
    })
    expect((await on('verify', 'node:a', '--token', '1')).status).toBe(3)
    await board.untilIdle()
  })

  it.each(['SIGINT', 'SIGTERM'] as const)(
    'has no work left to do after the signal %s has ended a command',
    async name => {
      await using board = await slowBoard(engine)
      // On a busy machine the command may be ended, or its time may be over, before it could tell the server.
      const home = await until('a command that leaves nothing running', async () => {
        const state = scratchFolder()
        const env = {
          PRESENCE_DSN: board.dsn,
          PRESENCE_SESSION_ID: 'ana',
          HOME: state,
          XDG_STATE_HOME: state,
        }
        await using claiming = new Running(['claim', 'node:a', '--purpose', 'p'], env)
        await until('the query to run', async () => (await board.queries()).length > 0)
        // Commands that end sooner don't wait for this.
        await new Promise(resolve => setTimeout(resolve, 600))
        const { status, stdout, stderr } = await claiming.end(name)
        const isEndedBySignal = status === null && stdout === '' && stderr === ''
        return isEndedBySignal && (await board.isIdleSoon()) && state
      })
      expect(readdirSync(home, { recursive: true }).filter(path => /queue/.test(String(path)))).toEqual([])
    },
  )

  it('is reported by a hook, which ends in time and leaves nothing running', async () => {
    await using board = await slowBoard(engine)
    const env = { PRESENCE_DSN: board.dsn, HOME: scratchFolder() }
    let tries = 0
    // On a busy machine a hook's time may be over before it could tell the server.
    await until('a hook that leaves nothing running', async () => {
      // Each time another prompt: the same one again, soon after, would count as a copy of the hook.
      const input = JSON.stringify({ session_id: 'ana', cwd: '/', prompt: `try ${tries++}` })
      const said = await hook({ args: ['UserPromptSubmit'], input, env })
      expect(said.status).toBe(0)
      expect(said.stdout).toContain('unknown since')
      return /took longer than/.test(said.stdout) && board.isIdleSoon()
    })
  })

  it('is reported by a presence server as 503 with its own code, and nothing is left running', async () => {
    await using board = await slowBoard(engine)
    await using server = await PresenceServer.start(board.dsn)
    await until('the code to be passed on', async () => {
      const { stdout } = await presenceOn(server.url, 'ana')('list', '--json')
      return JSON.parse(stdout).error.code === 'too_slow'
    })
    await board.untilIdle()
  })

  it('is told to stop the work for a client that has disconnected from a presence server', async () => {
    await using board = await slowBoard(engine)
    await using server = await PresenceServer.start(board.dsn)
    const gone = new AbortController()
    const session = { id: 'ana', user: 'u', host: 'h', agent: 'a' }
    const asked = fetch(`${server.url}/api/v1/list`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ session, deadline_ms: 10_000 }),
      signal: gone.signal,
    }).catch(() => undefined)
    await until('the query to run', async () => (await board.queries()).length > 0)
    const from = performance.now()
    gone.abort()
    await asked
    await board.untilIdle()
    // The query would have continued for a minute, and the server's call for 2.5 s.
    expect(performance.now() - from).toBeLessThan(30_000)
  })
})

describeEachEngine('G7: a process that loads its own code slowly', engine => {
  it('gets its answer anyway', async () => {
    const { dsn } = await newBoardOn(engine.port)
    const slow = join(scratchFolder(), 'slow.cjs')
    writeFileSync(
      slow,
      `const Module = require('node:module')
      const load = Module._load
      Module._load = function (name, ...rest) {
        if (/mysql2\\.cjs$/.test(name) && !globalThis.hasWaited) {
          globalThis.hasWaited = true
          Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 4_000)
        }
        return load.call(this, name, ...rest)
      }`,
    )
    const env = { ...process.env, PRESENCE_DSN: dsn, PRESENCE_SESSION_ID: 'ana' }
    // Not by the launcher, which keeps settings for other Node programs from presence.
    const args = ['--require', slow, PROGRAM, 'claim', 'node:a', '--purpose', 'p']
    const said = await run(process.execPath, args, { env, cwd: '/', within: 30_000 })
    expect(said.stderr).toBe('')
    expect(said.stdout).toContain('node:a')
  })
})
