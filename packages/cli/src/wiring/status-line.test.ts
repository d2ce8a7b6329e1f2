import { describe, expect, it } from 'vitest'
import { hasAnotherStatusLine, withStatusLine } from './status-line.ts'

const OTHER = '{\n  // mine\n  "statusLine": {"type": "command", "command": "~/line.sh"}\n}\n'

describe("an agent's status line", () => {
  it.each(['{}\n', '{\n  // ours\n  "model": "opus"\n}\n', '{"model":"opus"}'])(
    'is set once in %j, and can be removed again',
    text => {
      const once = withStatusLine(text, true)
      expect(once).toContain('exec presence statusline')
      expect(withStatusLine(once, true)).toBe(once)
      expect(hasAnotherStatusLine(once)).toBe(false)
      expect(withStatusLine(once, false).replaceAll(/\s|,/g, '')).toBe(text.replaceAll(/\s|,/g, ''))
    },
  )

  it('of others stays, and is reported', () => {
    expect(withStatusLine(OTHER, true)).toBe(OTHER)
    expect(withStatusLine(OTHER, false)).toBe(OTHER)
    expect(hasAnotherStatusLine(OTHER)).toBe(true)
  })
})
