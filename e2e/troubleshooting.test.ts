import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { ROOT, textOf } from './support/pages.ts'

/** The messages of the page: code in the first column of its tables, with `…` for what differs. */
const messages = [...textOf('docs/troubleshooting.md').matchAll(/^\| `([^`]+)`/gm)].map(
  ([, text = '']) => text,
)

const sources = globSync('packages/*/{src/**/*.ts,*.sh}', { cwd: ROOT })
  .filter(file => !file.endsWith('.test.ts'))
  .map(file => [file, readFileSync(join(ROOT, file), 'utf8').replaceAll("\\'", "'")] as const)

/** True if a file of the code has all fixed parts of a message. */
function isInCode(message: string): boolean {
  const parts = message
    .split('…')
    .map(part => part.trim())
    .filter(part => /\w/.test(part))
  return parts.length > 0 && sources.some(([, text]) => parts.every(part => text.includes(part)))
}

describe('the page on troubleshooting', () => {
  it('quotes many messages, each once', () => {
    expect(messages.length).toBeGreaterThan(40)
    expect(new Set(messages).size).toBe(messages.length)
  })

  it.each(messages)('quotes messages that the code has: %s', message => {
    expect(isInCode(message)).toBe(true)
  })

  it('would find out that a message is not in the code', () => {
    expect(isInCode('the board is on … holiday')).toBe(false)
  })
})
