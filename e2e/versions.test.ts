import { DatabaseSync } from 'node:sqlite'
import { migrate } from '@presence/core'
import { describe, expect, it } from 'vitest'
import { CLIENT, dump, migrateFurther } from '../packages/core/test/later.ts'
import { presence, presenceOn } from './support/cli.ts'
import { PresenceServer } from './support/presence-server.ts'
import { scratchFolder } from './support/scratch.ts'
import { describeEachEngine, newBoardOn } from './support/servers.ts'
import { until } from './support/until.ts'

const SHUT_OUT = `has schema version ${CLIENT + 1}, for clients of version ${CLIENT + 1} or newer; this presence has ${CLIENT}`

/** Verbs of every kind, in an order in which each succeeds. */
const VERBS: readonly (readonly string[])[] = [
  ['claim', 'node:a', '--purpose', 'p'],
  ['claim', 'node:b', '--purpose', 'p', '--exclusive'],
  ['run', '--claim', 'node:c', '--purpose', 'p', '--', 'true'],
  ['verify', 'node:b', '--token', '1'],
  ['heartbeat'],
  ['list'],
  ['peek', 'node:a'],
  ['status'],
  ['who'],
  ['log'],
  ['message', 'send', 'hello', '--subject', 's', '--project', 'shop'],
  ['message', 'inbox', '--project', 'shop'],
  ['component', 'set', 'api', 'deployed', '--project', 'shop'],
  ['component', 'list', '--project', 'shop'],
  ['workflow', 'add', 'w', '--project', 'shop'],
  ['workflow', 'list', '--project', 'shop'],
  ['item', 'add', 't', '--project', 'shop'],
  ['item', 'list', '--project', 'shop'],
  ['migrate', '--status'],
  ['release', '--all-mine'],
]

function suite(newBoard: () => Promise<string>): void {
  it('works, whatever the verb, if the step only adds', async () => {
    const dsn = await newBoard()
    await migrateFurther(dsn, 'adds')
    for (const verb of VERBS) {
      const said = await presenceOn(dsn, 'ana')(...verb)
      expect(said, verb.join(' ')).toMatchObject({ status: 0 })
      expect(said.stderr).not.toMatch(/warning|error|unknown|hint/)
    }
    const { stdout } = await presence(['migrate', '--dsn', dsn])
    expect(stdout).toContain(`schema version ${CLIENT + 1}; this presence has ${CLIENT}, and may continue`)
  })

  it('is locked out by a step that older clients must not miss, says so, and writes nothing', async () => {
    const dsn = await newBoard()
    await migrateFurther(dsn, 'raises')
    const rows = await dump(dsn)
    const ana = presenceOn(dsn, 'ana')
    for (const verb of VERBS) {
      const said = await ana(...verb)
      expect(said.stderr, verb.join(' ')).toContain(verb[0] === 'migrate' ? `newer; this presence` : SHUT_OUT)
      expect(said.stderr).toContain('presence: hint: upgrade presence\n')
      expect(said.stdout, verb.join(' ')).toBe('')
    }
    const strict = await ana('claim', 'node:a', '--purpose', 'p', '--json', '--strict')
    expect(strict.status).toBe(2)
    expect(JSON.parse(strict.stdout)).toMatchObject({
      error: {
        code: 'schema_newer',
        message: expect.stringContaining(SHUT_OUT),
        remedy: 'upgrade presence',
      },
    })
    expect((await ana('claim', 'node:a', '--purpose', 'p', '--exclusive')).status).toBe(2)
    // On a busy machine an answer to doctor may come too late.
    const named = `this presence has ${CLIENT} -- to fix it: upgrade presence`
    await until('doctor to name it', async () => (await ana('doctor')).stdout.includes(named))
    expect(await dump(dsn)).toEqual(rows)
  })

  it('is told by a server that is already running that the server is locked out', async () => {
    const dsn = await newBoard()
    await using server = await PresenceServer.start(dsn)
    const ana = presenceOn(server.url, 'ana')
    expect((await ana('claim', 'node:a', '--purpose', 'p')).stdout).toContain('claimed')
    await migrateFurther(dsn, 'raises')
    const rows = await dump(dsn)
    const said = await ana('claim', 'node:b', '--purpose', 'p')
    expect(said).toMatchObject({ status: 2, stdout: '' })
    expect(said.stderr).toContain(SHUT_OUT)
    expect(said.stderr).toContain('presence: hint: upgrade presence where the server runs\n')
    const ready = await fetch(`${server.url}/ready`)
    expect([ready.status, await ready.json()]).toEqual([
      503,
      { status: 'not_ready', database: 'connected', draining: false, unusable: 'schema_newer' },
    ])
    expect(await dump(dsn)).toEqual(rows)
  })
}

describeEachEngine('a command on a board that a newer presence has migrated', engine => {
  suite(async () => (await newBoardOn(engine.port)).dsn)
})

describe('a command on a board in a file that a newer presence has migrated', () => {
  const newBoard = async () => {
    const dsn = `sqlite:${scratchFolder()}/board.db`
    await migrate({ dsn, env: {} })
    return dsn
  }
  suite(newBoard)

  it('refuses a file that has no record of its newest step', async () => {
    const dsn = await newBoard()
    const db = new DatabaseSync(dsn.slice('sqlite:'.length))
    db.exec(`PRAGMA user_version = ${CLIENT + 2}`)
    db.close()
    const said = await presenceOn(dsn, 'ana')('claim', 'node:a', '--purpose', 'p')
    expect(said.stderr).toContain(SHUT_OUT)
  })
})
