import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { hook, ONE_FILE } from './hook-process.ts'

let home: string
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'presence-hook-home-'))
  // Stands for Node: it keeps its arguments and its input.
  const node = `#!/bin/sh
case $1 in --version) echo v24.0.0 && exit ;; esac
echo "$*" >>"$HOME/started"
cat >"$HOME/input"
`
  mkdirSync(join(home, 'bin'))
  writeFileSync(join(home, 'bin/node'), node, { mode: 0o755 })
})
afterEach(() => rmSync(home, { recursive: true, force: true }))

const hooks = () => join(home, '.local/state/presence/hooks')

/** What Node writes at the first command in a folder. */
function known(): void {
  mkdirSync(hooks(), { recursive: true, mode: 0o700 })
  writeFileSync(join(hooks(), 's1.names'), 'cwd /\nnames kubectl\ntools mcp__infra__restart\n')
}

const payload = (command: string, more: object = {}) =>
  JSON.stringify({ session_id: 's1', cwd: '/', tool_name: 'Bash', tool_input: { command }, ...more })

interface Run {
  readonly args?: readonly string[]
  readonly shell?: readonly string[]
  readonly env?: Readonly<Record<string, string>>
}

/** What Node gets to read; undefined if it isn't started. */
async function read(
  input: string,
  { args = ['PreToolUse', '--guard', 'pause'], shell = [], env = {} }: Run = {},
) {
  for (const name of ['started', 'input']) rmSync(join(home, name), { force: true })
  const result = await hook({
    args,
    input,
    shell,
    launcher: ONE_FILE,
    env: { HOME: home, PATH: `${home}/bin:${process.env['PATH']}`, SHLVL: '2', ...env },
  })
  expect(result).toEqual({ status: 0, stdout: '', stderr: '' })
  return existsSync(join(home, 'started')) ? readFileSync(join(home, 'input'), 'utf8') : undefined
}

describe.each([['dash'], ['bash'], ['busybox', 'sh']].map(shell => ({ shell, name: shell.join(' ') })))(
  "before an agent's command, under $name",
  ({ shell }) => {
    it('Node starts only for a command that the guard must look at, and reads the same payload', async () => {
      known()
      expect(await read(payload('ls -la | head'), { shell })).toBeUndefined()
      const texts = [
        payload('kubectl drain k8s-1'),
        payload('printf "%s\\n" \'a\\\\b\' | kubectl apply -f - # ünï 漢 \t'),
        payload(`kubectl ${'x'.repeat(100_000)}`),
        `{\n  "session_id": "s1",\n  "tool_input": { "command": "kubectl" }\n}`,
      ]
      for (const text of texts)
        expect((await read(text, { shell }))?.trimEnd() === text, text.slice(0, 80)).toBe(true)
    })
  },
)

it('Node starts for the first command of a session, and for one in a folder that it does not know', async () => {
  expect(await read(payload('ls'))).toBeDefined()
  known()
  expect(await read(payload('ls'))).toBeUndefined()
  expect(await read(payload('ls', { cwd: '/tmp' }))).toBeDefined()
})

it('Node starts for each sample of presence doctor', async () => {
  known()
  expect(await read(payload('ls'), { env: { PRESENCE_PROBE: join(home, 'report') } })).toBeDefined()
})

it('Node starts for no command if PRESENCE_GUARD is off, and its other values change nothing', async () => {
  known()
  const said = (value: string) => read(payload('kubectl drain k8s-1'), { env: { PRESENCE_GUARD: value } })
  expect(await said('off')).toBeUndefined()
  expect(await said('note')).toBeDefined()
  expect(await said('OFF')).toBeDefined()
})

it('without the guard, the payload of a tool is not looked at', async () => {
  known()
  expect(await read(payload('ls'), { args: ['PreToolUse', '--deny-task-tools'] })).toBe(payload('ls'))
})

it('after a tool, Node starts while a guarded command is running, also if no heartbeat is due', async () => {
  known()
  const env = { CLAUDE_CODE_SESSION_ID: 's1' }
  const after = (event: string) => read(payload('ls'), { args: [event, '--guard', 'pause'], env })
  writeFileSync(join(hooks(), 's1.due'), `${process.pid}\n`)
  utimesSync(join(hooks(), 's1.due'), Date.now() / 1_000 + 100, Date.now() / 1_000 + 100)
  expect(await after('PostToolUse'), 'throttled').toBeUndefined()
  expect(await after('PostToolUseFailure'), 'throttled').toBeUndefined()
  writeFileSync(join(hooks(), 's1.guarded'), '{}')
  expect(await after('PostToolUse')).toBeDefined()
  expect(await after('PostToolUseFailure')).toBeDefined()
})
