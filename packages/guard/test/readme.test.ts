import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { parse } from 'yaml'

const ROOT = join(import.meta.dirname, '../../..')
const TABLE = join(import.meta.dirname, 'table')

interface Line {
  readonly effects: readonly { readonly effect?: string }[]
}

const lines = readdirSync(TABLE).flatMap(
  name => (parse(readFileSync(join(TABLE, name), 'utf8')) as { readonly lines: readonly Line[] }).lines,
)
const silent = lines.filter(({ effects }) => effects.every(({ effect }) => effect === 'reads'))
const figure = (count: number) => count.toLocaleString('en')

// After you add lines, put the figures of the failure into the README.
it('the README states how many lines the table has, and how many of them are silent', () => {
  const text = readFileSync(join(ROOT, 'README.md'), 'utf8').replace(/\s+/g, ' ')
  expect(text).toContain(
    `a table of ${figure(lines.length)} command lines, ${figure(silent.length)} of them silent`,
  )
})

it('the table has enough lines on which the guard must be silent', () => {
  expect(lines.length).toBeGreaterThanOrEqual(400)
  expect(silent.length).toBeGreaterThanOrEqual(180)
})
