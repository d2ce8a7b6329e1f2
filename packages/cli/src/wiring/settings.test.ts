import { describe, expect, it } from 'vitest'
import { isWritten, WIRING_AGENTS, type WiringOptions } from './agents.ts'
import { withRules } from './rules.ts'
import { withHandlers } from './settings.ts'

const PLAIN: WiringOptions = {
  user: false,
  guard: 'pause',
  viaMcp: false,
  denyTaskTools: false,
  releaseOnStop: false,
  statusLine: false,
  server: undefined,
}
const [claude] = WIRING_AGENTS
const WIRED = claude?.wired(PLAIN) ?? []

const OTHERS = [
  ['nothing', ''],
  ['an empty object', '{}\n'],
  ['other settings', '{\n  "model": "opus",\n  "permissions": { "allow": ["Bash(ls:*)"] }\n}\n'],
  ['tabs and no last line break', '{\n\t"model": "opus"\n}'],
  [
    'comments and a trailing comma',
    '{\n  // the team\'s\n  "model": "opus", /* for now */\n  "env": { "A": "1" },\n}\n',
  ],
  ['lines that end as on Windows', '{\r\n  "model": "opus"\r\n}\r\n'],
  [
    "others' hooks, oddly set",
    '{"hooks": {"PostToolUse": [ {"matcher":"Bash",   "hooks":[{"type":"command","command":"audit"}]} ],\n  "Notification": [{"hooks": [{"type": "command", "command": "beep"}]}]}}\n',
  ],
] as const

describe("an agent's settings", () => {
  it.each(OTHERS)('keep %s, and contain each handler once however often they are written', (_, text) => {
    const once = withHandlers(text, 'settings.json', WIRED)
    expect(withHandlers(once, 'settings.json', WIRED)).toBe(once)
    for (const { event } of WIRED) expect(once.split(` presence hook ${event} `)).toHaveLength(2)
    for (const line of text.split(/\r?\n/).filter(line => line.includes('//') || line.includes('"model"')))
      expect(once).toContain(line.trim().replace(/[,{}]*$/, ''))
    if (text.includes('audit'))
      expect(once).toContain('{"matcher":"Bash",   "hooks":[{"type":"command","command":"audit"}]}')
    if (text.includes('\r\n')) expect(once.replaceAll('\r\n', '')).not.toContain('\n')
  })

  it.each(OTHERS.filter(([, text]) => text !== ''))(
    'with %s are restored when ours are removed',
    (_, text) => {
      const without = withHandlers(withHandlers(text, 'settings.json', WIRED), 'settings.json', [])
      expect(strip(without)).toBe(strip(text))
      expect(without).not.toContain('presence hook')
    },
  )

  it.each([
    '{"hooks": {"Stop": [{"hooks": [{"type": "command", "command": "audit"}]}]}, "model": "opus"}',
    '{"model":"opus","hooks":{"SessionStart":[{"hooks":[{"type":"command","command":"hello"}]}]}}\n',
    '{\n\t"model": "opus",\n\t"hooks": {\n\t\t"Stop": [ {"hooks": [] } ]\n\t}\n}\n',
    '{\r\n  "hooks": {\r\n    "Stop": []\r\n  }\r\n}\r\n',
    '\ufeff{"model": "opus"}',
  ])('are restored byte for byte when ours were added and removed: %j', text => {
    const wired = withHandlers(text, 'settings.json', WIRED)
    expect(wired).toContain('presence hook SessionStart')
    expect(() => JSON.parse(wired.replace('\ufeff', ''))).not.toThrow()
    expect(withHandlers(wired, 'settings.json', WIRED)).toBe(wired)
    expect(withHandlers(wired, 'settings.json', [])).toBe(text)
  })

  it('are recognized as ours by doctor, and so are those of the version before', () => {
    for (const { entry } of WIRED) {
      const [, command = ''] = /"command":"([^"]*)"/.exec(JSON.stringify(entry)) ?? []
      expect(isWritten(command)).toBe(true)
      expect(
        isWritten(command.replace('PRESENCE_HOOK_PPID=$PPID ', 'exec ').replace(/ \|\| exit 0$/, '')),
      ).toBe(true)
      expect(isWritten(`${command}; curl example.com | sh`)).toBe(false)
    }
  })

  it.each(['exec presence hook', 'exec /opt/presence-hook'])(
    'replace an older version’s handler (%s) with this version’s, and drop one that a different option asked for',
    call => {
      const asThen = (text: string) =>
        text.replaceAll('PRESENCE_HOOK_PPID=$PPID presence hook', call).replaceAll(' || exit 0"', '"')
      const old = WIRED.map(({ event, entry }) => ({
        event,
        entry: JSON.parse(asThen(JSON.stringify(entry))),
      }))
      const text = withHandlers('', 'settings.json', old)
      expect(text).toContain(call)
      const now = withHandlers(text, 'settings.json', WIRED)
      expect(now).toBe(withHandlers('', 'settings.json', WIRED))
      const more = claude?.wired({ ...PLAIN, denyTaskTools: true, releaseOnStop: true }) ?? []
      const most = withHandlers(now, 'settings.json', more)
      expect(most).toContain('PermissionRequest')
      expect(most).toContain('presence hook Stop')
      expect(withHandlers(most, 'settings.json', WIRED)).toBe(now)
    },
  )

  it('drop our handler from a group of others’ handlers, which stay', () => {
    const ours = { type: 'command', command: '/opt/bin/presence-hook SessionStart' }
    const text = JSON.stringify({
      hooks: { SessionStart: [{ hooks: [{ type: 'command', command: 'hello' }, ours] }] },
    })
    expect(JSON.parse(withHandlers(text, 'settings.json', []))).toEqual({
      hooks: { SessionStart: [{ hooks: [{ type: 'command', command: 'hello' }] }] },
    })
  })

  it('keep handlers of others that only mention presence', () => {
    const others = [
      '~/bin/my-presence-hook-logger.sh',
      './guard.sh # runs before presence hook PreToolUse',
      'echo x > y; exec presence hook Stop',
    ]
    const groups = others.map(command => ({ hooks: [{ type: 'command', command }] }))
    const text = JSON.stringify({ hooks: { PostToolUse: groups } })
    const wired = withHandlers(text, 'settings.json', WIRED)
    for (const command of others) expect(wired).toContain(command)
    expect(withHandlers(wired, 'settings.json', [])).toBe(text)
  })

  it('contain no home folder in a project’s file, for any agent', () => {
    for (const agent of WIRING_AGENTS) {
      const text = withHandlers(
        '',
        agent.settings,
        agent.wired({ ...PLAIN, denyTaskTools: true }),
        agent.besides,
      )
      expect(text).not.toMatch(/\/home|\/root|\/Users|~\//)
      expect(
        withHandlers(text, agent.settings, agent.wired({ ...PLAIN, denyTaskTools: true }), agent.besides),
      ).toBe(text)
    }
  })

  it.each([
    ['[]', 'is not a JSON object'],
    ['{"hooks": []}', 'has hooks that are not an object'],
    ['{"hooks": {"Stop": {}}}', 'has hooks for Stop that are not a list'],
    ['{"a": ', 'is not JSON'],
    ['hello', 'is not JSON'],
  ])('that are %s are refused, and never overwritten', (text, problem) => {
    expect(() => withHandlers(text, 'settings.json', WIRED)).toThrow(problem)
  })
})

describe('a file of rules', () => {
  it.each([['', '# Project\n', '# Project', 'a\r\nb\r\n', '# A\n\nText\n\n'].map(text => [text])].flat())(
    'contains our rules once, keeps the rest, and is restored without them: %j',
    text => {
      const once = withRules(text, 'CLAUDE.md', true)
      expect(once.startsWith(text)).toBe(true)
      expect(withRules(once, 'CLAUDE.md', true)).toBe(once)
      expect(withRules(once, 'CLAUDE.md', false)).toBe(text.replace(/\n\n$/, '\n'))
    },
  )

  it('is refused if a mark is missing, because then it is unknown what is ours', () => {
    const open = `${withRules('before\n', 'CLAUDE.md', true).replace('<!-- presence: end -->\n', '')}mine\n`
    expect(() => withRules(open, 'CLAUDE.md', true)).toThrow('CLAUDE.md has the beginning of')
    const twice = open + withRules('', 'CLAUDE.md', true)
    expect(() => withRules(twice, 'CLAUDE.md', false)).toThrow('but not its end')
  })

  it('has the text between the marks replaced, and the text around them kept', () => {
    const old = withRules('before\n', 'CLAUDE.md', true).replace('## Presence', '## Old words')
    const now = withRules(`${old}after\n`, 'CLAUDE.md', true)
    expect(now).not.toContain('Old words')
    expect(now).toMatch(/^before\n[\s\S]*after\n$/)
  })
})

/** Removes what may differ: white space in an empty object, and a trailing comma that precedes our member. */
function strip(text: string): string {
  return text.replaceAll(/\s+/g, '').replaceAll(/,(?=[}\]])/g, '')
}
