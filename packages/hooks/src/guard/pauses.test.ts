import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { sessionFile } from '@presence/core/internal'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type Asking, OPEN_FOR_MS, OPENS_AFTER_MS, Pauses } from './pauses.ts'

const NOW = 1_800_000_000_000
const LABEL = 'node:k8s-1'

let state: string
beforeEach(() => {
  state = mkdtempSync(join(tmpdir(), 'presence-pauses-'))
})
afterEach(() => rmSync(state, { recursive: true }))

const asking = (startedAt: number, more: Partial<Asking> = {}): Asking => ({
  subagent: undefined,
  callId: `call-${startedAt}`,
  startedAt,
  isBeside: () => false,
  ...more,
})

describe('a pause', () => {
  it('opens for calls that start 3 s after the refusal, and stays open for 10 minutes', () => {
    const pauses = new Pauses(state, 's1')
    pauses.refused(LABEL, ['ana'], asking(NOW), NOW)
    const passes = (after: number) => pauses.passes(LABEL, asking(NOW + after))
    expect(passes(0)).toEqual([])
    expect(passes(OPENS_AFTER_MS - 1)).toEqual([])
    expect(passes(OPENS_AFTER_MS)).toEqual(['ana'])
    expect(passes(OPEN_FOR_MS)).toEqual(['ana'])
    expect(passes(OPEN_FOR_MS + 1)).toEqual([])
  })

  it('stays closed for a call in the same message as the refused one', () => {
    const pauses = new Pauses(state, 's1')
    pauses.refused(LABEL, ['ana'], asking(NOW, { callId: 'first' }), NOW)
    const isBeside = (calls: readonly string[]) => calls.includes('first')
    expect(pauses.passes(LABEL, asking(NOW + 60_000, { isBeside }))).toEqual([])
  })

  it('is opened by what one agent has read, not for another subagent, session or label', () => {
    const pauses = new Pauses(state, 's1')
    pauses.refused(LABEL, ['ana'], asking(NOW), NOW)
    const later = NOW + 5_000
    expect(pauses.passes(LABEL, asking(later, { subagent: 'a1' }))).toEqual([])
    expect(pauses.passes('node:k8s-2', asking(later))).toEqual([])
    expect(new Pauses(state, 's2').passes(LABEL, asking(later))).toEqual([])
  })

  it('opens only for the holders that were named', () => {
    const pauses = new Pauses(state, 's1')
    pauses.refused(LABEL, ['ana'], asking(NOW), NOW)
    pauses.refused(LABEL, ['ana', 'bob'], asking(NOW + 60_000), NOW + 60_000)
    expect(pauses.passes(LABEL, asking(NOW + 61_000)), 'ana was named a minute ago').toEqual(['ana'])
    expect(pauses.passes(LABEL, asking(NOW + 64_000))).toEqual(['ana', 'bob'])
  })

  it('is not put off by an agent that tries again at once', () => {
    const pauses = new Pauses(state, 's1')
    for (const after of [0, 1_000, 2_000, 2_900])
      pauses.refused(LABEL, ['ana'], asking(NOW + after), NOW + after)
    expect(pauses.passes(LABEL, asking(NOW + OPENS_AFTER_MS))).toEqual(['ana'])
  })

  it('begins anew after it was open', () => {
    const pauses = new Pauses(state, 's1')
    pauses.refused(LABEL, ['ana'], asking(NOW), NOW)
    const later = NOW + OPEN_FOR_MS + 1_000
    pauses.refused(LABEL, ['ana'], asking(later), later)
    expect(pauses.passes(LABEL, asking(later + 1_000))).toEqual([])
    expect(pauses.passes(LABEL, asking(later + OPENS_AFTER_MS))).toEqual(['ana'])
  })
})

describe('refusals', () => {
  it('are counted for each label and agent, and copies of one call count once', () => {
    const pauses = new Pauses(state, 's1')
    const refuse = (callId: string, more: Partial<Asking> = {}) =>
      pauses.refused(LABEL, [], asking(NOW, { callId, ...more }), NOW)
    expect([refuse('a'), refuse('a'), refuse('b'), refuse('c')]).toEqual([1, 1, 2, 3])
    expect(refuse('d', { subagent: 'a1' })).toBe(1)
    expect(pauses.refused(LABEL, [], asking(NOW, { callId: 'e' }), NOW + 3_600_001)).toBe(1)
  })

  it('do not grow the file without end', () => {
    const pauses = new Pauses(state, 's1')
    for (let at = 0; at < 80; at++)
      pauses.refused(
        `node:n${at}`,
        Array.from({ length: 5 }, (_, i) => `k${at}-${i}`),
        asking(NOW),
        NOW,
      )
    for (let at = 0; at < 350; at++) pauses.untold([`others ${at}`], asking(NOW), NOW)
    expect(readFileSync(sessionFile(state, 's1', 'paused'), 'utf8').length).toBeLessThan(60_000)
    expect(pauses.passes('node:n79', asking(NOW + 5_000))).toHaveLength(5)
  })
})

it('an agent is told once an hour of what is not repeated', () => {
  const pauses = new Pauses(state, 's1')
  const untold = (at: number, subagent?: string) => [...pauses.untold(['x', 'y'], { subagent }, at)]
  expect(untold(NOW)).toEqual(['x', 'y'])
  expect(untold(NOW + 1_000)).toEqual([])
  expect(untold(NOW + 1_000, 'a1')).toEqual(['x', 'y'])
  expect(untold(NOW + 3_600_001)).toEqual(['x', 'y'])
})

it.each([
  '',
  '{',
  'null',
  '[]',
  '{"labels":[],"told":{}}',
  '{"labels":{"x":{"count":"1"}},"told":{"y":"z"}}',
])('a damaged file (%s) counts as none', text => {
  const pauses = new Pauses(state, 's1')
  pauses.refused(LABEL, ['ana'], asking(NOW), NOW)
  writeFileSync(sessionFile(state, 's1', 'paused'), text)
  expect(pauses.passes(LABEL, asking(NOW + 5_000))).toEqual([])
  expect(pauses.refused(LABEL, ['ana'], asking(NOW), NOW)).toBe(1)
})
