import { describe, expect, it } from 'vitest'
import { begins, mayBeShort, shortIds } from './short-id.ts'

const UUID = 'f47ac10b-58cc-4372-a567-0e02b2c3d479'

describe('a short id', () => {
  it.each([
    [[UUID], 'f47ac10b'],
    [[UUID, 'f47ac10b-58cc-4372-a567-0e02b2c3d470'], UUID],
    [[UUID, 'f47ac10b-5000-4372-a567-0e02b2c3d479'], 'f47ac10b-58'],
    [['0199a1b2-c3d4-7e5f-8000-000000000001'], '0199a1b2-c3d4'],
    [['12345678-1234-4234-8234-123456789012'], '12345678'],
    [['ana@laptop@1a2b3c4d'], 'ana@laptop@1a2b'],
    [['backend@devvm@1a2b3c4d-5e6f'], 'backend@devvm@1a2b3c4d-5e6f'],
    [['ana@laptop'], 'ana@laptop'],
    [['ci-run-12345678901'], 'ci-run-12345678901'],
    [['a-deadbeefcafe'], 'a-deadbeefcafe'],
    [['xdeadbeef1'], 'xdeadbeef1'],
    [['ci-4f3a2b1c9d00ff'], 'ci-4f3a2b1c9d00ff'],
    [[''], ''],
  ])('of the first of %j is %j', (ids, short) => {
    expect(shortIds(ids)(ids[0] ?? '')).toBe(short)
  })

  it('is the beginning of its own id alone, among many that are alike', () => {
    const ids = Array.from(
      { length: 500 },
      (_, at) => `0199a1b2-c3d4-7e5f-8000-${String(at * 7).padStart(12, '0')}`,
    )
    const short = shortIds(ids)
    for (const id of ids) {
      const shown = short(id)
      expect(ids.filter(each => each === shown || begins(each, shown))).toEqual([id])
    }
  })

  it.each([
    ['f47a', true],
    ['f47ac10b-58cc-', true],
    ['ana@laptop@1a2b', true],
    [UUID, false],
    ['ana@laptop@1a2b3c4d', false],
    ['ana', false],
    ['ci-42', false],
    ['agent-7', false],
    ['f47', false],
  ])('is looked up only if it may be one: %j', (text, may) => expect(mayBeShort(text)).toBe(may))

  it.each([
    [UUID, 'f47a', true],
    [UUID, 'f47', false],
    [UUID, 'f47b', false],
    [UUID, UUID, false],
    ['ana@laptop@1a2b3c4d', 'ana@laptop@1a2b', true],
    ['ana@laptop@1a2b3c4d', 'ana@laptop@1', false],
    ['ana@laptop@1a2b3c4d', 'ana', false],
    ['ci-12345678901', 'ci-1234', false],
    ['ci-4f3a2b1c9d00ff', 'ci-4f3a2b1', false],
    ['deadline', 'dead', false],
  ])('of %j is not any beginning: %j', (id, short, does) => expect(begins(id, short)).toBe(does))
})
