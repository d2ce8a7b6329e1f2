import { type Change, PresenceError } from '@presence/core'
import { changeJson } from '@presence/core/internal'
import truncated from 'fast-string-truncated-width'
import { describe, expect, it } from 'vitest'
import { Changes, changeNotes } from './change.ts'
import { AS_OF, type ClaimFields, claimOf, ioOf } from './fixture.ts'

const UNSAFE = /[\p{Cc}\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069]/u
const HOSTILE = '\x1b]0;title\x07\x9b2J\u202ea\r\n03:04:05 UTC  released  node:a\u2066'

const claimed = (fields: ClaimFields = {}): Change => ({
  event: 'claimed',
  at: AS_OF,
  claim: claimOf(fields),
})
const since = new Date('2030-01-02T03:00:00.123Z')
const fault = new PresenceError('unreachable', 'dolt unreachable at db', 'check that it runs')
const lost: Change = { event: 'unknown', at: AS_OF, since, fault }
const known = (from: Date | undefined, live = 2): Change => ({
  event: 'known',
  at: AS_OF,
  since: from,
  live,
  coClaims: [{ label: 'db:b', others: [claimOf({ id: 'bob' })] }],
})
const linesOf = (change: Change, width = Number.POSITIVE_INFINITY, label?: string) =>
  new Changes('ana', label, ioOf(width)).lines(change)

describe('the line of a change', () => {
  it('has its time, event, label, session and purpose', () => {
    expect(linesOf(claimed({ id: 'bob', purpose: 'drain' }))).toEqual([
      '03:04:05 UTC  claimed   node:a  bob  drain',
    ])
    expect(linesOf(claimed())).toEqual(['03:04:05 UTC  claimed   node:a  ana (me)  p'])
  })

  it('says that a claim never expires', () => {
    expect(linesOf(claimed({ id: 'bob', never: true }))).toEqual([
      '03:04:05 UTC  claimed   node:a  bob  p  (never expires)',
    ])
  })

  it('says at the beginning what is watched, and how many claims there are', () => {
    expect(linesOf(known(undefined))).toEqual(['presence: watching the board: 2 live claims'])
    expect(linesOf(known(undefined, 1), Number.POSITIVE_INFINITY, 'node:a')).toEqual([
      'presence: watching node:a: 1 live claim',
    ])
    expect(linesOf(known(undefined, 0))).toEqual(['presence: watching the board: no live claims'])
  })

  it('G6: says since when the board has been or was unknown', () => {
    expect(linesOf(lost)).toEqual([
      '03:04:05 UTC  unknown   the state of the board has been unknown since 2030-01-02 03:00:00 UTC: dolt unreachable at db',
    ])
    expect(linesOf(known(since))).toEqual([
      '03:04:05 UTC  known     the board answers again; it was unknown since 2030-01-02 03:00:00 UTC; 2 live claims',
    ])
  })

  it('is a single safe line, whatever others wrote', () => {
    const lines = linesOf(claimed({ label: `node:${HOSTILE}`, id: HOSTILE, purpose: HOSTILE }))
    expect(lines).toHaveLength(1)
    expect(lines.filter(line => UNSAFE.test(line))).toEqual([])
  })

  it('has a short time on a terminal, where the first line says once that times are in UTC', () => {
    expect(linesOf(claimed({ id: 'bob', purpose: 'drain' }), 80)).toEqual([
      '03:04:05  claimed   node:a  bob  drain',
    ])
    expect(linesOf(known(undefined), 80)).toEqual([
      'presence: watching the board, times in UTC: 2 live claims',
    ])
  })

  it.each([40, 60, 80])('is folded between words on a terminal of %i columns', width => {
    const purpose = 'restart the hung kubelet '.repeat(8).trim()
    const lines = linesOf(claimed({ id: 'f47ac10b-58cc-4372-a567-0e02b2c3d479', purpose }), width)
    const [first = '', ...rest] = lines
    expect(first).toMatch(
      width === 40 ? /^03:04:05 {2}claimed$/ : /^03:04:05 {2}claimed {3}node:a {2}f47ac10b\b/,
    )
    for (const line of rest) expect(line).toMatch(width === 40 ? /^ {2}\S/ : /^ {20,}\S/)
    for (const line of lines) expect(truncated(line).width).toBeLessThanOrEqual(width)
    expect(
      lines
        .join(' ')
        .split(/\s+/)
        .filter(word => purpose.includes(word))
        .join(' '),
    ).toBe(purpose)
  })

  it('is aligned with the lines before it, and with later ones as far as their labels fit', () => {
    const changes = new Changes('ana', undefined, ioOf(Number.POSITIVE_INFINITY))
    const shown = [
      { label: 'node:a', id: 'bob' },
      { label: 'pvc:prometheus/data', id: 'agent-7' },
      { label: 'db:b', id: 'ben' },
      { label: `node:${'x'.repeat(60)}`, id: 'bob' },
      { label: 'db:c', id: 'bob' },
    ].map(fields =>
      changes.lines(claimed({ ...fields, purpose: 'drain' }))[0]?.slice('03:04:05 UTC  '.length),
    )
    expect(shown).toEqual([
      'claimed   node:a  bob  drain',
      'claimed   pvc:prometheus/data  agent-7  drain',
      'claimed   db:b                 ben      drain',
      `claimed   node:${'x'.repeat(60)}  bob      drain`,
      'claimed   db:c                 bob      drain',
    ])
  })
})

describe('beside a change', () => {
  it('a lost contact has its remedy, and a watch of one label shows the co-claims on others', () => {
    expect(changeNotes(lost, undefined)).toEqual(['hint: check that it runs'])
    expect(changeNotes(known(undefined), 'node:a')).toEqual([
      'note: db:b, which you hold, is also claimed by bob (p, claimed 4 min ago)',
    ])
  })

  it('nothing is said twice', () => {
    for (const change of [known(undefined), claimed()]) expect(changeNotes(change, undefined)).toEqual([])
    expect(changeNotes(known(undefined), 'db:b')).toEqual([])
  })
})

describe('a change as JSON', () => {
  it('has event, at, and the keys of a claim in list --json', () => {
    expect(changeJson(claimed({ id: 'bob' }), { me: 'ana' })).toEqual({
      event: 'claimed',
      at: '2030-01-02T03:04:05.678Z',
      session_id: 'bob',
      resource_label: 'node:a',
      purpose: 'p',
      claimed_at: expect.any(String),
      expires_at: expect.any(String),
      ttl_seconds: 900,
      mode: 'shared',
      token: null,
      user: 'u',
      host: 'h',
      agent_name: 'cli',
      place: { repo: null, branch: null, worktree: null },
      is_me: false,
    })
  })

  it('G6: says since when the board has been or was unknown, and why', () => {
    const at = '2030-01-02T03:04:05.678Z'
    const unknown_since = '2030-01-02T03:00:00.123Z'
    expect(changeJson(lost, { me: 'ana' })).toEqual({
      event: 'unknown',
      at,
      unknown_since,
      error: { code: 'unreachable', message: 'dolt unreachable at db', remedy: 'check that it runs' },
    })
    expect(changeJson(known(since), { me: 'ana' })).toEqual({ event: 'known', at, unknown_since, live: 2 })
    expect(changeJson(known(undefined), { me: 'ana' })).toEqual({
      event: 'known',
      at,
      unknown_since: null,
      live: 2,
    })
  })
})
