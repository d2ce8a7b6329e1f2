import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openBoard } from '@presence/core'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { isNoAnswer } from '../../../e2e/support/answered.ts'
import { until } from '../../../e2e/support/until.ts'
import { AT_ONCE_MS } from '../src/moment.ts'
import { hook } from './hook-process.ts'

let home: string
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'presence-hook-home-'))
})
afterEach(() => rmSync(home, { recursive: true, force: true }))

const dsn = () => `sqlite:${home}/board.db`
const state = () => join(home, '.local/state/presence/hooks')
const fire = (event: string, payload: object = {}, args: readonly string[] = []) =>
  hook({
    args: [event, ...args],
    input: JSON.stringify({ session_id: 's1', cwd: home, ...payload }),
    env: { HOME: home, PRESENCE_DSN: dsn(), PATH: `${home}:${process.env['PATH']}` },
  })

/** More than the two of a plugin and a project's settings, so that some come between each other's steps. */
const COPIES = 5

/** Whether all hooks of a session began within the time in which they count as copies. */
function ranAtOnce(session: string): boolean {
  const lines = readFileSync(join(state(), `${session}.once`), 'utf8')
    .trimEnd()
    .split('\n')
  const times = lines.map(line => Number(line.split(' ')[1]))
  return times.length === COPIES && Math.max(...times) - Math.min(...times) <= AT_ONCE_MS
}

async function claim(session: string): Promise<void> {
  await using board = await openBoard({ dsn: dsn(), session, env: {} })
  const said = await board.claim('node:a', { purpose: 'p' })
  if (!said.ok) throw new Error(said.refusal.message)
}

describe('a hook that is wired twice', () => {
  it.each(['SessionStart', 'UserPromptSubmit'])(
    'speaks once at %s, however many run at the same time',
    async event => {
      await claim('bob')
      // On a busy machine the copies may run more than `AT_ONCE_MS` apart, and then count as two events. Or
      // one has no time left to ask. So this repeats until they ran together.
      let tries = 0
      const all = await until('hooks that ran at the same time', async () => {
        const session = `s${tries++}`
        const payload = { prompt: 'go on', session_id: session }
        const said = await Promise.all(Array.from({ length: COPIES }, () => fire(event, payload)))
        return ranAtOnce(session) && !said.some(({ stdout }) => isNoAnswer(stdout)) && said
      })
      expect(all.map(({ status, stderr }) => [status, stderr])).toEqual(all.map(() => [0, '']))
      expect(all.filter(({ stdout }) => stdout.includes('by bob'))).toHaveLength(1)
      expect(all.filter(({ stdout }) => stdout === '')).toHaveLength(COPIES - 1)
    },
  )

  it('speaks again at every other event', async () => {
    await claim('bob')
    expect((await fire('UserPromptSubmit', { prompt: 'one' })).stdout).toContain('Presence board')
    expect((await fire('UserPromptSubmit', { prompt: 'two' })).stdout).toContain('Presence board')
    expect((await fire('SessionStart', { prompt: 'two' })).stdout).toContain('Presence board')
    expect((await fire('UserPromptSubmit', { prompt: 'two', session_id: 's2' })).stdout).toContain(
      'Presence board',
    )
  })

  it('speaks again if the same text comes later', async () => {
    await claim('bob')
    expect((await fire('UserPromptSubmit', { prompt: 'go on' })).stdout).toContain('Presence board')
    const file = join(state(), 's1.once')
    const [moment = '', at] = readFileSync(file, 'utf8').split(' ')
    writeFileSync(file, `${moment} ${Number(at) - 2_100} 1\n`)
    expect((await fire('UserPromptSubmit', { prompt: 'go on' })).stdout).toContain('Presence board')
    expect((await fire('UserPromptSubmit', { prompt: 'go on' })).stdout).toBe('')
  })

  it('speaks again after a while if the same text comes all the time', async () => {
    await claim('bob')
    expect((await fire('UserPromptSubmit', { prompt: 'go on' })).stdout).toContain('Presence board')
    const file = join(state(), 's1.once')
    const [moment] = readFileSync(file, 'utf8').split(' ')
    writeFileSync(file, [2_500, 800].map((age, pid) => `${moment} ${Date.now() - age} ${pid}\n`).join(''))
    expect((await fire('UserPromptSubmit', { prompt: 'go on' })).stdout).toContain('Presence board')
  })

  it('speaks each time if it gets no payload', async () => {
    await claim('bob')
    const say = () =>
      hook({ args: ['UserPromptSubmit'], input: '', env: { HOME: home, PRESENCE_DSN: dsn() } })
    for (let turn = 0; turn < 2; turn++) expect((await say()).stdout).toContain('by bob')
  })

  it('keeps its record in a file that is limited in size, and is deleted with the session', async () => {
    await fire('SessionStart')
    const file = join(state(), 's1.once')
    writeFileSync(file, 'x-0123456789abcdef 1 1\n'.repeat(2_000))
    await fire('UserPromptSubmit')
    expect(readFileSync(file, 'utf8').split('\n')).toHaveLength(2)
    await fire('SessionEnd')
    expect(readdirSync(state())).toEqual([])
  })

  it('denies a task tool each time, and releases each time', async () => {
    mkdirSync(join(home, '.beads'))
    writeFileSync(join(home, 'bd'), '#!/bin/sh\n', { mode: 0o755 })
    const both = await Promise.all(
      [0, 1].map(() =>
        fire('PreToolUse', { tool_name: 'TodoWrite', tool_use_id: 't1' }, ['--deny-task-tools']),
      ),
    )
    expect(both.filter(({ stdout }) => stdout.includes('"deny"'))).toHaveLength(2)
    for (let turn = 0; turn < 2; turn++) {
      await claim('s1')
      await fire('Stop')
      await using board = await openBoard({ dsn: dsn(), session: 's1', env: {} })
      expect((await board.heartbeat()).mine).toEqual([])
    }
  })
})
