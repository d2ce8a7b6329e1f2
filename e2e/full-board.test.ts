import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { openBoard } from '@presence/core'
import { openBoards } from '@presence/core/internal'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import type { Io } from '../packages/cli/src/io.ts'
import { run } from '../packages/cli/src/run.ts'
import { Deadline } from '../packages/core/src/deadline.ts'
import { ADAPTERS } from '../packages/hooks/src/agents/index.ts'
import { HOOK_EVENTS } from '../packages/hooks/src/events/index.ts'
import type { EventName } from '../packages/hooks/src/hook.ts'
import { LocalHost } from '../packages/hooks/src/local-host.ts'
import { respond } from '../packages/hooks/src/respond.ts'
import { createApp } from '../packages/server/src/app.ts'
import { type ApiDocument, requests } from '../packages/server/test/support/requests.ts'
import { presence } from './support/cli.ts'
import { dolt, startDolt } from './support/dolt.ts'
import { fillFile, fillServer } from './support/full-board.ts'
import { mariadb, startMariadb } from './support/mariadb.ts'
import { McpAgent } from './support/mcp-agent.ts'
import { slowness } from './support/patience.ts'
import { Running } from './support/running.ts'
import { newBoardOn } from './support/servers.ts'
import type { SqlServer } from './support/sql-server.ts'
import { until } from './support/until.ts'

/** On a busy machine a server may be late. Work that grows with the board is late on every attempt. */
const TRIES = 6
/** The time that a hook has for all of the board's answers, in milliseconds. */
const HOOK_MS = 1_080
/** Matches the message of every interface for no answer. */
const NO_ANSWER =
  /unreachable|took longer than|too long to answer|unknown since|too many calls wait|too_slow|ran out of time/

const session = 's0'
let home: string
beforeAll(() => {
  home = mkdtempSync(join(tmpdir(), 'presence-full-'))
  // A tracker with one task in progress.
  for (const folder of ['bin', '.beads']) mkdirSync(join(home, folder))
  const task = { id: 't-1', title: 'task', status: 'in_progress', priority: 1, assignee: session }
  writeFileSync(join(home, 'bin/bd'), `#!/bin/sh\necho '${JSON.stringify([task])}'\n`, { mode: 0o755 })
})
afterAll(() => rmSync(home, { recursive: true, force: true }))

/** Each existing command with a command line for it, or the reason why it is not run in this list. */
const COMMANDS: Readonly<Record<string, readonly string[] | string>> = {
  claim: ['claim', 'node:n7', '--purpose', 'p'],
  heartbeat: ['heartbeat'],
  release: ['release', 'node:n7'],
  list: ['list', '--json'],
  peek: ['peek', 'node:hot'],
  run: 'takes over the signals of its process: run as a process, below',
  verify: ['verify', 'node:n8', '--token', '1'],
  steal: ['steal', 'node:n8', '--reason', 'r'],
  resolve: ['resolve', 'node:n8', '--note', 'n'],
  log: ['log', '--since', '30d', '--limit', '1000'],
  sync: ['sync'],
  who: ['who', '--json'],
  status: ['status', '--json'],
  'message send': ['message', 'send', 'body', '--subject', 's'],
  'message inbox': ['message', 'inbox'],
  'message read': ['message', 'read', '--all'],
  'component set': ['component', 'set', 'c7', 'ready', '--project', 'full'],
  'component list': ['component', 'list', '--project', 'full'],
  'component history': ['component', 'history', 'c7', '--project', 'full'],
  'workflow add': ['workflow', 'add', 'name', '--project', 'full'],
  'workflow list': ['workflow', 'list', '--project', 'full'],
  'workflow set': ['workflow', 'set', 'w7', '--name', 'other'],
  'item add': ['item', 'add', 'title', '--project', 'full'],
  'item list': ['item', 'list', '--project', 'full'],
  'item set': ['item', 'set', 'i7', '--title', 'other'],
  watch: 'goes on: run as a process, below',
  'session start': 'starts an agent, and registers as the hook of a start, below',
  'session end': ['session', 'end'],
  'worktree add': 'asks git, and no board',
  'worktree list': 'asks git, and `who`, above',
  'worktree merge': 'asks git, and no board',
  'worktree remove': 'asks git, and `who`, above',
  serve: 'goes on: its routes, below',
  mcp: 'goes on: run as a process, below',
  'token add': 'a file, and no board',
  'token list': 'a file, and no board',
  'token remove': 'a file, and no board',
  migrate: ['migrate'],
  doctor: ['doctor'],
  init: 'writes files, and asks no board',
  trust: 'files, and no board',
  setup: 'writes files, and asks the board as doctor does, above',
  'guard wrong': ['guard', 'wrong', 'd7'],
  compliance: ['compliance', '--since', '30d'],
  statusline: 'a file, and no board',
  'tracker audit': ['tracker', 'audit', '--json'],
  shell: 'prints a script; what that asks is guard --holders, and that asks as peek does',
  completion: 'prints a script; what that asks at a key press is run below',
}

function ioOn(dsn: string, said: string[]): Io {
  return {
    env: {
      PRESENCE_DSN: dsn,
      PRESENCE_SESSION_ID: session,
      HOME: home,
      XDG_STATE_HOME: home,
      PATH: `${home}/bin:${process.env['PATH']}`,
    },
    cwd: home,
    out: line => void said.push(line),
    err: line => void said.push(line),
    page: lines => void said.push(...lines),
    watched: false,
    progress: () => {},
    ask: async () => undefined,
    askLine: async () => undefined,
    width: Number.POSITIVE_INFINITY,
    paint: (_, text) => text,
  }
}

/** The commands of the program, as its help lists them. */
async function commandsIn(dsn: string, ...of: readonly string[]): Promise<readonly string[]> {
  const said: string[] = []
  await run([...of, '--help'], ioOn(dsn, said))
  const [, listed = ''] = said.join('\n').split('Commands:\n')
  const names = [...listed.matchAll(/^ {2}([a-z]+)/gm)].map(([, name = '']) => name)
  const own = names.filter(name => name !== 'help')
  const parts = await Promise.all(
    own.map(async name => {
      if (of.length > 0) return [`${of.join(' ')} ${name}`]
      const below = await commandsIn(dsn, name)
      return below.length > 0 ? below : [name]
    }),
  )
  return parts.flat()
}

/** By how much the deadlines of calls in this process are extended. */
let extension = 1
const after = Deadline.after
vi.spyOn(Deadline, 'after').mockImplementation((ms, signal) => after.call(Deadline, ms * extension, signal))

/**
 * Repeats the request while there is no answer. A call in this process then has more time, in proportion to
 * the machine's slowness.
 *
 * @returns the last output
 */
async function answered(ask: () => Promise<string>): Promise<string> {
  extension = 1
  let said = await ask()
  for (let tries = 1; tries < TRIES && NO_ANSWER.test(said); tries++) {
    extension = await slowness()
    said = await ask()
  }
  return said
}

interface FullBoard {
  readonly dsn: string
  readonly server: SqlServer | undefined
}

async function fullServer(server: SqlServer): Promise<FullBoard> {
  const { dsn, database } = await newBoardOn(server.port)
  const connection = await server.connect({ database })
  try {
    await fillServer(sql => connection.query(sql))
  } finally {
    connection.destroy()
  }
  return { dsn, server }
}

async function fullFile(): Promise<FullBoard> {
  const dsn = `sqlite:${home}/full.db`
  await using board = await openBoard({ dsn, session, env: {} })
  await board.list()
  using db = new DatabaseSync(`${home}/full.db`)
  fillFile(db)
  return { dsn, server: undefined }
}

const ENGINES = [
  { name: 'Dolt', isThere: dolt !== undefined, make: async () => fullServer(await startDolt()) },
  { name: 'MariaDB', isThere: mariadb !== undefined, make: async () => fullServer(await startMariadb()) },
  { name: 'SQLite', isThere: true, make: fullFile },
]

describe.each(ENGINES.filter(({ isThere }) => isThere))(
  'G7: with 10,000 live sessions and claims and 100,000 events on $name',
  ({ make }) => {
    let board: FullBoard
    beforeAll(async () => {
      board = await make()
    }, 240_000)
    afterAll(() => board.server?.stop())

    it('each command answers in time', async () => {
      expect((await commandsIn(board.dsn)).toSorted()).toEqual(Object.keys(COMMANDS).toSorted())
      for (const [name, args] of Object.entries(COMMANDS)) {
        if (typeof args === 'string') continue
        const said = await answered(async () => {
          const lines: string[] = []
          await run(args, ioOn(board.dsn, lines))
          return lines.join('\n')
        })
        expect(said.slice(0, 2_000), name).not.toMatch(NO_ANSWER)
      }
    })

    it('watch, run, completion and mcp answer as processes', async () => {
      const env = { PRESENCE_DSN: board.dsn, PRESENCE_SESSION_ID: session, HOME: home, XDG_STATE_HOME: home }
      await using watching = new Running(['watch', '--json'], env)
      expect(JSON.parse(await watching.line(/"known"/))).toMatchObject({ event: 'known' })
      expect((await watching.end()).status).toBe(0)

      const ran = await answered(async () => {
        const { status, stdout, stderr } = await presence(
          ['run', '--claim', 'node:n9', '--purpose', 'p', '--', 'echo', 'it ran'],
          { env, within: 30_000 },
        )
        expect([status, stdout]).toEqual([0, 'it ran\n'])
        return stderr
      })
      expect(ran).not.toMatch(NO_ANSWER)

      await until('labels at a key press', async () => {
        const completed = await presence(['complete', '--', 'peek', 'node:n123'], { env })
        return completed.stdout.includes('node:n1234\t')
      })

      await using agent = await McpAgent.start(env)
      expect((await agent.client.listTools()).tools.length).toBeGreaterThan(3)
      const listed = await answered(async () => JSON.stringify(await agent.call('list')))
      expect(listed).not.toMatch(NO_ANSWER)
      expect(JSON.parse(listed).text).toContain('At least 1000 live claims')
    })

    it('each hook of each agent answers in time', async () => {
      const events = Object.keys(HOOK_EVENTS) as EventName[]
      for (const [agent, adapter] of ADAPTERS)
        for (const event of events) {
          let tries = 0
          const said = await answered(async () => {
            const env = { PRESENCE_DSN: board.dsn, HOME: home, XDG_STATE_HOME: home, XDG_CONFIG_HOME: home }
            const payload = { session_id: `${agent}-${event}-${tries++}`, cwd: home, conversation_id: agent }
            const host = new LocalHost({ adapter, env, taken: false, deadlineMs: HOOK_MS })
            const call = { adapter, event, name: event, payload, denyTaskTools: false, host }
            const output = await respond(call)
            return JSON.stringify(output)
          })
          expect(said, `${agent} ${event}`).not.toMatch(NO_ANSWER)
        }
    })

    it('each route of the server answers in time', async () => {
      await using boards = await openBoards({ dsn: board.dsn, env: {}, cwd: home })
      const app = createApp({ boards, version: '0.0.0' })
      const headers = { host: '127.0.0.1' }
      const document = (await (await app.request('/openapi.json', { headers })).json()) as ApiDocument
      const asked = requests(document, session)
      expect(asked.length).toBeGreaterThan(50)
      for (const { method, path, url, body } of asked) {
        if (path === '/events') continue
        const said = await answered(async () => {
          const answer = await app.request(url, {
            method,
            headers: { ...headers, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
            ...(body === undefined ? {} : { body: JSON.stringify(body) }),
          })
          if (path === '/docs') return ''
          const text = await answer.text()
          return answer.status >= 500 ? `${answer.status} ${text} too_slow` : ''
        })
        expect(said, `${method} ${url}`).toBe('')
      }
    })

    it('the server is idle afterwards', async () => {
      const { server } = board
      if (!server) return
      await until('no query but the asker’s', async () => {
        const rows = await server.sql(undefined, 'SHOW FULL PROCESSLIST')
        const queries = rows.filter(
          row => row['Command'] === 'Query' && !/PROCESSLIST/.test(row['Info'] ?? ''),
        )
        return queries.length === 0
      })
      await until('a second in which the server computes next to nothing', async () => {
        const before = server.cpuMs()
        await new Promise(resolve => setTimeout(resolve, 1_000))
        return server.cpuMs() - before < 200
      })
    })
  },
)
