import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openBoard } from '@presence/core'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { answered } from '../../../e2e/support/answered.ts'
import { HOOK, ONE_FILE } from './hook-process.ts'

let home: string
beforeEach(async () => {
  home = mkdtempSync(join(tmpdir(), 'presence-hook-home-'))
  await using board = await openBoard({ dsn: dsn(), session: 'bob', env: {} })
  await board.claim('node:a', { purpose: 'drain' })
})
afterEach(() => rmSync(home, { recursive: true, force: true }))

const dsn = () => `sqlite:${home}/board.db`
let moments = 0

/** Writes these parts to a hook, leaves its standard input open, and returns what it prints. */
function withOpenInput(
  args: readonly string[],
  parts: readonly (string | Buffer)[],
  env: Readonly<Record<string, string>> = {},
  launcher: readonly string[] = HOOK,
): Promise<{ status: number | null; stdout: string; wasOpen: boolean }> {
  const [program = '', ...before] = launcher
  const child = spawn(program, [...before, ...args], {
    env: { PATH: process.env['PATH'], HOME: home, PRESENCE_DSN: dsn(), ...env },
    cwd: '/',
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  let stdout = ''
  child.stdout.setEncoding('utf8').on('data', text => {
    stdout += text
  })
  child.stdin.on('error', () => {})
  return new Promise((resolve, reject) => {
    child.on('error', reject)
    child.on('close', status => resolve({ status, stdout, wasOpen: !child.stdin.writableEnded }))
    void (async () => {
      for (const part of parts) {
        await new Promise(written => child.stdin.write(part, written))
      }
    })()
  })
}

const payload = (more: object = {}) =>
  JSON.stringify({ session_id: `s${moments++}`, cwd: '/', prompt: 'ä€😀 go on', ...more })
/** Pieces that split characters, as a pipe may. */
const inPieces = (text: string) => {
  const bytes = Buffer.from(text)
  const at = bytes.indexOf(Buffer.from('€')) + 1
  return [bytes.subarray(0, 10), bytes.subarray(10, at), bytes.subarray(at)]
}

describe('a hook whose standard input stays open acts once its JSON is complete', () => {
  it.each<[string, () => readonly (string | Buffer)[]]>([
    ['alone', () => [payload()]],
    ['in pieces that split characters', () => inPieces(payload())],
    ['before a newline', () => [`${payload()}\n`]],
    ['before garbage', () => [`${payload()} and so on }`]],
    ['before a second object', () => [payload() + payload()]],
    ['after a byte order mark', () => [`\ufeff${payload()}`]],
    ['on several lines', () => [JSON.stringify(JSON.parse(payload()), null, 2)]],
    ['with 30 MB of a tool’s output', () => [payload({ output: '{"a":"}"}\n'.repeat(2_000_000) })]],
  ])('%s', async (_, parts) => {
    for (const launcher of [HOOK, ONE_FILE]) {
      const said = await answered(async () => {
        const result = await withOpenInput(['UserPromptSubmit'], parts(), {}, launcher)
        expect(result).toMatchObject({ status: 0, wasOpen: true })
        return result.stdout
      })
      expect(JSON.parse(said).hookSpecificOutput.additionalContext).toContain('by bob')
    }
  })

  it('and as the session that it names', async () => {
    await using mine = await openBoard({ dsn: dsn(), session: 'mine', env: {} })
    await mine.claim('node:b', { purpose: 'drain' })
    await withOpenInput(['SessionEnd'], [payload({ session_id: 'mine', reason: 'other' })])
    expect((await mine.heartbeat()).mine).toEqual([])
  })
})

it('the status line is printed while its standard input stays open', async () => {
  const session = `s${moments++}`
  const about = JSON.stringify({ session_id: session, cwd: '/' })
  await answered(async () => (await withOpenInput(['UserPromptSubmit'], [about])).stdout)
  const launcher = [join(import.meta.dirname, '../../cli/bin/presence')]
  for (const parts of [[about], [about, '\n'], inPieces(JSON.stringify({ session_id: session, x: '€' }))])
    expect(await withOpenInput(['statusline'], parts, {}, launcher)).toEqual({
      status: 0,
      stdout: 'presence: 0 mine, 1 other\n',
      wasOpen: true,
    })
})

it('a hook whose input stays empty and open acts as the session in its environment', async () => {
  await using mine = await openBoard({ dsn: dsn(), session: 'mine', env: {} })
  await mine.claim('node:b', { purpose: 'drain' })
  const { status } = await withOpenInput(['SessionEnd'], [], { CLAUDE_CODE_SESSION_ID: 'mine' })
  expect(status).toBe(0)
  expect((await mine.heartbeat()).mine).toEqual([])
})
