import { oneLine } from '@presence/core/internal'
import { array, constantFrom, assert as hold, integer, oneof, property, record, string } from 'fast-check'
import truncated from 'fast-string-truncated-width'
import { describe, expect, it } from 'vitest'
import { AS_OF, type ClaimFields, claimOf, ioOf, readerOf } from './fixture.ts'
import { claimTable } from './table.ts'

const char = integer({ min: 0, max: 0x10ffff }).map(code => String.fromCodePoint(code))

const WIDTHS = [20, 24, 30, 40, 50, 56, 60, 70, 80, 90, 100, 120, 140, 160, 180, 200]

const UNSAFE = /[\p{Cc}\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069]/u

const widthOf = (text: string) => truncated(text).width

function tableOf(claims: readonly ClaimFields[], width: number, me = 'nobody', painted = false) {
  return claimTable(claims.map(claimOf), AS_OF, readerOf(me), ioOf(width, painted))
}

const PLAIN: readonly ClaimFields[] = [
  { label: 'node:k8s-1', id: 'ana@laptop@1', purpose: 'drain for kernel upgrade', made: 240 },
  { label: 'pvc:media/films', id: 'ben@laptop@2', purpose: 'grow it', made: 1, left: 5_400 },
]
const many = (field: 'label' | 'id' | 'purpose', text: string): readonly ClaimFields[] =>
  [1, 2, 3].map(at => ({ label: `node:${at}`, id: `id-${at}`, [field]: `infra:${at} ${text}` }))

const CASES: Readonly<Record<string, readonly ClaimFields[]>> = {
  'short texts': PLAIN,
  'long labels': many('label', 'a name that goes on and on '.repeat(8)),
  'long words': many('purpose', 'x'.repeat(300)),
  'long ids': many('id', 'session-'.repeat(15)),
  'wide characters': many('purpose', '正在重启数据库服务器 '.repeat(10)),
  'wide labels': many('label', '数据库服务器'.repeat(10)),
  'wide characters beyond the first plane': many('purpose', '𠀀𠀁𠀂𠀃'.repeat(20)),
  emoji: many('purpose', '🦊 👩‍👩‍👧‍👦 🏴‍☠️ 🇳🇴 '.repeat(12)),
  'combining characters': many('purpose', 'cafe\u0301 '.repeat(30)),
  Cyrillic: many('purpose', 'обновление ядра и перезагрузка узла '.repeat(5)),
  Greek: many('label', 'αναβάθμιση πυρήνα '.repeat(8)),
  Arabic: many('id', 'تحديث النواة '.repeat(8)),
  'control characters': many('purpose', '\x1b[31mred\x07\x9b2J \u202eabc\r\n\ttab '.repeat(8)),
  'a hundred claims': Array.from({ length: 100 }, (_, at) => ({ label: `node:${at}`, id: `id-${at}` })),
}

describe('a claim that never expires', () => {
  it('says never instead of the time left, in columns and on several lines', () => {
    expect(tableOf([{ never: true }], 80)[1]).toMatch(/never$/)
    expect(tableOf([{ never: true }], 20).join('\n')).toContain('never expires')
  })

  it('says from 2 h on how long it has been idle', () => {
    const old = { never: true, made: 3 * 3_600 + 1_200 }
    expect(tableOf([old], 80)[1]).toMatch(/never, 3 h idle$/)
    expect(tableOf([old], 40).join('\n')).toMatch(/never expires, .* ago\n {2}3 h idle$/)
    expect(tableOf([{ never: true, made: 7_199 }], 80)[1]).toMatch(/never$/)
  })
})

describe.each(Object.entries(CASES))('a table of claims with %s', (_, claims) => {
  it('is nowhere wider than the terminal', () => {
    const tooWide = WIDTHS.flatMap(width =>
      tableOf(claims, width)
        .filter(line => widthOf(line) > width)
        .map(line => [width, line]),
    )
    expect(tooWide).toEqual([])
  })

  it('shows every claim, in order', () => {
    const starts = claims.map(({ label = '' }) => oneLine(label).slice(0, 8))
    for (const width of [...WIDTHS, Number.POSITIVE_INFINITY]) {
      const lines = tableOf(claims, width)
      const inColumns = lines.length === claims.length + 1
      const rows = inColumns ? lines.slice(1) : lines.filter((_, at) => at % 4 === 0)
      expect(rows.map(row => row.slice(0, 8).trimEnd())).toEqual(starts.map(start => start.trimEnd()))
    }
  })

  it('cuts nothing where it does not go to a terminal', () => {
    const text = tableOf(claims, Number.POSITIVE_INFINITY).join('\n')
    for (const { label = '', id = '', purpose = '' } of claims)
      for (const part of [label, id, purpose]) expect(text).toContain(oneLine(part))
    expect(text).not.toContain('…')
  })

  it('contains no control character and no half of a surrogate pair', () => {
    const lines = [...WIDTHS, Number.POSITIVE_INFINITY].flatMap(width => tableOf(claims, width))
    expect(lines.filter(line => UNSAFE.test(line) || !line.isWellFormed())).toEqual([])
  })
})

describe('a table of claims', () => {
  it('is laid out in columns', () => {
    expect(tableOf(PLAIN, Number.POSITIVE_INFINITY)).toEqual([
      'LABEL            SESSION       PURPOSE                   SINCE      LEFT',
      'node:k8s-1       ana@laptop@1  drain for kernel upgrade  4 min ago  11 min',
      'pvc:media/films  ben@laptop@2  grow it                   just now   1 h 30 min',
    ])
  })

  it('cuts the purpose first, then the session, then the label', () => {
    const claim = { label: `node:${'l'.repeat(40)}`, id: 's'.repeat(40), purpose: 'p'.repeat(40) }
    const cutIn = (width: number) =>
      (tableOf([claim], width)[1] ?? '')
        .split(/ {2,}/)
        .slice(0, 3)
        .map(cell => cell.endsWith('…'))
    expect(cutIn(200)).toEqual([false, false, false])
    expect(cutIn(140)).toEqual([false, false, true])
    expect(cutIn(100)).toEqual([false, true, true])
    expect(cutIn(75)).toEqual([true, true, true])
  })

  it('keeps its columns aligned beside wide characters', () => {
    const lines = tableOf(
      [{ purpose: '正在重启数据库服务器'.repeat(9) }, { purpose: '🦊'.repeat(90) }, {}],
      80,
    )
    const since = lines.map(line => widthOf(line.slice(0, line.search(/SINCE|4 min ago/))))
    expect(new Set(since).size).toBe(1)
  })

  it('gives each claim several lines if not even the narrowest columns fit', () => {
    expect(tableOf(PLAIN, 30)).toEqual([
      'node:k8s-1',
      '  drain for kernel upgrade',
      '  ana@laptop@1',
      '  4 min ago, 11 min left',
      'pvc:media/films',
      '  grow it',
      '  ben@laptop@2',
      '  just now, 1 h 30 min left',
    ])
  })

  it("marks this session's own claims, and no others", () => {
    const lines = tableOf(PLAIN, Number.POSITIVE_INFINITY, 'ana@laptop@1', true)
    expect(lines.map(line => /^<\w+:/.exec(line)?.[0])).toEqual(['<dim:', '<cyan:', undefined])
    expect(lines.map(line => line.includes('(me)'))).toEqual([false, true, false])
  })

  it('is safe and fits, whatever others wrote and however wide the terminal', () => {
    const word = constantFrom(
      'обновление',
      'πυρήνα',
      'node',
      ' ',
      '数据库',
      '𠀀',
      '🦊',
      '👩‍👩‍👧‍👦',
      'e\u0301',
      '\x1b',
      '\u202e',
    )
    const words = array(word, { maxLength: 20 }).map(parts => parts.join(''))
    const text = oneof(words, string({ unit: char, maxLength: 60 }))
    const claims = array(record({ label: text, id: text, purpose: text }), { minLength: 1, maxLength: 4 })
    hold(
      property(claims, integer({ min: 20, max: 200 }), (fields, width) => {
        const lines = tableOf(fields, width)
        expect(lines.filter(line => widthOf(line) > width)).toEqual([])
        expect(lines.filter(line => UNSAFE.test(line) || !line.isWellFormed())).toEqual([])
      }),
      { numRuns: 500 },
    )
  })
})

describe('the place where others work', () => {
  const infra = { repo: 'github.com/acme/infra', branch: 'main', worktree: '/infra' }
  const claims: readonly ClaimFields[] = [
    {
      label: 'node:1',
      id: 'ana',
      place: { ...infra, branch: 'agent/dns/active\u001b[2J', worktree: '/w/dns' },
    },
    { label: 'node:2', id: 'ben', place: { repo: 'github.com/acme/web', branch: 'feat', worktree: '/web' } },
    { label: 'node:3', id: 'eve', place: infra },
    { label: 'node:4', id: 'me', place: infra },
    { label: 'node:5', id: 'zoe', place: { ...infra, branch: 'fix', worktree: '/second' } },
    { label: 'node:6', id: 'old' },
  ]
  const shown = (width: number, fields = claims, reader = readerOf('me', infra)) =>
    claimTable(fields.map(claimOf), AS_OF, reader, ioOf(width))
  const cells = (lines: readonly string[]) => {
    const at = lines[0]?.indexOf('WHERE') ?? -1
    const end = lines[0]?.indexOf('PURPOSE') ?? -1
    return lines.slice(1).map(line => line.slice(at, end).trim())
  }

  it('is a column: another branch or worktree of the reader’s repository, another repository, or here', () => {
    expect(cells(shown(Number.POSITIVE_INFINITY))).toEqual([
      'agent/dns/active\ufffd[2J',
      'web: feat',
      'here',
      '',
      'fix (second)',
      '',
    ])
  })

  it('names the whole repository if its last part is also that of the reader’s', () => {
    const other = [{ place: { ...infra, repo: 'github.com/other/infra' } }]
    expect(cells(shown(200, other))).toEqual(['github.com/other/infra: main'])
  })

  it('is shown in full to a reader outside any repository', () => {
    expect(cells(shown(200, claims.slice(1, 3), readerOf('me')))).toEqual(['web: feat', 'infra: main'])
  })

  it('is on its own line if columns don’t fit', () => {
    const lines = shown(40)
    for (const line of ['  in your worktree', '  on branch feat of repository github.c…'])
      expect(lines).toContain(line)
  })

  it('fits into 80 columns beside the rest', () => {
    expect(cells(shown(80))).toHaveLength(6)
    expect(cells(shown(80))).toContain('here')
  })

  it('is narrowed for the rest on a narrow terminal, and contains no control character', () => {
    for (const width of WIDTHS)
      for (const line of shown(width)) {
        expect(widthOf(line)).toBeLessThanOrEqual(width)
        expect(line).not.toMatch(UNSAFE)
      }
  })

  it('has no column if it is unknown for all, or only the reader’s own place is known', () => {
    expect(shown(200, claims.slice(5))[0]).not.toContain('WHERE')
    expect(shown(200, claims.slice(3, 4))[0]).not.toContain('WHERE')
    expect(shown(200, claims.slice(0, 1), readerOf('ana', infra))[0]).not.toContain('WHERE')
  })
})
