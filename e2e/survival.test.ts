import { type ChildProcess, spawn } from 'node:child_process'
import { join } from 'node:path'
import { openBoard } from '@presence/core'
import { describe, expect, it } from 'vitest'
import { presenceOn } from './support/cli.ts'
import { dolt, startDolt } from './support/dolt.ts'
import { describeEachEngine, newBoardOn } from './support/servers.ts'
import type { SqlServer } from './support/sql-server.ts'
import { until } from './support/until.ts'

const KEEN = join(import.meta.dirname, 'fixtures/keen-claimer.ts')

/** A process that claims as fast as it can, and the labels that were acknowledged. */
function keenClaimer(dsn: string, session: string): { acknowledged: string[]; process: ChildProcess } {
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', KEEN, dsn, session], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const acknowledged: string[] = []
  let rest = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    const lines = (rest + text).split('\n')
    rest = lines.pop() ?? ''
    acknowledged.push(...lines)
  })
  return { acknowledged, process: child }
}

async function onBoard(dsn: string): Promise<ReadonlySet<string>> {
  await using board = await openBoard({ dsn, session: 'auditor', env: {} })
  const said = await board.list()
  if (!said.ok) throw new Error(said.refusal.message)
  return new Set(said.claims.map(({ label }) => label))
}

async function ownServer(
  start: () => Promise<SqlServer>,
  test: (server: SqlServer, dsn: string, database: string) => Promise<void>,
): Promise<void> {
  const server = await start()
  try {
    const { dsn, database } = await newBoardOn(server.port)
    await test(server, dsn, database)
  } finally {
    await server.stop()
  }
}

describeEachEngine('G2: an acknowledged claim survives', engine => {
  it('a server killed in the middle of claims, again and again', async () => {
    await ownServer(engine.start, async (server, dsn) => {
      const claimers = ['ana', 'bob', 'eve'].map(session => keenClaimer(dsn, session))
      const ended = claimers.map(({ process: child }) => new Promise(resolve => child.once('close', resolve)))
      const count = () => claimers.reduce((sum, { acknowledged }) => sum + acknowledged.length, 0)
      try {
        for (let round = 1; round <= 4; round++) {
          const before = count()
          await until('claims to be acknowledged', () => count() > before + 60)
          await server.kill()
          await server.run()
        }
      } finally {
        for (const { process: child } of claimers) child.kill('SIGKILL')
        await Promise.all(ended)
      }

      const acknowledged = claimers.flatMap(claimer => claimer.acknowledged)
      const there = await onBoard(dsn)
      expect(acknowledged.length).toBeGreaterThan(240)
      expect(acknowledged.filter(label => !there.has(label))).toEqual([])
    })
  })

  it('a server’s restart, and an open board keeps working', async () => {
    await ownServer(engine.start, async (server, dsn) => {
      await using board = await openBoard({ dsn, session: 'ana', env: {} })
      await board.claim('node:a', { purpose: 'p' })
      await server.terminate()
      await expect(board.list()).rejects.toMatchObject({ code: 'unreachable' })
      await server.run()

      expect((await board.heartbeat()).mine.map(({ label }) => label)).toEqual(['node:a'])
    })
  })
})

describe.skipIf(!dolt)('G2: an acknowledged claim on Dolt survives', () => {
  it.each([
    ['commits everything', `CALL DOLT_COMMIT('-Am', 'everything')`],
    ['resets to its last commit', `CALL DOLT_RESET('--hard')`],
    ['cleans untracked tables', 'CALL DOLT_CLEAN()'],
    ['works on a branch of its own', `CALL DOLT_CHECKOUT('-b', 'theirs')`],
    [
      'stashes its work',
      `CALL DOLT_COMMIT('-Am', 'theirs')`,
      'INSERT INTO theirs VALUES (1)',
      `CALL DOLT_STASH('push', 'myst')`,
    ],
    [
      'redirects the default branch',
      `CALL DOLT_BRANCH('theirs')`,
      `SET @@GLOBAL.:database_default_branch = 'theirs'`,
    ],
    ['collects garbage', 'CALL DOLT_GC()'],
  ])('another tool that %s', async (_, ...statements) => {
    await ownServer(startDolt, async (server, dsn, database) => {
      const ana = presenceOn(dsn, 'ana')
      await ana('claim', 'node:a', '--purpose', 'p')
      await server.sql(database, 'CREATE TABLE theirs (id INT PRIMARY KEY)')
      await server.sql(database, ...statements.map(statement => statement.replace(':database', database)))

      expect(await onBoard(dsn)).toEqual(new Set(['node:a']))
      expect((await ana('claim', 'node:b', '--purpose', 'p')).stdout).toMatch(
        /^presence: claimed node:b until /,
      )
    })
  })

  it('another tool’s commit, and never gets into its history', async () => {
    await ownServer(startDolt, async (server, dsn, database) => {
      await presenceOn(dsn, 'ana')('claim', 'node:a', '--purpose', 'p')
      await server.sql(
        database,
        'CREATE TABLE theirs (id INT PRIMARY KEY)',
        `CALL DOLT_COMMIT('-Am', 'theirs')`,
      )

      const tables = await server.sql(database, `SHOW TABLES AS OF 'HEAD'`)
      expect(tables.flatMap(row => Object.values(row))).toEqual(['theirs'])
    })
  })
})
