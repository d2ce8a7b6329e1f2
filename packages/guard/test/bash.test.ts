import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, it } from 'vitest'
import { labels } from './support/labels.ts'
import { RandomLines } from './support/random-lines.ts'

const folder = mkdtempSync(join(tmpdir(), 'presence-guard-bash-'))
afterAll(() => rmSync(folder, { recursive: true }))
const log = join(folder, 'log')
writeFileSync(join(folder, 'act'), '#!/bin/sh\nprintf "%s\\n" "$1" >> "$ACT_LOG"\n', { mode: 0o755 })

/** The names that a real bash calls `act` with, or undefined if the line is no valid script. */
function ranBy(line: string): readonly string[] | undefined {
  writeFileSync(log, '')
  const env = { PATH: `${folder}:/usr/bin:/bin`, ACT_LOG: log, HOME: '/home/ana' }
  const { stderr, status } = spawnSync('bash', ['-c', line], {
    env,
    input: '',
    encoding: 'utf8',
    timeout: 60_000,
  })
  if (status === null || /syntax error|unexpected/.test(stderr)) return undefined
  const names = readFileSync(log, 'utf8').split('\n')
  return [...new Set(names)].filter(name => name !== '')
}

it('what a real bash runs is found, or something on the line is unknown', () => {
  const lines = new RandomLines(20)
  let [valid, certain] = [0, 0]
  for (let count = 0; count < 150; count++) {
    const line = lines.line()
    const ran = ranBy(line)
    if (!ran) continue
    const found = labels(line, { env: { HOME: '/home/ana' } })
    valid++
    if (found.includes('?')) continue
    certain++
    expect(found, line).toEqual(expect.arrayContaining([...ran]))
  }
  expect(valid).toBeGreaterThan(100)
  expect(certain).toBeGreaterThan(50)
})
