import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { analyze, type Effect, type GuardConfig } from '../src/index.ts'
import { contextOf } from './support/context.ts'

const FOLDER = join(import.meta.dirname, 'table')

interface Setting {
  readonly cwd?: string
  readonly host?: string
  readonly env?: Record<string, string>
  readonly files?: Record<string, string>
  readonly executables?: readonly string[]
  readonly config?: GuardConfig
}

interface Line {
  readonly command: string
  readonly effects: readonly Partial<Effect>[]
  readonly why?: string
  readonly context?: Setting
}

interface Table {
  readonly context?: Setting
  readonly lines: readonly Line[]
}

const told = ({ label, verb, effect = 'changes', target = 'exact' }: Partial<Effect>) =>
  `${label ?? 'unknown'} | ${verb} | ${effect} | ${target}`

/** A line's own context replaces the file's, key by key; its environment and files are added. */
const merged = (file: Setting = {}, line: Setting = {}): Setting => ({
  ...file,
  ...line,
  env: { ...file.env, ...line.env },
  files: { ...file.files, ...line.files },
})

const TABLES = readdirSync(FOLDER)
  .filter(name => name.endsWith('.yaml'))
  .map(name => [name, parse(readFileSync(join(FOLDER, name), 'utf8')) as Table] as const)

describe.each(TABLES)('the effects in %s', (_, table) => {
  it.each(table.lines.map((line, at) => [at + 1, line.command, line] as const))(
    '%i: %s',
    (_at, command, line) => {
      const { effects, ranOut } = analyze(command, contextOf(merged(table.context, line.context)))
      const seen = effects.filter(each => each.effect !== 'reads')
      expect([...new Set(seen.map(told))].toSorted()).toEqual([...new Set(line.effects.map(told))].toSorted())
      expect(ranOut).toBe(false)
      for (const { words } of seen) {
        expect(words[0]).toBeGreaterThanOrEqual(0)
        expect(words[1]).toBeGreaterThan(words[0])
        expect(words[1]).toBeLessThanOrEqual(command.length)
      }
    },
  )
})

it('each line is in its table once', () => {
  for (const [name, table] of TABLES) {
    const keys = table.lines.map(line => `${line.command}\n${JSON.stringify(line.context ?? {})}`)
    expect(
      keys.filter((key, at) => keys.indexOf(key) < at),
      name,
    ).toEqual([])
  }
})
