import { describe, expect, it } from 'vitest'
import type { Analysis } from '../effect.ts'
import { precision, recall, scoreOf } from './score.ts'

const analysis = (effect: 'changes' | 'unknown' | undefined): Analysis => ({
  effects: effect ? [{ label: null, tool: 't', verb: 'v', effect, target: 'unknown', words: [0, 1] }] : [],
  ranOut: false,
})
const analyze = (line: string) =>
  analysis(line.startsWith('change') ? 'changes' : line.startsWith('unknown') ? 'unknown' : undefined)
const judged = (command: string, mutates: boolean | null, line: number) => ({
  file: 'x.jsonl',
  line,
  tool: 't',
  command,
  mutates,
})

const LINES = [
  judged('change a', true, 1),
  judged('change b', false, 2),
  judged('silent a', true, 3),
  judged('silent b', false, 4),
  judged('unknown', true, 5),
  judged('change c', null, 6),
]

describe('the score', () => {
  it('counts changes as positive, unknown effects apart, and nothing that the source doesn’t know', () => {
    const { all, disagreements } = scoreOf(LINES, [], analyze)
    const score = all.get('t')
    expect(score).toEqual({
      lines: 5,
      truePositives: 1,
      falsePositives: 1,
      falseNegatives: 1,
      trueNegatives: 1,
      unknown: 1,
    })
    expect(score && [precision(score), recall(score)]).toEqual([0.5, 0.5])
    expect(disagreements.map(each => each.line)).toEqual([2, 3, 5])
  })

  it('leaves out lines with a reason, and names those on which the guard agrees', () => {
    const leftOut = [2, 3, 4].map(line => ({ file: 'x.jsonl', line, reason: 'local' }))
    const { kept, unused } = scoreOf(LINES, leftOut, analyze)
    const score = kept.get('t')
    expect(score && [precision(score), recall(score)]).toEqual([1, 1])
    expect(unused.map(each => each.line)).toEqual([4])
  })
})
