import { describe, expect, it } from 'vitest'
import { isOurs, isWritten, WIRING_AGENTS } from './agents.ts'
import { httpHook, isOurHttpHook, isWrittenHttpHook, serverOf } from './http-hook.ts'
import { withHandlers } from './settings.ts'

const [claude] = WIRING_AGENTS
const wired = (server: string | undefined, more = {}) =>
  claude?.wired({
    user: false,
    guard: 'pause',
    viaMcp: false,
    denyTaskTools: false,
    releaseOnStop: false,
    statusLine: false,
    server,
    ...more,
  }) ?? []
const HERE = 'http://127.0.0.1:8787'

interface Group {
  readonly hooks: readonly { readonly type: string; readonly command?: string; readonly url?: string }[]
}
const handlers = (text: string) =>
  Object.entries(JSON.parse(text).hooks as Record<string, readonly Group[]>).flatMap(([event, groups]) =>
    groups.flatMap(({ hooks }) => hooks.map(({ type }) => `${event} ${type}`)),
  )

describe('hooks over HTTP', () => {
  it('are requests, except the start of a session, which must be a command, and what decides on this machine: the guard and the check of task tools', () => {
    const text = withHandlers('', 'settings.json', wired(HERE, { denyTaskTools: true, releaseOnStop: true }))
    expect(handlers(text)).toEqual([
      'SessionStart command',
      'UserPromptSubmit http',
      'SubagentStart http',
      'PreToolUse command',
      'PreToolUse command',
      'PostToolUse command',
      'PostToolUseFailure command',
      'SessionEnd http',
      'PermissionRequest command',
      'Stop http',
    ])
    expect(text).toContain(`presence hook SessionStart --http '${HERE}/hooks/claude-code'`)
  })

  it('name the variables that hold secrets or facts about this machine, and contain no values', () => {
    const hook = httpHook(`${HERE}/hooks/claude-code`, 3)
    for (const value of Object.values(hook.headers)) expect(value).toMatch(/^(Bearer )?\$[A-Z_]+$/)
    expect(hook.allowedEnvVars).toContain('PRESENCE_SERVER_TOKEN')
  })

  it('replace commands, and are replaced by them, without leaving any behind', () => {
    const commands = withHandlers('{"model": "opus"}', 'settings.json', wired(undefined))
    const requests = withHandlers(commands, 'settings.json', wired(HERE))
    expect(new Set(handlers(requests)).size).toBe(handlers(requests).length)
    expect(handlers(requests).filter(each => each.endsWith('command'))).toEqual([
      'SessionStart command',
      'PreToolUse command',
      'PostToolUse command',
      'PostToolUseFailure command',
    ])
    expect(withHandlers(requests, 'settings.json', wired(HERE))).toBe(requests)
    const elsewhere = withHandlers(requests, 'settings.json', wired('https://presence.example/team'))
    expect(elsewhere).not.toContain('127.0.0.1')
    expect(handlers(withHandlers(elsewhere, 'settings.json', wired(undefined)))).toEqual(handlers(commands))
    expect(withHandlers(elsewhere, 'settings.json', [])).toBe('{"model": "opus"}')
  })

  it('are told apart from those of others', () => {
    for (const { entry } of wired(HERE)) expect(isOurs(entry)).toBe(true)
    const other = { type: 'http', url: 'https://audit.example/hooks/tool', headers: { 'X-Key': '$KEY' } }
    expect(isOurHttpHook(other)).toBe(false)
    const ours = httpHook(`${HERE}/hooks/claude-code`, 3)
    expect(isWrittenHttpHook(ours)).toBe(true)
    expect(isWrittenHttpHook({ ...ours, headers: { ...ours.headers, Cookie: '$AWS_SECRET' } })).toBe(false)
    expect(isWrittenHttpHook({ ...ours, url: 'http://evil.example/hooks/claude-code' })).toBe(false)
    const start = (url: string) =>
      `command -v presence >/dev/null || exit 0; PRESENCE_HOOK_PPID=$PPID presence hook SessionStart --http '${url}' || exit 0`
    expect(isWritten(start(`${HERE}/hooks/claude-code`))).toBe(true)
    for (const url of ["x'; touch /tmp/was-here; '", '$(touch /tmp/was-here)', 'file:///etc/passwd'])
      expect(isWritten(start(url))).toBe(false)
  })
})

describe('the address of a server', () => {
  it.each([
    ['http://127.0.0.1:8787/', 'http://127.0.0.1:8787'],
    ['http://localhost:1', 'http://localhost:1'],
    ['http://[::1]:8787', 'http://[::1]:8787'],
    ['https://presence.example/board/', 'https://presence.example/board'],
  ])('%s is stored as %s', (text, url) => {
    expect(serverOf(text)).toEqual({ url })
  })

  it.each([
    ['http://presence.example', /in the clear/],
    ['http://127.0.0.1.evil.example', /in the clear/],
    ['https://ana:secret@presence.example', /must not hold a password/],
    ['ftp://presence.example', /http or https/],
    ['presence', /takes the address/],
    ["https://presence.example/a'b", /an address without a query/],
    ['https://presence.example/?token=1', /an address without a query/],
  ])('%s is refused', (text, problem) => {
    expect(serverOf(text)).toMatchObject({ problem: expect.stringMatching(problem) })
  })
})
