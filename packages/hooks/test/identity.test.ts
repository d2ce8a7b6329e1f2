import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openBoard } from '@presence/core'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { until } from '../../../e2e/support/until.ts'
import { hook } from './hook-process.ts'

const BIN = join(import.meta.dirname, '../../cli/bin')

let home: string
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'presence-hook-home-'))
})
afterEach(() => rmSync(home, { recursive: true, force: true }))

const env = () => ({
  HOME: home,
  PRESENCE_DSN: `sqlite:${home}/board.db`,
  PATH: `${BIN}:${process.env['PATH']}`,
})

async function holders(): Promise<readonly string[]> {
  await using board = await openBoard({ dsn: env().PRESENCE_DSN, session: 'eve', env: {} })
  const said = await board.list()
  return said.ok ? said.claims.map(({ session, label }) => `${session.id} ${label}`) : []
}

async function claim(session: string, label: string): Promise<void> {
  await using board = await openBoard({ dsn: env().PRESENCE_DSN, session, env: {} })
  await board.claim(label, { purpose: 'p' })
}

describe('an agent that is started from the shell of another one', () => {
  it('is a session of its own, and its end leaves the other’s claims alone', async () => {
    await claim('parent', 'node:p')
    const inherited = { ...env(), PRESENCE_SESSION_ID: 'parent', PRESENCE_HOOK_SESSION_ID: 'parent' }
    const child = JSON.stringify({ session_id: 'child', cwd: home, source: 'startup' })
    await hook({ args: ['SessionStart'], input: child, env: inherited })
    await claim('child', 'node:c')
    await hook({ args: ['SessionEnd'], input: child, env: inherited })
    expect(await holders()).toEqual(['parent node:p'])
  })

  it('is the session that was named for it', async () => {
    const named = { ...env(), PRESENCE_SESSION_ID: 'mine', PRESENCE_HOOK_SESSION_ID: 'parent' }
    await claim('mine', 'node:m')
    await hook({
      args: ['SessionEnd'],
      input: JSON.stringify({ session_id: 'child', cwd: home }),
      env: named,
    })
    expect(await holders()).toEqual([])
  })

  it('inherits both ids from the exports of the other’s start hook', async () => {
    const file = join(home, 'exports')
    const input = JSON.stringify({ session_id: 'parent', cwd: home, source: 'startup' })
    await hook({ args: ['SessionStart'], input, env: { ...env(), CLAUDE_ENV_FILE: file } })
    expect(readFileSync(file, 'utf8')).toMatch(
      /PRESENCE_SESSION_ID='parent'\n.*PRESENCE_HOOK_SESSION_ID='parent'\n/,
    )
  })
})

describe('an agent that exports nothing to its commands', () => {
  /** Runs hooks and shell commands one after the other, as one agent process would. */
  const inOneProcess = (script: string) =>
    execFileSync('sh', ['-c', script], { env: { ...env(), GEMINI_CLI: '1' }, encoding: 'utf8' })
  const fire = (event: string, more: object = {}) =>
    `echo '${JSON.stringify({ session_id: 'g1', cwd: '/', ...more })}' | presence hook ${event} --agent gemini-cli`

  it('Gemini CLI: its commands find the session by the process from which both descend', async () => {
    inOneProcess(
      `${fire('SessionStart', { source: 'startup' })}; sh -c 'presence claim node:g --purpose drain'; true`,
    )
    expect(await holders()).toEqual(['g1 node:g'])
    inOneProcess(`${fire('SessionStart', { source: 'startup' })}; ${fire('SessionEnd', { reason: 'exit' })}`)
    expect(await holders()).toEqual([])
    const left = readdirSync(join(home, '.local/state/presence/hooks')).filter(name =>
      name.startsWith('process-'),
    )
    expect(left, 'only the process without a SessionEnd leaves a file').toHaveLength(1)
  })

  it('Cursor: is told how its commands must name the session', async () => {
    const input = JSON.stringify({ conversation_id: 'conv-1', workspace_roots: [home] })
    const said = await hook({ args: ['sessionStart', '--agent', 'cursor'], input, env: env() })
    expect(JSON.parse(said.stdout).additional_context).toContain('`--session conv-1`')
  })
})

it('an agent is told at a later event what it could not be told at an earlier one', async () => {
  await claim('conv-1', 'db:orders')
  await claim('intruder', 'db:orders')
  const fire = (event: string, more: object = {}) =>
    hook({
      args: [event, '--agent', 'cursor'],
      input: JSON.stringify({ conversation_id: 'conv-1', workspace_roots: [home], ...more }),
      env: env(),
    })
  expect((await fire('beforeSubmitPrompt', { prompt: 'go on' })).stdout).toBe('')
  const { utimesSync } = await import('node:fs')
  const long = Date.now() / 1_000 - 121
  for (const part of ['beat', 'due'])
    utimesSync(join(home, `.local/state/presence/hooks/conv-1.${part}`), long, long)
  expect((await fire('postToolUse', { tool_name: 'Shell' })).stdout).toContain('intruder')
})

it('the project’s tracker is found from any folder below', async () => {
  mkdirSync(join(home, 'top/.git'), { recursive: true })
  mkdirSync(join(home, 'top/.beads'))
  mkdirSync(join(home, 'top/sub/.beads'), { recursive: true })
  const { writeFileSync } = await import('node:fs')
  writeFileSync(join(home, 'bd'), `#!/bin/sh\necho "$2" >'${home}/asked'\necho '[]'\n`, { mode: 0o755 })
  await hook({
    args: ['UserPromptSubmit'],
    input: JSON.stringify({ session_id: 's1', cwd: join(home, 'top/sub'), prompt: 'x' }),
    env: { ...env(), PATH: `${home}:${env().PATH}`, CLAUDE_PROJECT_DIR: join(home, 'top/sub') },
  })
  const folder = join(home, '.local/state/presence/tracker')
  await until('the kept answer', () => existsSync(folder) && readdirSync(folder).join().endsWith('.json'))
  expect(readFileSync(join(home, 'asked'), 'utf8')).toBe(`${home}/top/.beads\n`)
})

it('the status line includes new claims after the next heartbeat', async () => {
  const session = { ...env(), CLAUDE_CODE_SESSION_ID: 's1' }
  const fire = (event: string) =>
    hook({ args: [event], input: JSON.stringify({ session_id: 's1', cwd: '/', prompt: 'x' }), env: session })
  const run = (...args: string[]) =>
    execFileSync(join(BIN, 'presence'), args, { env: session, encoding: 'utf8' })
  await fire('UserPromptSubmit')
  expect(run('statusline', '--agent-session', 's1')).toBe('presence: 0 mine, 0 others\n')
  run('claim', 'node:a', '--purpose', 'p')
  await fire('PostToolUse')
  expect(run('statusline', '--agent-session', 's1')).toBe('presence: 1 mine, 0 others\n')
  run('release', 'node:a')
  await fire('PostToolUse')
  expect(run('statusline', '--agent-session', 's1')).toBe('presence: 0 mine, 0 others\n')
})
