import { describe, expect, it } from 'vitest'
import { withExports } from './env-file.ts'

const EXPORTS = [
  ['PRESENCE_SESSION_ID', 's2'],
  ['PRESENCE_HOOK_SESSION_ID', 's2'],
  ['BD_ACTOR', 's2'],
] as const
const OURS = "export PRESENCE_SESSION_ID='s2'\nexport PRESENCE_HOOK_SESSION_ID='s2'\nexport BD_ACTOR='s2'\n"
const BEFORE = OURS.replaceAll('s2', 's1')

describe('the exports of a session in the text of a file', () => {
  it.each([
    ['nothing', '', OURS],
    ['a line of others', 'export OTHER=/opt/tool\n', `export OTHER=/opt/tool\n${OURS}`],
    ['a last line without a line break', 'export OTHER=/opt/tool', `export OTHER=/opt/tool\n${OURS}`],
    ['the same exports', OURS, OURS],
    ['those of an earlier session', BEFORE, OURS],
    ['the same exports, many times', OURS.repeat(5), OURS],
    ['exports of others between and after', `A=1\n${BEFORE}\nB=2`, `A=1\n${OURS}\nB=2`],
    ['an id in double quotes', 'export PRESENCE_SESSION_ID="mine"\n', OURS],
    ['another tool’s BD_ACTOR', `export BD_ACTOR='ana'\n`, `export BD_ACTOR='ana'\n${OURS}`],
    [
      'a user’s own variables of presence',
      "export PRESENCE_DSN='sqlite:x'\n",
      `export PRESENCE_DSN='sqlite:x'\n${OURS}`,
    ],
    [
      'lines that only mention ours',
      "# export PRESENCE_SESSION_ID='x'\n",
      `# export PRESENCE_SESSION_ID='x'\n${OURS}`,
    ],
    ['Windows line ends and bytes of no text', 'A=\xff\r\n\r\n', `A=\xff\r\n\r\n${OURS}`],
  ])('are one line each, given %s', (_, before, after) => {
    expect(withExports(before, EXPORTS)).toBe(after)
    expect(withExports(after, EXPORTS)).toBe(after)
  })

  it('keep no BD_ACTOR of ours if the session has one of its own', () => {
    expect(withExports(`${OURS}A=1\n`, EXPORTS.slice(0, 2))).toBe(`${OURS.split('export BD')[0]}A=1\n`)
  })

  it('can hold any id', () => {
    const exports = [['PRESENCE_SESSION_ID', "it's $HOME"]] as const
    const once = withExports('A=1\n', exports)
    expect(once).toBe("A=1\nexport PRESENCE_SESSION_ID='it'\\''s $HOME'\n")
    expect(withExports(once, exports)).toBe(once)
  })
})
