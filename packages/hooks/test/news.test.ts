import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Board, openBoard } from '@presence/core'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { answered } from '../../../e2e/support/answered.ts'
import { FileStamp } from '../src/session/stamp.ts'
import { hook } from './hook-process.ts'

let home: string
let mine: Board
let ana: Board
beforeEach(async () => {
  home = mkdtempSync(join(tmpdir(), 'presence-hook-home-'))
  mine = await openBoard({ dsn: dsn(), session: 's1', env: {} })
  ana = await openBoard({ dsn: dsn(), session: 'ana', env: {} })
})
afterEach(async () => {
  await mine.close()
  await ana.close()
  rmSync(home, { recursive: true, force: true })
})

const dsn = () => `sqlite:${home}/board.db`
const file = (part: string) => join(home, `.local/state/presence/hooks/s1.${part}`)
let moments = 0

/** Runs a hook of the session s1, and returns the text for its agent. */
function fire(event: string, more: object = {}, args: readonly string[] = []): Promise<string> {
  // Another agent's variable is no id of its own.
  const variables = args.length > 0 ? {} : { CLAUDE_CODE_SESSION_ID: 's1' }
  return answered(async () => {
    const input = JSON.stringify({ session_id: 's1', cwd: home, moment: moments++, ...more })
    const env = { HOME: home, PRESENCE_DSN: dsn(), ...variables }
    const { stdout, status, stderr } = await hook({ args: [event, ...args], input, env })
    expect([status, stderr]).toEqual([0, ''])
    if (stdout === '') return ''
    const said = JSON.parse(stdout)
    return said.additional_context ?? said.hookSpecificOutput?.additionalContext ?? stdout
  })
}

/** Two minutes pass, so that a heartbeat is due. */
function later(): void {
  const at = Date.now() / 1_000 - 121
  for (const part of ['beat', 'due']) if (existsSync(file(part))) utimesSync(file(part), at, at)
}

async function loseTo(label: string): Promise<void> {
  await mine.claimExclusively(label, { purpose: 'upgrade the kernel' })
  // The agent's hooks know the claim, and the next heartbeat is not due for two minutes.
  await fire('SessionStart', { source: 'startup' })
  const stolen = await ana.steal(label, { reason: 'its runner is gone' })
  expect(stolen.ok).toBe(true)
}

const STOLEN =
  /your exclusive claim on node:a \("upgrade the kernel"\) was stolen by ana (just now|.* ago): "its runner is gone"/
const CO_CLAIM = /node:b, which you hold, is also claimed: "drain" by ana/

describe('a session whose claim was stolen is told at its next prompt, before a heartbeat is due,', () => {
  it('first of all, once, and again after a start', async () => {
    await mine.claim('node:b', { purpose: 'upgrade the kernel' })
    await loseTo('node:a')
    await ana.claim('node:b', { purpose: 'drain' })
    await ana.messages.send({ to: 's1', subject: 'sorry', body: 'took node:a' })
    const [title, first, second, ...rest] = (await fire('UserPromptSubmit')).split('\n')
    expect(title).toMatch(/^Your own claims at /)
    expect(first).toMatch(STOLEN)
    expect(second).toMatch(CO_CLAIM)
    expect(rest.join('\n')).toContain('took node:a')

    const next = await fire('UserPromptSubmit')
    expect(next).not.toMatch(/stolen|is also claimed/)
    later()
    expect(await fire('PostToolUse')).toBe('')
    later()
    expect(await fire('UserPromptSubmit')).not.toMatch(/stolen|is also claimed/)
    const resumed = await fire('SessionStart', { source: 'resume' })
    expect(resumed).toMatch(STOLEN)
    expect(resumed).toMatch(CO_CLAIM)
    expect(await fire('UserPromptSubmit')).not.toMatch(/stolen|is also claimed/)
  })

  it('while another hook holds the lock of the heartbeat', async () => {
    await loseTo('node:a')
    later()
    writeFileSync(file('lock'), '')
    expect(await fire('UserPromptSubmit')).toMatch(STOLEN)
    expect(existsSync(file('lock'))).toBe(true)
  })

  it('also if the thief has released the label since', async () => {
    await loseTo('node:a')
    await ana.release('node:a')
    expect(await fire('UserPromptSubmit')).toMatch(STOLEN)
  })

  it('and at a later one if its prompt was blocked', async () => {
    await loseTo('node:a')
    mkdirSync(join(home, '.presence'))
    const config = join(home, '.presence/config.json')
    writeFileSync(config, JSON.stringify({ strictIdentity: true, roles: { web: {} } }))
    execFileSync('git', ['init', '--quiet', home], { env: { PATH: process.env['PATH'], HOME: home } })
    const blocked = await fire('UserPromptSubmit')
    rmSync(config)
    expect(JSON.parse(blocked)).toMatchObject({ decision: 'block' })
    expect(await fire('UserPromptSubmit')).toMatch(STOLEN)
  })

  it('of every claim, if there are more than fit into one text', async () => {
    const labels = Array.from({ length: 8 }, (_, at) => `node:n${at}`)
    for (const label of labels) await mine.claimExclusively(label, { purpose: 'p' })
    await fire('SessionStart', { source: 'startup' })
    for (const label of labels) await ana.steal(label, { reason: 'r' })
    const told = [await fire('UserPromptSubmit'), await fire('UserPromptSubmit')].join('\n')
    for (const label of labels) expect(told.split(`claim on ${label} `)).toHaveLength(2)
    expect(await fire('UserPromptSubmit')).not.toContain('was stolen')
  })
})

it('Cursor, whose prompts accept no text, is told at the next event that does', async () => {
  const cursor = ['--agent', 'cursor']
  const conversation = { session_id: undefined, conversation_id: 's1', workspace_roots: [home] }
  await mine.claimExclusively('node:a', { purpose: 'upgrade the kernel' })
  await fire('sessionStart', conversation, cursor)
  await ana.steal('node:a', { reason: 'its runner is gone' })
  expect(await fire('beforeSubmitPrompt', conversation, cursor)).toBe('')
  expect(await fire('postToolUse', conversation, cursor)).toMatch(STOLEN)
  expect(await fire('beforeSubmitPrompt', conversation, cursor)).toBe('')
  later()
  expect(await fire('postToolUse', conversation, cursor)).toBe('')
})

describe('what a session was told', () => {
  const stamp = (isAwaited = () => true) => new FileStamp(join(home, 'state'), 's1', { isAwaited })

  it('is not undone by another hook that read the board earlier and answers later', () => {
    stamp().tell(new Date(2_000), ['stolen'])
    stamp().tell(new Date(1_000), ['co-claim'])
    expect([...stamp().told()].sort()).toEqual(['co-claim', 'stolen'])
    stamp().tell(new Date(3_000), ['co-claim'])
    expect([...stamp().told()]).toEqual(['co-claim'])
  })

  it('is nothing that a hook found after it had printed another answer', () => {
    stamp(() => false).tell(new Date(1_000), ['stolen'])
    stamp(() => false).show(['message'])
    expect([...stamp().told(), ...stamp().shown()]).toEqual([])
  })
})
