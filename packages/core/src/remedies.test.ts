import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'

/** Texts with two dashes that no user is told: statements, and arguments of other programs. */
const OTHERS = [/DOLT_[A-Z]+\(/, /chgrp --reference/, /esbuild: --external/]
/** Names of settings that doctor shows: `from --dsn`. */
const SOURCES = ["'--dsn'", "'--session'"]
/** Commands that fix something for every user of the library. */
const FOR_ALL = /presence (migrate|trust|token add|session start|worktree add)\b/g
const COMMAND =
  /presence (claim|release|list|peek|log|sync|steal|resolve|message|component|workflow|item|init|status|who|heartbeat|doctor|token)\b/

const SOURCE = import.meta.dirname

/** The string literals of the library's code, with the file that each is in. */
function texts(): readonly (readonly [file: string, text: string])[] {
  const files = readdirSync(SOURCE, { recursive: true, encoding: 'utf8' })
  return files
    .filter(file => file.endsWith('.ts') && !file.endsWith('.test.ts'))
    .flatMap(file => {
      const code = readFileSync(join(SOURCE, file), 'utf8').replaceAll(/\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gm, '')
      return [...code.matchAll(/'(?:[^'\\\n]|\\.)*'|"(?:[^"\\\n]|\\.)*"|`(?:[^`\\]|\\.)*`/g)].map(
        ([text]) => [file, text] as const,
      )
    })
}

it('no text of the library names an option of the command line', () => {
  const named = texts().filter(
    ([, text]) =>
      /(^|[\s'"`(])--[a-z]/.test(text) && !SOURCES.includes(text) && !OTHERS.some(other => other.test(text)),
  )
  expect(named).toEqual([])
})

it('no text of the library names a command that is no remedy for its other users', () => {
  expect(texts().filter(([, text]) => COMMAND.test(text.replaceAll(FOR_ALL, '')))).toEqual([])
})
