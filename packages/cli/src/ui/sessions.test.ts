import type { SeenSession } from '@presence/core'
import { oneLine } from '@presence/core/internal'
import truncated from 'fast-string-truncated-width'
import { describe, expect, it } from 'vitest'
import { AS_OF, claimOf, ioOf, readerOf } from './fixture.ts'
import { sessionJson, sessionTable } from './sessions.ts'

const UNSAFE = /[\p{Cc}\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069]/u
const WIDTHS = [20, 30, 40, 60, 80, 100, 140, 200, Number.POSITIVE_INFINITY]

function seenOf(id: string, secondsSince: number, labels: readonly string[], user = 'u'): SeenSession {
  return {
    session: { id, user, host: 'h', agent: 'claude-code' },
    lastSeen: new Date(AS_OF.getTime() - secondsSince * 1_000),
    secondsSince,
    stale: secondsSince > 300,
    state: secondsSince > 300 ? 'stale' : 'live',
    holds: labels.map(label => claimOf({ id, label })),
  }
}

const SESSIONS = [
  seenOf('ana@laptop@1', 1, ['node:k8s-1', 'db:orders']),
  seenOf('ben@laptop@2', 360, ['stack:gpu']),
]
const tableOf = (sessions: readonly SeenSession[], width: number, me = 'nobody', painted = false) =>
  sessionTable(sessions, AS_OF, readerOf(me), ioOf(width, painted))

describe('a table of sessions', () => {
  it('has who they are, when they were last seen, whether they are stale, and what they hold', () => {
    expect(tableOf(SESSIONS, Number.POSITIVE_INFINITY)).toEqual([
      'SESSION       WHO  AGENT        LAST SEEN         HOLDS',
      'ana@laptop@1  u@h  claude-code  just now          node:k8s-1, db:orders',
      'ben@laptop@2  u@h  claude-code  6 min ago, stale  stack:gpu',
    ])
  })

  it('gives each session several lines if not even the narrowest columns fit', () => {
    expect(tableOf(SESSIONS, 30)).toEqual([
      'ana@laptop@1',
      '  node:k8s-1, db:orders',
      '  u@h',
      '  just now, claude-code',
      'ben@laptop@2',
      '  stack:gpu',
      '  u@h',
      '  6 min ago, stale, claude-co…',
    ])
  })

  it('has where others work, as far as that is known', () => {
    const place = { repo: 'acme/infra', branch: 'main', worktree: '/infra' }
    const ana = seenOf('ana', 1, ['node:a'])
    const at = (of: object) => ({ ...ana, session: { ...ana.session, place: { ...place, ...of } } })
    const shown = (of: object, width: number, reader = 'me') =>
      sessionTable([at(of)], AS_OF, readerOf(reader, place), ioOf(width))
    expect(shown({ branch: 'feat', worktree: '/w/feat' }, 100)).toEqual([
      'SESSION  WHO  AGENT        WHERE  LAST SEEN  HOLDS',
      'ana      u@h  claude-code  feat   just now   node:a',
    ])
    expect(shown({}, 100)[1]).toContain('  here  ')
    expect(shown({ repo: 'acme/web' }, 30)[3]).toMatch(/^ {2}on branch main of repo.*…$/)
    expect(shown({}, 100, 'ana')[0]).not.toContain('WHERE')
    for (const width of WIDTHS)
      for (const line of shown({ branch: 'long/'.repeat(40) }, width))
        expect(truncated(line).width).toBeLessThanOrEqual(width)
  })

  it('marks this session and the stale ones, and no others', () => {
    const lines = tableOf(
      [...SESSIONS, seenOf('eve', 10, ['node:c'])],
      Number.POSITIVE_INFINITY,
      'ana@laptop@1',
      true,
    )
    expect(lines.map(line => /^<\w+:/.exec(line)?.[0])).toEqual(['<dim:', '<cyan:', '<yellow:', undefined])
    expect(lines[1]).toContain('ana@laptop@1 (me)')
  })

  it('is nowhere wider than the terminal, and safe, whatever others wrote', () => {
    const hostile = '\x1b[31m正在重启\x07\x9b2J \u202eabc\r\n\ttab 🦊 '.repeat(6)
    const sessions = [...SESSIONS, seenOf(hostile, 5, [hostile, `node:${hostile}`], hostile)]
    for (const width of WIDTHS) {
      const lines = tableOf(sessions, width)
      expect(lines.filter(line => truncated(line).width > width)).toEqual([])
      expect(lines.filter(line => UNSAFE.test(line) || !line.isWellFormed())).toEqual([])
      expect(lines.some(line => line.startsWith(oneLine(hostile).slice(0, 8)))).toBe(true)
    }
  })
})

it('a session as JSON has its id, who it is, when it was last seen, and its labels', () => {
  expect(sessionJson(seenOf('ana', 301, ['node:b', 'node:a']), 'ana')).toEqual({
    session_id: 'ana',
    agent_name: 'claude-code',
    user: 'u',
    host: 'h',
    place: { repo: null, branch: null, worktree: null },
    role: null,
    last_seen: '2030-01-02T02:59:04.678Z',
    seconds_since: 301,
    stale: true,
    state: 'stale',
    ended_at: null,
    is_me: true,
    holds: ['node:b', 'node:a'],
  })
})
