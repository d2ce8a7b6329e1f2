import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openBoard } from '@presence/core'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { hook } from './hook-process.ts'

let home: string
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'presence-hook-home-'))
})
afterEach(() => rmSync(home, { recursive: true, force: true }))

const dsn = () => `sqlite:${home}/board.db`
let moments = 0

async function fire(event: string, more: object = {}, session = 's1'): Promise<string> {
  const input = JSON.stringify({ session_id: session, cwd: home, moment: moments++, ...more })
  const { stdout } = await hook({ args: [event], input, env: { HOME: home, PRESENCE_DSN: dsn() } })
  return stdout === '' ? '' : JSON.parse(stdout).hookSpecificOutput.additionalContext
}

async function send(subject: string, to?: string): Promise<string> {
  await using board = await openBoard({ dsn: dsn(), session: 'ana', env: {} })
  const sent = await board.messages.send({ subject, body: `about ${subject}`, ...(to ? { to } : {}) })
  if (!sent.ok) throw new Error(sent.refusal.message)
  return sent.message.id
}

async function inbox() {
  await using board = await openBoard({ dsn: dsn(), session: 's1', env: {} })
  const found = await board.messages.inbox({ unreadOnly: true })
  return found.ok ? found.rows.map(({ subject }) => subject) : []
}

it('a message is shown once, at the first prompt after it came, and stays unread', async () => {
  await send('one', 's1')
  expect(await fire('UserPromptSubmit')).toContain('from ana to this session: "one": "about one"')
  expect(await fire('UserPromptSubmit')).toBe('')
  await send('two')
  const said = await fire('UserPromptSubmit')
  expect(said).toContain('from ana to all: "two"')
  expect(said).not.toContain('"one"')
  expect(await inbox()).toEqual(['two', 'one'])
})

it('at a start an agent is shown unread messages, again if it may have lost them, and twice at most', async () => {
  await send('one', 's1')
  expect(await fire('SessionStart', { source: 'startup' })).toContain('"one"')
  expect(await fire('UserPromptSubmit'), 'the message was told just before').toBe('')
  expect(await fire('SessionStart', { source: 'compact' })).toContain('"one"')
  expect(await fire('SessionStart', { source: 'compact' })).not.toContain('"one"')
})

it('a message that was read is not shown again, and is still shown to another reader', async () => {
  const id = await send('one')
  await using board = await openBoard({ dsn: dsn(), session: 's1', env: {} })
  await board.messages.read([id])
  expect(await fire('UserPromptSubmit')).not.toContain('"one"')
  expect(await fire('UserPromptSubmit', {}, 's2')).toContain('"one"')
})

it('at a prompt an agent is shown no messages of another project', async () => {
  await using board = await openBoard({ dsn: dsn(), session: 'ana', env: {} })
  await board.messages.send({ subject: 'mine', body: 'x', project: 'web' })
  await board.messages.send({ subject: 'another', body: 'x', project: 'infra' })
  const input = JSON.stringify({ session_id: 's1', cwd: join(home, 'web') })
  mkdirSync(join(home, 'web/.git'), { recursive: true })
  const { stdout } = await hook({
    args: ['UserPromptSubmit'],
    input,
    env: { HOME: home, PRESENCE_DSN: dsn() },
  })
  expect(stdout).toContain('to all of web: \\"mine\\"')
  expect(stdout).not.toContain('another')
})

it('messages to this session are shown before messages to all, however many of those came later', async () => {
  await send('urgent', 's1')
  for (let at = 0; at < 25; at++) await send(`news-${at}`)
  expect(await fire('UserPromptSubmit')).toContain('to this session: "urgent"')
})

it('messages that did not fit are shown at the next prompts, each once', async () => {
  const sent = Array.from({ length: 23 }, (_, at) => `m${at}`)
  for (const subject of sent) await send(subject, 's1')
  const told: string[] = []
  for (let prompt = 0; prompt < 5; prompt++) {
    const lines = (await fire('UserPromptSubmit')).split('\n').filter(line => line.startsWith('- '))
    told.push(...lines.map(line => /this session: "(m\d+)"/.exec(line)?.[1] ?? line))
  }
  expect(told).toHaveLength(23)
  expect(new Set(told)).toEqual(new Set(sent))
  expect(await fire('UserPromptSubmit')).toBe('')
})

it('the stored record is bounded, and deleted with the session', async () => {
  for (let at = 0; at < 25; at++) await send(`m${at}`, 's1')
  const said = await fire('UserPromptSubmit')
  expect(said.match(/^- /gm)).toHaveLength(5)
  expect(said).toContain('and at least 15 more.')
  const file = join(home, '.local/state/presence/hooks/s1.shown')
  expect(readFileSync(file, 'utf8').split('\n')).toHaveLength(6)
  await fire('SessionEnd', { reason: 'other' })
  expect(() => readFileSync(file)).toThrow()
})
