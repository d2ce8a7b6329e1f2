import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { isInOneMessage } from './same-message.ts'

let folder: string
let transcript: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'presence-transcript-'))
  transcript = join(folder, 's1.jsonl')
})
afterEach(() => rmSync(folder, { recursive: true }))

const line = (id: string, ...calls: readonly string[]) =>
  JSON.stringify({
    type: 'assistant',
    message: { id, content: calls.map(call => ({ type: 'tool_use', id: call, name: 'Bash', input: {} })) },
  })

it('calls of one message belong together, on one line of the transcript or on several', () => {
  writeFileSync(
    transcript,
    [line('m1', 'a', 'b'), '{"type":"user"}', line('m2', 'c'), line('m2', 'd'), ''].join('\n'),
  )
  expect(isInOneMessage(transcript, 'b', ['a'])).toBe(true)
  expect(isInOneMessage(transcript, 'd', ['x', 'c'])).toBe(true)
  expect(isInOneMessage(transcript, 'c', ['a', 'b'])).toBe(false)
  expect(isInOneMessage(transcript, 'x', ['a'])).toBe(false)
  expect(isInOneMessage(transcript, 'a', ['a']), 'copies of one hook').toBe(true)
})

it('a transcript that is missing, damaged or no file shows nothing', () => {
  expect(isInOneMessage(undefined, 'b', ['a'])).toBe(false)
  expect(isInOneMessage(join(folder, 'none'), 'b', ['a'])).toBe(false)
  expect(isInOneMessage(folder, 'b', ['a'])).toBe(false)
  writeFileSync(
    transcript,
    '{"tool_use": \n"tool_use"\n{"message":{"content":"tool_use"},"x":"\\"tool_use\\""}',
  )
  expect(isInOneMessage(transcript, 'b', ['a'])).toBe(false)
})

it('only the end of a long transcript is read', () => {
  writeFileSync(
    transcript,
    `${line('m1', 'a', 'b')}\n${`${'x'.repeat(1_000)}\n`.repeat(1_000)}${line('m2', 'c', 'd')}\n`,
  )
  expect(isInOneMessage(transcript, 'b', ['a'])).toBe(false)
  expect(isInOneMessage(transcript, 'd', ['c'])).toBe(true)
})
