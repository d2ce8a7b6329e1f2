import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { openBoard } from '@presence/core'
import { afterEach, beforeEach, describe, expect, it, onTestFinished } from 'vitest'
import { until } from '../../../e2e/support/until.ts'
import { HOOK, hook, ONE_FILE } from './hook-process.ts'

let home: string
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'presence-hook-home-'))
})
afterEach(() => rmSync(home, { recursive: true, force: true }))

const env = () => ({ HOME: home, CLAUDE_CODE_SESSION_ID: 's1', PRESENCE_DSN: `sqlite:${home}/board.db` })
const tool = (shell: readonly string[] = [], launcher?: readonly string[], killedAfterMs?: number) =>
  hook({
    args: ['PostToolUse'],
    input: '{"session_id":"s1","cwd":"/"}',
    env: env(),
    shell,
    ...(launcher ? { launcher } : {}),
    ...(killedAfterMs === undefined ? {} : { killedAfterMs }),
  })
const file = (part: string) => join(home, `.local/state/presence/hooks/s1.${part}`)

async function claimed(): Promise<void> {
  await using board = await openBoard({ dsn: env().PRESENCE_DSN, session: 's1', env: {} })
  const said = await board.claim('node:a', { purpose: 'p' })
  if (!said.ok) throw new Error(said.refusal.message)
}

/**
 * Counts the heartbeats that reach the board from now on. A board with a trigger is not opened, so this looks every
 * few milliseconds whether a claim was extended; two heartbeats come from two processes, further apart than that.
 */
function countBeats(): () => number {
  const reader = new DatabaseSync(join(home, 'board.db'), { readOnly: true })
  const expiries = reader.prepare('SELECT sum(expires_at) AS sum FROM presence_claims')
  const now = () => expiries.get()?.['sum']
  let [last, count] = [now(), 0]
  const look = () => {
    const next = now()
    if (next !== last) count++
    last = next
    return count
  }
  const timer = setInterval(look, 2)
  onTestFinished(() => {
    clearInterval(timer)
    reader.close()
  })
  return look
}

/**
 * Runs the hook until this many heartbeats have reached the board. On a busy machine a hook may reach its
 * deadline first, and the lock that it leaves is valid for a minute.
 */
async function untilBeats(beats: () => number, count: number, run: () => Promise<unknown>): Promise<void> {
  await until(`${count} heartbeats`, async () => {
    if (existsSync(file('lock'))) utimesSync(file('lock'), Date.now() / 1_000 - 180, Date.now() / 1_000 - 180)
    await run()
    return beats() > 0 && beats() >= count
  })
  expect(beats()).toBe(count)
}

/** Pretends that the last heartbeat was this many seconds ago. */
function age(seconds: number): void {
  const [beat, due] = [Date.now() / 1_000 - seconds, Date.now() / 1_000 - seconds + 120]
  utimesSync(file('beat'), beat, beat)
  utimesSync(file('due'), due, due)
}

const SHELLS: readonly {
  readonly name: string
  readonly shell: readonly string[]
  readonly launcher?: readonly string[]
}[] = [
  { name: 'dash', shell: ['dash'] },
  { name: 'bash', shell: ['bash', '--posix'] },
  { name: 'bash as bash', shell: ['bash'] },
  { name: 'busybox', shell: ['busybox', 'sh'] },
  { name: 'dash, from the command of one file', shell: ['dash'], launcher: ONE_FILE },
  { name: 'bash, from the command of one file', shell: ['bash'], launcher: ONE_FILE },
  { name: 'busybox, from the command of one file', shell: ['busybox', 'sh'], launcher: ONE_FILE },
]

describe.each(SHELLS)('the heartbeat after a tool, under $name', ({ shell, launcher }) => {
  it('is written once in two minutes', async () => {
    await claimed()
    const beats = countBeats()
    await untilBeats(beats, 1, () => tool(shell, launcher))
    for (let at = 0; at < 5; at++)
      expect(await tool(shell, launcher)).toEqual({ status: 0, stdout: '', stderr: '' })
    expect(beats()).toBe(1)
    age(90)
    await tool(shell, launcher)
    expect(beats()).toBe(1)
    age(121)
    await untilBeats(beats, 2, () => tool(shell, launcher))
  })

  it('is not blocked forever by a clock that was set back', async () => {
    await claimed()
    await untilBeats(countBeats(), 1, () => tool(shell, launcher))
    const beats = countBeats()
    age(-3_600)
    await untilBeats(beats, 1, () => tool(shell, launcher))
    expect(statSync(file('beat')).mtimeMs).toBeLessThanOrEqual(Date.now())
  })
})

it('the heartbeat of Gemini CLI is also throttled before Node starts', async () => {
  await claimed()
  const gemini = (PATH = process.env['PATH']) =>
    hook({
      args: ['AfterTool', '--agent', 'gemini-cli'],
      input: '{"session_id":"s1","cwd":"/"}',
      env: { ...env(), CLAUDE_CODE_SESSION_ID: undefined, GEMINI_SESSION_ID: 's1', PATH },
    })
  const beats = countBeats()
  await untilBeats(beats, 1, gemini)
  rmSync(join(home, '.local/state/presence/hooks/s1.now'), { force: true })
  await gemini()
  expect(existsSync(file('now')), 'the shell has looked').toBe(true)
  expect(beats()).toBe(1)
  age(121)
  await untilBeats(beats, 2, gemini)
})

describe('hooks that run at the same time', () => {
  it('send one heartbeat if 200 of them find it due', { timeout: 120_000 }, async () => {
    await claimed()
    await untilBeats(countBeats(), 1, tool)
    const beats = countBeats()
    age(121)
    const results = await Promise.all(Array.from({ length: 200 }, () => tool([], undefined, 60_000)))
    expect(new Set(results.map(({ status }) => status))).toEqual(new Set([0]))
    expect(beats()).toBeLessThanOrEqual(1)
    // On a busy machine the hook that sends the heartbeat may reach its deadline before the board answers.
    // Then the next hook writes the heartbeat.
    if (beats() === 1) expect(existsSync(file('lock'))).toBe(false)
    await untilBeats(beats, 1, tool)
  })

  it('are delayed only briefly by a hook that was killed while it held the lock', async () => {
    await claimed()
    await untilBeats(countBeats(), 1, tool)
    const beats = countBeats()
    age(121)
    writeFileSync(file('lock'), '')
    await tool()
    expect(beats(), 'no heartbeat while the lock is held').toBe(0)
    await untilBeats(beats, 1, tool)
  })
})

it('a new co-claim is reported once, and again only when another session comes', async () => {
  await claimed()
  const join_ = async (session: string) => {
    await using board = await openBoard({ dsn: env().PRESENCE_DSN, session, env: {} })
    await board.claim('node:a', { purpose: 'q' })
  }
  await join_('bob')
  const said: string[] = []
  for (let at = 0; at < 3; at++) {
    said.push((await tool()).stdout)
    age(121)
    if (at === 1) await join_('eve')
  }
  expect(said[0]).toContain('by bob')
  expect(said[1]).toBe('')
  expect(said[2]).toContain('by eve')
  expect(said[2]).not.toContain('by bob')
  expect(readFileSync(file('told'), 'utf8')).toContain('eve')
})

describe('an agent that inherited the session id of the one that started it', () => {
  it.each(SHELLS)(
    'is not throttled by that one’s heartbeats, under $name',
    async ({ shell, launcher = HOOK }) => {
      const claimedBy = async (session: string) => {
        await using board = await openBoard({ dsn: env().PRESENCE_DSN, session, env: {} })
        await board.claim(`node:${session}`, { purpose: 'p' })
      }
      await claimedBy('s1')
      await untilBeats(countBeats(), 1, () => tool(shell, launcher))
      await claimedBy('inner')
      const beats = countBeats()
      // The shell stays, so the hook has another parent than before.
      const command = [...shell, ...launcher, 'PostToolUse'].join(' ')
      await untilBeats(beats, 1, () =>
        hook({
          args: ['-c', `${command}; true`],
          launcher: ['bash'],
          input: '{"session_id":"inner","cwd":"/"}',
          env: env(),
        }),
      )
      expect(existsSync(file('lock')), 'the lock of the outer one').toBe(false)
    },
  )
})
