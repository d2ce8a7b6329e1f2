import { globSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { expect, it } from 'vitest'
import { judge } from './judge.ts'
import { readHistory } from './read.ts'
import { RULES } from './rules/index.ts'
import { Story } from './story.ts'

it('the checker imports neither the product nor the soak', () => {
  const reached = new Set<string>()
  const visit = (file: string) => {
    if (reached.has(file)) return
    reached.add(file)
    for (const [, from = ''] of readFileSync(file, 'utf8').matchAll(/(?:from|import|import\() ?'([^']+)'/g))
      if (from.startsWith('.')) visit(join(dirname(file), from))
      else expect(from, file).toMatch(/^(node:|zod$)/)
  }
  visit(join(import.meta.dirname, 'main.ts'))
  const inside = globSync('{*,rules/*}.ts', { cwd: import.meta.dirname }).filter(
    file => !/test\.ts$|^story\.ts$/.test(file),
  )
  expect([...reached].sort()).toEqual(inside.map(file => join(import.meta.dirname, file)).sort())
})

it('each rule is described in the README', () => {
  const model = readFileSync(join(import.meta.dirname, '../README.md'), 'utf8')
  for (const { name, guarantee } of RULES)
    expect(model).toMatch(new RegExp(`\\| \`${name}\` *\\| ${guarantee} `))
})

it('a run that did too little is reported: verbs without an answer, faults that never happened, too few calls', () => {
  const story = new Story()
  story.lines[0] = { ...story.lines[0], verbs: ['claim', 'list'], faults: ['kill-db'], seconds: 10 } as never
  story.claim('ana', 'node:a', [0, 10])
  const { gaps, findings } = judge(story.lines)
  expect(findings).toEqual([])
  expect(gaps).toEqual([
    'list was never answered',
    'the fault kill-db never happened',
    'only 1 calls were answered; a run of 10 s needs 30',
  ])
})

it('a saved history can be read from its folder, even if a process was killed during a write', () => {
  const folder = mkdtempSync(join(tmpdir(), 'presence-history-'))
  try {
    const story = new Story()
    story.claim('ana', 'node:a', [0, 10])
    const [run, ...rest] = story.lines.map(line => JSON.stringify(line))
    writeFileSync(join(folder, 'soak.jsonl'), `${run}\n`)
    writeFileSync(join(folder, 'ana.jsonl'), `${rest.join('\n')}\n{"type":"beg`)
    expect(new Set(readHistory(folder))).toEqual(new Set(story.lines))
    writeFileSync(join(folder, 'bo.jsonl'), '{"type":"end","call":"x"}\n')
    expect(() => readHistory(folder)).toThrow(/bo\.jsonl:1 is not a line of a history/)
  } finally {
    rmSync(folder, { recursive: true })
  }
})
