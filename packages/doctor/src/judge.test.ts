import { PresenceError } from '@presence/core'
import { type FileFacts, parseDsn, resolveIdentity, type ServerFacts } from '@presence/core/internal'
import { describe, expect, it } from 'vitest'
import { judgeClock } from './board/clock.ts'
import { judgeFile } from './board/file.ts'
import { judgeRoom } from './board/room.ts'
import { judgeSchema } from './board/schema.ts'
import { judgeServer } from './board/server.ts'
import { judgeSharing } from './board/sharing.ts'
import type { Finding } from './finding.ts'
import { judgeIdentity } from './identity.ts'
import { judgeNode } from './node.ts'

const AT = new Date('2030-01-02T03:04:05.000Z')
const later = (ms: number) => new Date(AT.getTime() + ms)
const MIB = 1024 * 1024

/** The progress of a board on version 7, for a presence of version 7. */
const none = {
  present: [],
  pending: [],
  unknown: [],
  missing: [],
  version: 7,
  oldestClient: 7,
  clientVersion: 7,
}

const amiss = (findings: readonly Finding[]) =>
  findings.filter(({ status }) => status !== 'ok').map(({ status, check }) => `${status} ${check}`)

describe('the clock', () => {
  it.each([
    ['within 2 s', later(2_000), later(2_010)],
    ['within 2 s in the other direction', later(-2_010), later(-2_000)],
    ['if a slow answer leaves the difference unknown', later(-60_000), later(60_000)],
  ])('is ok %s', (_, before, after) => expect(judgeClock(AT, before, after).status).toBe('ok'))

  it('is a note above 2 s, with the direction and the difference', () => {
    expect(judgeClock(AT, later(5_000), later(5_001))).toMatchObject({
      status: 'note',
      message: expect.stringContaining('5 s ahead of'),
    })
    expect(judgeClock(AT, later(-7_001), later(-7_000))).toMatchObject({
      status: 'note',
      message: expect.stringContaining('7 s behind'),
    })
  })
})

describe('judgeSchema', () => {
  it.each([
    ['missing', { ...none, pending: ['0', '1'] }, false, 'broken', /missing/, /migrate/],
    ['of the 8-column table', { ...none, pending: ['0', '1'] }, true, 'broken', /older tool/, /migrate/],
    ['older', { ...none, present: ['0'], pending: ['1'] }, true, 'broken', /older.*lacks 1/, /migrate/],
    [
      'newer and for newer clients only',
      { ...none, present: ['0'], unknown: ['9_x'], version: 9, oldestClient: 9 },
      true,
      'broken',
      /newer.*9_x.*version 9, for clients from version 9; this presence has 7/,
      /upgrade presence/,
    ],
    [
      'newer and for this client too',
      { ...none, present: ['0'], unknown: ['9_x'], version: 9 },
      true,
      'ok',
      /may continue to use it: version 9, for clients from version 7; this presence has 7/,
      /^$/,
    ],
    [
      'newer and missing a table',
      { ...none, present: ['0'], unknown: ['9_x'], version: 9, missing: ['presence_replays'] },
      true,
      'broken',
      /lacks presence_replays/,
      /at least as new as the board/,
    ],
    [
      'missing a table',
      { ...none, present: ['0', '1'], missing: ['presence_replays'] },
      true,
      'broken',
      /lacks presence_replays/,
      /migrate/,
    ],
    ['up to date', { ...none, present: ['0', '1'] }, true, 'ok', /up to date at 1/, /^$/],
  ])('rates a schema that is %s', (_, progress, hasClaims, status, message, remedy) => {
    const finding = judgeSchema(progress, hasClaims)
    expect(finding.status).toBe(status)
    expect(finding.message).toMatch(message)
    expect(finding.remedy ?? '').toMatch(remedy)
  })
})

describe('the number of rows', () => {
  it('is a note once pruning has fallen behind', () => {
    expect(judgeRoom({ rows: 10_000, live: 0, due: 10_000 }).status).toBe('ok')
    expect(judgeRoom({ rows: 10_001, live: 0, due: 10_001 }).status).toBe('note')
  })
})

describe('a database', () => {
  const own = 'make one'
  it('with only the board’s tables is ok', () => {
    const tables = ['presence_claims', 'presence_migrations']
    expect(judgeSharing('database', 'presence', tables, own).status).toBe('ok')
  })

  it('with the tracker’s name or others’ tables is a note that names them and recommends a separate database', () => {
    expect(judgeSharing('database', 'beads', ['presence_claims'], own)).toMatchObject({
      status: 'note',
      remedy: own,
    })
    const tables = ['a', 'b', 'c\u001b[2J', 'd', 'e', 'presence_claims']
    expect(judgeSharing('database', 'board', tables, own)).toMatchObject({
      status: 'note',
      message: 'this database is shared with other tables: a, b, c\ufffd[2J and 2 more',
    })
  })
})

describe('Node', () => {
  it.each([
    ['22.16.0', 'ok'],
    ['24.0.1', 'ok'],
    ['22.15.1', 'broken'],
    ['20.20.0', 'broken'],
  ])('%s is %s', (version, status) => expect(judgeNode(version).status).toBe(status))
})

describe('the identity', () => {
  it('is a note if only a process determines it, and ok for a terminal or a variable', () => {
    const unnamed = resolveIdentity(undefined, {})
    expect(judgeIdentity(unnamed, () => false)).toMatchObject({
      status: 'note',
      remedy: expect.stringContaining('PRESENCE_SESSION_ID'),
    })
    expect(judgeIdentity(unnamed, () => true).status).toBe('ok')
    expect(judgeIdentity(resolveIdentity(undefined, { CODEX_SESSION_ID: 'c' }), () => false)).toMatchObject({
      status: 'ok',
      message: expect.stringContaining('CODEX_SESSION_ID'),
    })
  })
})

describe('a file', () => {
  const healthy: FileFacts = {
    size: 24_576,
    folder: '/state',
    freeBytes: { value: 9_000 * MIB },
    writable: { value: true },
    content: {
      journal: { value: 'wal' },
      damage: { value: [] },
      schema: { value: { ...none, present: ['0'] } },
      tables: { value: ['presence_claims', 'presence_migrations'] },
      room: { value: { rows: 0, live: 0, due: 0 } },
    },
  }
  const content = { ...healthy.content } as NonNullable<FileFacts['content']>
  const denied = new PresenceError('read_only', 'is read-only', 'make it writable')
  const busy = new PresenceError('busy', 'is locked', 'try again')

  it('that is intact, or does not exist yet, has only ok findings', () => {
    expect(amiss(judgeFile('/state/board.db', healthy))).toEqual([])
    expect(amiss(judgeFile('/state/board.db', { ...healthy, size: undefined, content: undefined }))).toEqual(
      [],
    )
  })

  it.each<[string, Partial<FileFacts>, string]>([
    ['that is read-only', { writable: { fault: denied } }, 'broken writable'],
    ['that is being written', { writable: { fault: busy } }, 'note writable'],
    ['on a full disk', { freeBytes: { value: MIB - 1 } }, 'broken disk'],
    ['on a disk that is nearly full', { freeBytes: { value: 64 * MIB - 1 } }, 'note disk'],
    ['that is damaged', { content: { ...content, damage: { value: ['x'] } } }, 'broken integrity'],
    ['too big to be checked', { content: { ...content, damage: { value: undefined } } }, 'note integrity'],
    ['without WAL', { content: { ...content, journal: { value: 'delete' } } }, 'note journal'],
    [
      'with others’ tables',
      { content: { ...content, tables: { value: ['presence_claims', 'notes'] } } },
      'note sharing',
    ],
    [
      'of a newer presence',
      {
        content: {
          ...content,
          schema: { value: { ...none, present: ['0'], unknown: ['9'], oldestClient: 9 } },
        },
      },
      'broken schema',
    ],
  ])('%s has one finding, about that', (_, change, found) => {
    expect(amiss(judgeFile('/state/board.db', { ...healthy, ...change }))).toEqual([found])
  })

  it('of an older presence is ok, because the next command brings it up to date', () => {
    const schema = { value: { ...none, present: ['0'], pending: ['1'] } }
    const findings = judgeFile('/state/board.db', { ...healthy, content: { ...content, schema } })
    expect(amiss(findings)).toEqual([])
    expect(findings.find(({ check }) => check === 'schema')?.message).toMatch(/lacks 1; the next command/)
  })
})

describe('a server', () => {
  const dsn = parseDsn('mysql://ana:s3cret@db:3306/presence')
  if (dsn.scheme !== 'mysql') throw new Error('not a server')
  const healthy: ServerFacts = {
    engine: { name: 'Dolt', version: '2.2.0', now: AT, offsetSeconds: 0 },
    before: AT,
    after: AT,
    branch: { value: { active: 'main', wanted: 'main' } },
    protection: { value: { ignored: true, tracked: [], steps: [] } },
    tables: { value: ['presence_claims', 'presence_migrations'] },
    schema: { value: { ...none, present: ['0'] } },
    grants: { value: [] },
    room: { value: { rows: 0, live: 0, due: 0 } },
  }
  const denied = new PresenceError('access_denied', 'denies it', 'grant it')
  const silent = new PresenceError('unreachable', 'no answer', 'check it')

  it('that is set up correctly is all ok', () => expect(amiss(judgeServer(dsn, healthy))).toEqual([]))

  it('without branches has no findings about them', () => {
    const engine = { ...healthy.engine, name: 'MariaDB' }
    const checks = judgeServer(dsn, { ...healthy, engine, branch: undefined, protection: undefined })
    expect(checks.map(({ check }) => check)).not.toEqual(expect.arrayContaining(['branch']))
    expect(checks.map(({ check }) => check)).not.toEqual(expect.arrayContaining(['ignored']))
  })

  it.each<[string, Partial<ServerFacts>, readonly string[]]>([
    ['in another time zone', { engine: { ...healthy.engine, offsetSeconds: -18_000 } }, ['note zone']],
    ['on another branch', { branch: { value: { active: 'work', wanted: 'main' } } }, ['broken branch']],
    [
      'on a requested branch other than main',
      { branch: { value: { active: 'work', wanted: 'work' } } },
      ['note branch'],
    ],
    [
      'whose board is tracked in history',
      { protection: { value: { ignored: false, tracked: ['presence_claims'], steps: [] } } },
      ['broken ignored', 'broken ignored'],
    ],
    ['that hides its history from this account', { protection: { fault: denied } }, ['note ignored']],
    [
      'that denies INSERT',
      { grants: { value: [{ table: 'presence_claims', privilege: 'INSERT' }] } },
      ['broken grants'],
    ],
    [
      'that hides the tables of a migrated board',
      {
        tables: { value: ['presence_migrations'] },
        grants: { value: [{ table: 'presence_claims', privilege: 'SELECT' }] },
        room: { fault: denied },
      },
      ['broken grants'],
    ],
    ['that denies the schema', { schema: { fault: denied } }, ['broken schema']],
    ['too slow to count', { room: { fault: silent } }, ['note room']],
    [
      'without a board, so that rows and grants are not checked',
      { tables: { value: [] }, schema: { value: { ...none, pending: ['0'] } } },
      ['broken schema'],
    ],
  ])('%s has findings about that only', (_, change, found) =>
    expect(amiss(judgeServer(dsn, { ...healthy, ...change }))).toEqual(found),
  )

  it('names the missing privileges by table, and the GRANT that adds them', () => {
    const value = [
      { table: 'presence_claims', privilege: 'INSERT' },
      { table: 'presence_claims', privilege: 'DELETE' },
      { table: 'presence_replays', privilege: 'SELECT' },
    ]
    const findings = judgeServer(dsn, { ...healthy, grants: { value } })
    expect(findings.find(({ check }) => check === 'grants')).toEqual({
      check: 'grants',
      code: 'access_denied',
      status: 'broken',
      message: 'this account may not INSERT, DELETE on presence_claims, nor SELECT on presence_replays',
      remedy:
        'run this as an account that may grant privileges: GRANT INSERT, DELETE ON presence_claims; GRANT SELECT ON presence_replays',
    })
  })

  it('tells how far its time zone is off, and never the password', () => {
    const findings = judgeServer(dsn, { ...healthy, engine: { ...healthy.engine, offsetSeconds: 19_800 } })
    expect(findings.find(({ check }) => check === 'zone')?.message).toContain('5:30 h ahead of UTC')
    expect(JSON.stringify(findings)).not.toContain('s3cret')
  })
})
