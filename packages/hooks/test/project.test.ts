import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
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

function project(name: string): string {
  const folder = join(home, name)
  mkdirSync(join(folder, '.git'), { recursive: true })
  return folder
}

const fire = (event: string, cwd: string, more: object = {}) =>
  hook({
    args: [event],
    input: JSON.stringify({ session_id: 'mine', cwd, ...more }),
    env: { HOME: home, PRESENCE_DSN: dsn() },
  })

async function claim(session: string, cwd: string, label: string): Promise<void> {
  await using board = await openBoard({ dsn: dsn(), session, env: {}, cwd })
  await board.claim(label, { purpose: 'p' })
}

async function who(): Promise<readonly (string | undefined)[][]> {
  await using board = await openBoard({ dsn: dsn(), session: 'eve', env: {} })
  return (await board.who()).sessions.map(({ session }) => [session.id, session.agent, session.place?.repo])
}

it('the claims of this project come first, whenever they were made, then the latest', async () => {
  const [infra, web] = [project('infra'), project('web')]
  await claim('a', infra, 'node:here')
  await claim('b', web, 'node:elsewhere')
  await claim('c', home, 'node:nowhere')
  const { stdout } = await fire('UserPromptSubmit', join(infra), { prompt: 'go' })
  const told = JSON.parse(stdout).hookSpecificOutput.additionalContext as string
  expect([...told.matchAll(/^- node:(\w+):/gm)].map(([, name]) => name)).toEqual([
    'here',
    'nowhere',
    'elsewhere',
  ])
})

it('a session is registered at its start, with where it works, and removed at its end', async () => {
  const infra = project('infra')
  await fire('SessionStart', infra, { source: 'startup' })
  expect(await who()).toEqual([['mine', 'claude-code', 'infra']])
  await fire('Stop', infra)
  expect(await who(), 'the end of a turn does not end the session').toHaveLength(1)
  await fire('SessionEnd', infra, { reason: 'clear' })
  expect(await who(), '/clear does not end the session').toHaveLength(1)
  await fire('SessionEnd', infra, { reason: 'prompt_input_exit' })
  expect(await who()).toEqual([])
})
