import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openBoard } from '@presence/core'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { type HookResult, hook, ONE_FILE } from './hook-process.ts'

let home: string
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'presence-guard-home-'))
})
afterEach(() => rmSync(home, { recursive: true, force: true }))

const board = () => `sqlite:${home}/board.db`

interface Run {
  readonly session?: string
  readonly call?: string
  readonly mode?: string
  readonly dsn?: string
  readonly command?: string
  readonly launcher?: readonly string[]
}

let calls = 0

function guard({
  session = 's1',
  call = `toolu_${calls++}`,
  mode = 'pause',
  dsn = board(),
  command = 'kubectl drain k8s-1',
  launcher,
}: Run = {}): Promise<HookResult> {
  const input = {
    session_id: session,
    cwd: '/',
    tool_name: 'Bash',
    tool_input: { command },
    tool_use_id: call,
  }
  return hook({
    args: ['PreToolUse', '--guard', mode],
    input: JSON.stringify(input),
    env: { HOME: home, PRESENCE_DSN: dsn, CLAUDE_CODE_SESSION_ID: session },
    ...(launcher ? { launcher } : {}),
  })
}

const said = ({ stdout }: HookResult) =>
  stdout === ''
    ? {}
    : ((JSON.parse(stdout) as { hookSpecificOutput?: Record<string, string> }).hookSpecificOutput ?? {})

async function claims() {
  await using asked = await openBoard({ dsn: board(), env: {}, session: 'reader' })
  const list = await asked.list({})
  return list.ok ? list.claims.map(({ label, purpose, session }) => `${label} ${purpose} ${session.id}`) : []
}

it('a command is claimed before it runs, and the next session’s command is paused with it', async () => {
  expect((await guard({ session: 'a' })).status).toBe(0)
  expect(await claims()).toEqual(['node:k8s-1 kubectl drain k8s-1 a'])
  const other = said(await guard({ session: 'b', command: 'sudo kubectl cordon k8s-1', launcher: ONE_FILE }))
  expect(other['permissionDecision']).toBe('deny')
  expect(other['permissionDecisionReason']).toMatch(/"kubectl drain k8s-1" by a /)
  expect(await claims(), 'a refused attempt leaves nothing').toEqual(['node:k8s-1 kubectl drain k8s-1 a'])
})

it('of two commands at once on one label, at least one is told of the other', async () => {
  const both = await Promise.all([guard({ session: 'a' }), guard({ session: 'b' })])
  expect(both.map(({ status }) => status)).toEqual([0, 0])
  expect(both.filter(result => said(result)['permissionDecision'] === 'deny').length).toBeGreaterThan(0)
})

it('copies of one hook count once: one claim, and the same answer', async () => {
  const copies = await Promise.all([guard({ call: 'toolu_x' }), guard({ call: 'toolu_x' })])
  expect(copies.map(result => said(result)['permissionDecision'])).toEqual([undefined, undefined])
  expect(await claims()).toHaveLength(1)
  const refused = await Promise.all([
    guard({ session: 'b', call: 'toolu_y' }),
    guard({ session: 'b', call: 'toolu_y' }),
  ])
  const [one, two] = refused.map(result => said(result)['permissionDecisionReason'])
  expect(one).toContain('kubectl drain k8s-1')
  expect(two?.replaceAll(/\d+ (s|min)/g, '')).toBe(one?.replaceAll(/\d+ (s|min)/g, ''))
})

it('a command that fails leaves its claim with the exit status', async () => {
  await guard({ call: 'toolu_f' })
  const after = await hook({
    args: ['PostToolUseFailure', '--guard', 'pause'],
    input: JSON.stringify({
      session_id: 's1',
      cwd: '/',
      tool_name: 'Bash',
      tool_input: { command: 'kubectl drain k8s-1' },
      tool_use_id: 'toolu_f',
      error: 'Exit code 3\nno such node',
    }),
    env: { HOME: home, PRESENCE_DSN: board(), CLAUDE_CODE_SESSION_ID: 's1' },
  })
  expect(after).toEqual({ status: 0, stdout: '', stderr: '' })
  await using asked = await openBoard({ dsn: board(), env: {}, session: 'reader' })
  const list = await asked.list({})
  expect(list.ok && list.claims.map(({ automatic }) => automatic)).toEqual([
    { command: 'kubectl drain k8s-1', outcome: 'failed', exitStatus: 3 },
  ])
})

it.each(['pause', 'deny'])(
  'a board that hangs holds a command up no longer than promised, in %s',
  async mode => {
    const silent: Server = createServer(() => {})
    await new Promise<void>(resolve => silent.listen(0, '127.0.0.1', resolve))
    try {
      const address = silent.address()
      const port = typeof address === 'object' && address ? address.port : 0
      const result = await guard({ mode, dsn: `mysql://nobody@127.0.0.1:${port}/presence` })
      expect(result.status, 'ended in time').toBe(0)
      const answer = said(result)
      const text = answer['additionalContext'] ?? answer['permissionDecisionReason']
      expect(text).toContain('nobody knows')
      expect(answer['permissionDecision']).toBe(mode === 'deny' ? 'ask' : undefined)
    } finally {
      silent.close()
    }
  },
)

it('a damaged config holds no command up', async () => {
  writeFileSync(join(home, 'x'), '')
  const result = await guard({ dsn: 'nonsense://x' })
  expect(result.status).toBe(0)
  expect(said(result)['additionalContext']).toContain('nobody knows')
})
