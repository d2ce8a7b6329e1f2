import { array, constantFrom, assert as hold, integer, oneof, property, string } from 'fast-check'
import { describe, expect, it } from 'vitest'
import { fill, literal } from './literal.ts'

const char = integer({ min: 0, max: 0x10ffff }).map(code => String.fromCodePoint(code))

const PLAIN = /^'[A-Za-z0-9_ .,:;@/+=()-]*'$/
const HEX = /^_utf8mb4 0x(?:[0-9a-f]{2})+$/

const hostile = array(
  constantFrom("'", '"', '\\', '`', '\0', '\n', '%', ';', '--', '/*', ':session_id', '$&', '🦊', 'a'),
).map(parts => parts.join(''))
const anyText = oneof(
  string(),
  string({ unit: char }).map(text => text.toWellFormed()),
  hostile,
)

/** The text that a literal stands for, decoded by its own syntax. */
function textOf(sql: string): string {
  if (PLAIN.test(sql)) return sql.slice(1, -1)
  expect(sql).toMatch(HEX)
  return Buffer.from(sql.slice('_utf8mb4 0x'.length), 'hex').toString('utf8')
}

describe('a literal', () => {
  it('is plain characters in quotes, or hexadecimal, and stands for exactly the text', () => {
    hold(
      property(anyText, text => {
        expect(textOf(literal(text))).toBe(text)
      }),
      { numRuns: 2_000 },
    )
  })

  it.each([
    ['', `''`],
    ['node:k8s-1', `'node:k8s-1'`],
    ['drain for kernel (6.12), then reboot', `'drain for kernel (6.12), then reboot'`],
    [`'`, '_utf8mb4 0x27'],
    ['\\', '_utf8mb4 0x5c'],
    ['a\n', '_utf8mb4 0x610a'],
    ['é', '_utf8mb4 0xc3a9'],
    ['🦊', '_utf8mb4 0xf09fa68a'],
    ['%', '_utf8mb4 0x25'],
    ['?', '_utf8mb4 0x3f'],
  ])('for %j is %s', (text, sql) => {
    expect(literal(text)).toBe(sql)
  })

  it('for a whole number is its digits', () => {
    hold(
      property(integer(), number => {
        expect(literal(number)).toBe(`${number}`)
      }),
    )
  })

  it.each([1.5, Number.NaN, Number.POSITIVE_INFINITY, 1e99, 2 ** 53])('for %d is refused', number => {
    expect(() => literal(number)).toThrow(TypeError)
  })
})

describe('a filled statement', () => {
  it('has a literal for each placeholder, including repeated ones', () => {
    expect(fill('SELECT :a, :b_c, :a, UTC_TIMESTAMP(3)', { a: 'x', b_c: 7 })).toBe(
      `SELECT 'x', 7, 'x', UTC_TIMESTAMP(3)`,
    )
  })

  it('accepts an empty text and a zero as values', () => {
    expect(fill(':a :b', { a: '', b: 0 })).toBe(`'' 0`)
  })

  it.each([[{}], [{ a: 'x' }], [{ B: 'x' }]])('is refused if a placeholder has no value: %j', values => {
    expect(() => fill('SELECT :b', values)).toThrow('no value for :b')
  })

  it('never fills a placeholder inside a value', () => {
    expect(fill(':a, :b', { a: ':b', b: ':a' })).toBe(`':b', ':a'`)
    expect(fill(':a', { a: ':missing' })).toBe(`':missing'`)
  })

  it('contains exactly the two literals, whatever the values', () => {
    hold(
      property(anyText, anyText, (a, b) => {
        expect(fill('SELECT :a, :b', { a, b })).toBe(`SELECT ${literal(a)}, ${literal(b)}`)
      }),
    )
  })
})
