import { execFileSync } from 'node:child_process'
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { type Board, openBoard } from '@presence/core'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Payload } from './agents/adapter.ts'
import { claudeCode } from './agents/claude-code.ts'
import type { EventName } from './hook.ts'
import { LocalHost } from './local-host.ts'
import { respond } from './respond.ts'

let home: string
let bob: Board
let isUnknown = false
beforeEach(async () => {
  home = mkdtempSync(join(tmpdir(), 'presence-told-'))
  isUnknown = false
  bob = await openBoard({ dsn: dsn(), session: 'bob', env: {}, cwd: '/' })
})
afterEach(async () => {
  await bob.close()
  rmSync(home, { recursive: true, force: true })
})

const dsn = () => `sqlite:${home}/board.db`
const file = (session = 's1') => join(home, `.local/state/presence/hooks/${session}.board`)
let moments = 0

interface Fired {
  readonly session?: string
  readonly say?: () => void
  readonly env?: Readonly<Record<string, string>>
}

/** What a hook tells its agent. */
async function fire(event: EventName, more: Payload = {}, { session = 's1', say, env = {} }: Fired = {}) {
  const all = { HOME: home, PRESENCE_DSN: dsn(), ...env }
  const host = new LocalHost({ adapter: claudeCode, env: all, taken: false, deadlineMs: 10_000 })
  const payload = { session_id: session, cwd: home, moment: moments++, ...more }
  const call = { adapter: claudeCode, event, name: event, payload, denyTaskTools: false, host }
  const board = join(home, 'board.db')
  if (isUnknown) {
    renameSync(board, `${board}.away`)
    mkdirSync(board)
  }
  try {
    const { context = '' } = await respond({ ...call, ...(say ? { say } : {}) })
    return context
  } finally {
    if (isUnknown) {
      rmSync(board, { recursive: true })
      renameSync(`${board}.away`, board)
    }
  }
}
const start = (source = 'startup') => fire('SessionStart', { source })
const prompt = (more?: Payload, fired?: Fired) => fire('UserPromptSubmit', more, fired)

async function as(session: string, work: (board: Board) => Promise<unknown>): Promise<void> {
  await using board = await openBoard({ dsn: dsn(), session, env: {}, cwd: '/' })
  await work(board)
}
const claim = (session: string, label: string, purpose = 'drain') =>
  as(session, board => board.claim(label, { purpose }))

const UNCHANGED = /^Presence board at \S+ \S+ UTC: unchanged since \d\d:\d\d, 1 claim of other sessions\.$/

describe('an agent is told the board once in full, and then only what changed:', () => {
  beforeEach(() => claim('bob', 'node:a'))

  it('at its start all claims, and at the first prompt not again', async () => {
    expect(await start()).toMatch(
      /^Presence board at .* UTC: 1 claim of other sessions\. .*\n- node:a: "drain" by bob \(.*\), claimed .*, 15 min left$/,
    )
    expect(await prompt()).toMatch(UNCHANGED)
    expect(await prompt()).toMatch(UNCHANGED)
  })

  it('a claim that is new', async () => {
    await start()
    await claim('eve', 'db:b', 'migrate')
    const said = await prompt()
    expect(said).toMatch(
      /^Presence board at .* UTC, changes since \d\d:\d\d; now 2 claims of other sessions:\n- new: db:b: "migrate" by eve \(.*\), claimed .*, 15 min left$/,
    )
    expect(await prompt()).toContain('unchanged since')
  })

  it('a claim that ended, and that no other session has one', async () => {
    await start()
    await bob.release('node:a')
    expect(await prompt()).toMatch(
      /changes since \d\d:\d\d; now no other session has a claim:\n- ended: node:a by bob$/,
    )
    expect(await prompt(), 'an empty board is not told at every prompt').toBe('')
  })

  it('a claim whose purpose changed, that became exclusive, or that was made anew', async () => {
    await start()
    await bob.claim('node:a', { purpose: 'replace the disk' })
    expect(await prompt()).toMatch(/\n- changed: node:a: "replace the disk" by bob/)
    await bob.claimExclusively('node:a', { purpose: 'replace the disk' })
    expect(await prompt()).toMatch(/\n- changed: node:a: .*held exclusively/)
    await bob.release('node:a')
    await bob.claim('node:a', { purpose: 'replace the disk' })
    expect(await prompt()).toMatch(/\n- changed: node:a: "replace the disk"/)
  })

  it('but not that a claim was extended', async () => {
    await start()
    await bob.heartbeat()
    expect(await prompt()).toMatch(UNCHANGED)
  })

  it('a claim that lapsed, once and as such', async () => {
    await start()
    const database = new DatabaseSync(join(home, 'board.db'))
    database.exec('UPDATE presence_claims SET expires_at = expires_at - 1000000')
    database.close()
    const said = await prompt()
    expect(said).toMatch(
      /now no other session has a claim\.\nClaims that lapsed .*\n- node:a: "drain" by bob/,
    )
    expect(said).not.toContain('ended')
    expect(await prompt()).toBe('')
  })

  it.each(['startup', 'resume', 'clear', 'compact', 'fork'])(
    'and all of it again after a start by %s',
    async source => {
      await start()
      await prompt()
      for (let turn = 0; turn < 3; turn++) expect(await start(source)).toContain('\n- node:a: "drain" by bob')
      expect(await prompt()).toMatch(UNCHANGED)
    },
  )

  it('with all claims on one label together, the latest first', async () => {
    for (const [session, label] of [
      ['eve', 'db:b'],
      ['cyd', 'node:a'],
    ] as const)
      await claim(session, label)
    const lines = (await start()).split('\n').slice(1)
    expect(lines.map(line => line.replace(/ \(.*/, ''))).toEqual([
      '- node:a, 2 sessions:',
      '  - "drain" by cyd',
      '  - "drain" by bob',
      '- db:b: "drain" by eve',
    ])
  })
})

it('an empty board is one line at a start, which says when to claim, and nothing at a prompt', async () => {
  for (const source of ['startup', 'compact']) {
    expect(await start(source)).toMatch(
      /^Presence board at .* UTC: no other session has a claim\. Before you change .*`presence claim <label> .*$/,
    )
    expect(await prompt()).toBe('')
  }
})

describe('an agent is told everything again if it isn’t certain what it knows:', () => {
  const WHOLE = /UTC: 1 claim of other sessions\. .*\n- node:a: "drain" by bob/
  beforeEach(async () => {
    await claim('bob', 'node:a')
    await start()
    expect(await prompt()).toMatch(UNCHANGED)
  })
  const edit = (change: (text: string) => string) =>
    writeFileSync(file(), change(readFileSync(file(), 'utf8')))

  it.each<readonly [what: string, spoil: () => void]>([
    ['is lost', () => rmSync(file())],
    ['is empty', () => writeFileSync(file(), '')],
    ['is cut off', () => edit(text => text.slice(0, -20))],
    ['is no JSON', () => writeFileSync(file(), '\0\0\0')],
    ['has another shape', () => writeFileSync(file(), '[]')],
    ['has rows of another shape', () => edit(text => text.replace('"node:a"', '7'))],
    ['is another session’s', () => edit(text => text.replace('"me":"s1"', '"me":"s2"'))],
    [
      'comes from a board with a later time',
      () => edit(text => text.replace(/"at":\d+/, '"at":9000000000000')),
    ],
    ['is too large', () => writeFileSync(file(), ' '.repeat(5_000_000))],
  ])('its file %s', async (_, spoil) => {
    spoil()
    expect(await prompt()).toMatch(WHOLE)
  })

  it('its file can’t be written', async () => {
    rmSync(file())
    mkdirSync(file())
    for (let turn = 0; turn < 2; turn++) expect(await prompt()).toMatch(WHOLE)
  })

  it('its answer was not given', async () => {
    await claim('eve', 'db:b')
    const failed = prompt(
      {},
      {
        say: () => {
          throw new Error('killed')
        },
      },
    )
    await expect(failed).rejects.toThrow('killed')
    expect(await prompt()).toMatch(/2 claims of other sessions\. .*\n- db:b: .*\n- node:a: /)
  })

  it('its prompt was blocked instead', async () => {
    await claim('eve', 'db:b')
    execFileSync('git', ['init', '--quiet', home], { env: { PATH: process.env['PATH'], HOME: home } })
    mkdirSync(join(home, '.presence'))
    const config = join(home, '.presence/config.json')
    writeFileSync(config, JSON.stringify({ strictIdentity: true, roles: { web: {} } }))
    expect(await prompt()).toBe('')
    rmSync(config)
    expect(await prompt()).toMatch(/2 claims of other sessions\. .*\n- db:b: /)
  })

  it('the board was unknown, and it is told that too', async () => {
    isUnknown = true
    expect(await prompt()).toMatch(/^Presence board: .*what others are changing has been unknown since/)
    expect(await prompt()).toMatch(/unknown since/)
    isUnknown = false
    expect(await prompt()).toMatch(
      /UTC, known again \(it was unknown since \d\d:\d\d\): 1 claim of other sessions\. .*\n- node:a: "drain" by bob/,
    )
    expect(await prompt()).toMatch(UNCHANGED)
  })

  it('the hook before was ended while it asked', async () => {
    writeFileSync(file(), JSON.stringify({ asks: 1, at: Date.now() - 60_000 }))
    expect(await prompt()).toMatch(/known again \(it was unknown since .*\): 1 claim[^\n]*\n- node:a/)
  })

  it('the board became empty meanwhile', async () => {
    rmSync(file())
    await bob.release('node:a')
    expect(await prompt()).toMatch(/UTC: no other session has a claim\.$/)
    expect(await prompt()).toBe('')
  })
})

describe('no claim stays untold', () => {
  /** The labels that a session was told are claimed. */
  const labelsIn = (texts: readonly string[]) =>
    new Set(
      texts.flatMap(text => [...text.matchAll(/(?:^|\n)- (?:new: )?(db:\d+):/g)].map(([, label]) => label)),
    )

  it('if hooks of one session run at the same time', async () => {
    await start()
    const told: string[] = []
    for (let round = 0; round < 6; round++) {
      await claim('bob', `db:${round}`)
      told.push(...(await Promise.all([prompt(), prompt(), prompt()])))
    }
    told.push(await prompt())
    expect(labelsIn(told)).toEqual(new Set(Array.from({ length: 6 }, (_, at) => `db:${at}`)))
  })

  it('if the agent goes on in a project with another board: it is told that board in full, and nothing ended', async () => {
    await claim('bob', 'node:a')
    await start()
    const other = { env: { PRESENCE_DSN: `sqlite:${home}/other.db` } }
    const there = await openBoard({ dsn: other.env.PRESENCE_DSN, session: 'eve', env: {}, cwd: '/' })
    await there.claim('db:b', { purpose: 'migrate' })
    await there.close()
    const said = await prompt({}, other)
    expect(said).toContain('1 claim of other sessions')
    expect(said).toContain('db:b: "migrate" by eve')
    expect(said).not.toContain('ended')
    expect(await prompt()).toContain('node:a: "drain" by bob')
  })

  it('if copies of one hook run at the same time, and only one speaks', async () => {
    await start()
    await claim('bob', 'db:1')
    const copies = await Promise.all([1, 2, 3].map(() => prompt({ prompt: 'go on', moment: 'same' })))
    expect(copies.filter(Boolean)).toHaveLength(1)
    expect(labelsIn(copies)).toEqual(new Set(['db:1']))
  })

  it('if another process resumes the session', async () => {
    await start()
    await claim('bob', 'db:1')
    await prompt()
    await claim('bob', 'db:2')
    const resumed = await fire('SessionStart', { source: 'resume' }, { env: { CLAUDE_PID: '1' } })
    expect(labelsIn([resumed])).toEqual(new Set(['db:1', 'db:2']))
  })
})

describe('a subagent', () => {
  it('is told the board in full at its start, and what it was told doesn’t count for its session', async () => {
    await as('s1', board => board.claim('node:b', { purpose: 'restart' }))
    await start()
    await claim('bob', 'node:a')
    await claim('eve', 'node:b', 'reboot')
    for (const agent_id of ['a1', 'a2']) {
      const said = await fire('SubagentStart', { agent_id, agent_type: 'Explore' })
      expect(said).toMatch(/node:b, which you hold, is also claimed: "reboot" by eve/)
      expect(said).toMatch(/2 claims of other sessions, 1 of them named above\. .*\n- node:a: "drain" by bob/)
    }
    const said = await prompt()
    expect(said).toMatch(/node:b, which you hold, is also claimed: "reboot" by eve/)
    expect(said).toMatch(/changes since .*\n- new: node:a: "drain" by bob/)
  })
})

it('what is recorded for a session is for its user only, and is deleted with it', async () => {
  await claim('bob', 'node:a')
  await start()
  expect(statSync(file()).mode & 0o777).toBe(0o600)
  await fire('SessionEnd', { reason: 'other' })
  expect(existsSync(file())).toBe(false)
})
