import { execFileSync } from 'node:child_process'
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { EVENTS } from '../src/hook.ts'
import { HOOK, hook, ONE_FILE } from './hook-process.ts'
import { HOSTILE_IDS, HOSTILE_PAYLOADS, payload } from './hostile.ts'

let home: string
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'presence-hook-home-'))
})
afterEach(() => rmSync(home, { recursive: true, force: true }))

/** Checks that a hook exits 0 and prints nothing, or one JSON object. */
function expectValid({ status, stdout }: { status: number | null; stdout: string }): void {
  expect(status).toBe(0)
  if (stdout !== '') expect(JSON.parse(stdout)).toBeTypeOf('object')
}

describe('a hook exits 0 and prints nothing but JSON', () => {
  it.each(HOSTILE_PAYLOADS)('given %s', async (_, input) => {
    for (const result of await Promise.all(
      EVENTS.map(event => hook({ args: [event], input, env: { HOME: home } })),
    ))
      expectValid(result)
  })

  it.each(HOSTILE_IDS)('for a session whose id contains %s, and leaves no file elsewhere', async (_, id) => {
    const env = { HOME: home, CLAUDE_CODE_SESSION_ID: id.replaceAll('\u0000', '').slice(0, 5_000) }
    for (const event of ['SessionStart', 'PostToolUse', 'UserPromptSubmit', 'SessionEnd'])
      expectValid(await hook({ args: [event], input: payload({ session_id: id }), env }))
    expect(readdirSync(home)).toEqual(expect.arrayContaining(['.local']))
    expect(readdirSync('/tmp')).not.toContain('presence-was-here')
    for (const name of readdirSync(join(home, '.local/state/presence/hooks')))
      expect(name).toMatch(/^[\w.-]{1,80}$/)
  })

  it.each(['NoSuchEvent', '', '--help', '__proto__'])('for the event %j', async event => {
    expectValid(await hook({ args: [event], env: { HOME: home } }))
  })

  it('for an unknown agent', async () => {
    const result = await hook({ args: ['SessionStart', '--agent', 'constructor'], env: { HOME: home } })
    expectValid(result)
    expect(result.stderr).toContain('handles no event')
  })

  it('without a HOME', async () => {
    for (const event of EVENTS) expectValid(await hook({ args: [event], input: payload() }))
  })

  it('if the state folder can not be written', async () => {
    writeFileSync(join(home, 'file'), '')
    for (const state of [join(home, 'file'), '/proc/1/nothing'])
      for (const event of EVENTS)
        expectValid(
          await hook({ args: [event], input: payload(), env: { HOME: home, XDG_STATE_HOME: state } }),
        )
  })

  it('if its files are unreadable', async () => {
    const hooks = join(home, '.local/state/presence/hooks')
    mkdirSync(join(hooks, 's1.beat'), { recursive: true })
    mkdirSync(join(hooks, 's1.due'))
    chmodSync(hooks, 0o500)
    for (const event of EVENTS)
      expectValid(
        await hook({ args: [event], input: payload(), env: { HOME: home, CLAUDE_CODE_SESSION_ID: 's1' } }),
      )
  })

  it('if NODE_OPTIONS names a module that is gone', async () => {
    for (const launcher of [undefined, ONE_FILE]) {
      const env = { HOME: home, NODE_OPTIONS: '--require /gone/bootloader.js' }
      expectValid(
        await hook({ args: ['UserPromptSubmit'], input: payload(), env, ...(launcher ? { launcher } : {}) }),
      )
    }
  })

  it('if the file of exports is a pipe', async () => {
    execFileSync('mkfifo', [join(home, 'pipe')])
    const env = { HOME: home, CLAUDE_ENV_FILE: join(home, 'pipe') }
    expectValid(await hook({ args: ['SessionStart'], input: payload({ source: 'startup' }), env }))
  })

  it('if its output can not be written', async () => {
    const line = `exec '${HOOK.join(' ')}' UserPromptSubmit >/dev/full`
    const env = { PATH: process.env['PATH'], HOME: home, PRESENCE_DSN: 'mysql://nobody@127.0.0.1:1/presence' }
    execFileSync('sh', ['-c', line], { input: payload(), env, stdio: ['pipe', 'inherit', 'pipe'] })
  })

  it('if standard input is never closed', async () => {
    for (const result of await Promise.all(
      EVENTS.map(event => hook({ args: [event], input: null, env: { HOME: home } })),
    ))
      expectValid(result)
  })
})

describe('a board that does not answer is reported as unknown, within the deadline,', () => {
  it('if nothing listens', async () => {
    await expectUnknown('mysql://u@127.0.0.1:1/presence', /unknown since .*connection refused/)
  })

  it('if the server accepts connections and never answers', async () => {
    const server = createServer(() => {}).listen(0, '127.0.0.1')
    await new Promise(resolve => server.once('listening', resolve))
    const address = server.address()
    const port = typeof address === 'object' && address ? address.port : 0
    await expectUnknown(`mysql://u@127.0.0.1:${port}/presence`, /unknown since/)
    server.close()
  })

  it('if the DSN is wrong', async () => {
    await expectUnknown('mysql://', /unknown since/)
  })

  async function expectUnknown(dsn: string, words: RegExp): Promise<void> {
    const env = { HOME: home, PRESENCE_DSN: dsn }
    for (const event of ['SessionStart', 'UserPromptSubmit']) {
      const result = await hook({ args: [event], input: payload(), env })
      expectValid(result)
      expect(JSON.parse(result.stdout).hookSpecificOutput.additionalContext).toMatch(words)
    }
    for (const event of ['PostToolUse', 'SessionEnd']) {
      const result = await hook({ args: [event], input: payload(), env })
      expectValid(result)
      expect(result.stdout).toBe('')
    }
  }
})
