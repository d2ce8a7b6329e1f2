import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { Remembered } from '../../server/src/hooks/memory.ts'
import type { Known } from '../src/context/known.ts'
import { FileStamp } from '../src/session/stamp.ts'

let state: string
beforeEach(() => {
  state = mkdtempSync(join(tmpdir(), 'presence-stamp-'))
})
afterEach(() => rmSync(state, { recursive: true, force: true }))

const knownAt = (at: number): Known => ({
  at,
  since: at,
  more: false,
  claims: [{ label: 'node:a', session: 'bob', expiresAt: at + 1, mark: 'x' }],
})

describe.each([
  ['in files', () => () => new FileStamp(state, 's1')],
  [
    'in a server’s memory',
    () => {
      const remembered = new Remembered()
      return () => remembered.stamp()
    },
  ],
])('what an agent knows, recorded %s,', (_, make) => {
  it('is there for the next hook, once it was told', () => {
    const stamp = make()
    expect(stamp().recall('agent')).toBeUndefined()
    const first = stamp()
    first.recall('agent')
    first.keep(knownAt(1))
    expect(stamp().recall('agent')).toEqual(knownAt(1))
    expect(stamp().recall('agent'), 'the hook before has told nothing').toBeUndefined()
  })

  it.each([
    ['the first that asked', [0, 1]],
    ['the last that asked', [1, 0]],
  ] as const)('is not certain if two hooks told it something at once, and %s told it first', (_, order) => {
    const stamp = make()
    const hooks = [stamp(), stamp()]
    for (const each of hooks) each.recall('agent')
    for (const at of order) hooks[at]?.keep(knownAt(at))
    expect(stamp().recall('agent')).toBeUndefined()
  })
})

it('what one process of a session was told of a board doesn’t count for another process or another board', () => {
  const stamp = () => new FileStamp(state, 's1')
  const one = stamp()
  one.recall('one')
  one.keep(knownAt(1))
  const two = stamp()
  expect(two.recall('two')).toBeUndefined()
  two.keep(knownAt(2))
  expect(stamp().recall('one')).toBeUndefined()
})
