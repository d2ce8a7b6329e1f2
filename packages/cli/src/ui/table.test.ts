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
    expect(tableOf([old], 40).join('\n')).toMatch(/never expires, .* ago\n {4}3 h idle$/)
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
    const starts = claims.map(({ label = '' }) => oneLine(label).slice(0, 8).trimEnd())
    for (const width of [...WIDTHS, Number.POSITIVE_INFINITY]) {
      const lines = tableOf(claims, width)
      // Everything but labels and headings is indented, if each claim has several lines.
      const rows = (lines[0]?.startsWith('LABEL') ? lines.slice(1) : lines).filter(
        line => !line.startsWith(' '),
      )
      expect(rows.map(row => row.slice(0, 8).trimEnd())).toEqual(starts)
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
      'LABEL            SESSION       WHO       PURPOSE                   SINCE      LEFT',
      'node:k8s-1       ana@laptop@1  cli, u@h  drain for kernel upgrade  4 min ago  11 min',
      'pvc:media/films  ben@laptop@2  cli, u@h  grow it                   just now   1 h 30 min',
    ])
  })

  it('has the claims on one label together, which is named once on a terminal and on each line elsewhere', () => {
    const claims = [
      { label: 'node:a', id: 'ana' },
      { label: 'node:b', id: 'ben' },
      { label: 'node:a', id: 'eve' },
    ]
    const shown = (width: number) => tableOf(claims, width).map(line => line.slice(0, 15).trimEnd())
    expect(shown(120)).toEqual(['LABEL   SESSION', 'node:a  ana', '        eve', 'node:b  ben'])
    expect(shown(Number.POSITIVE_INFINITY)).toEqual([
      'LABEL   SESSION',
      'node:a  ana',
      'node:a  eve',
      'node:b  ben',
    ])
    expect(tableOf(claims, 30).filter(line => !line.startsWith(' '))).toEqual(['node:a', 'node:b'])
  })

  it('has the shortest beginning of a long id that no other has, and the mark of one’s own beside it', () => {
    const ids = [
      'f47ac10b-58cc-4372-a567-0e02b2c3d479',
      'f47ac10b-1111-4372-a567-0e02b2c3d479',
      '0199a1b2-c3d4-7e5f-8000-000000000001',
      'ana@laptop@1a2b3c4d',
      'ana@laptop@1a2bffff',
      'a-name-that-somebody-chose',
    ]
    const lines = tableOf(
      ids.map((id, at) => ({ id, label: `node:${at}` })),
      200,
      ids[0],
    )
    expect(lines.slice(1).map(line => line.split(/ {2,}/)[1])).toEqual([
      'f47ac10b-5 (me)',
      'f47ac10b-1',
      '0199a1b2-c3d4',
      'ana@laptop@1a2b3',
      'ana@laptop@1a2bf',
      'a-name-that-somebody-chose',
    ])
  })

  it('at 80 columns shows the whole purpose, below its session, instead of its first words', () => {
    const purpose = 'replace the failed disk of the third shelf, rebuild the array, and tell the others'
    const id = 'f47ac10b-58cc-4372-a567-0e02b2c3d479'
    const place = { repo: 'acme/infra', branch: 'agent/storage/active', worktree: '/w' }
    expect(tableOf([{ label: 'host:nas-1', id, purpose, place }], 80)).toEqual([
      '  SESSION   WHO                                    SINCE      LEFT',
      'host:nas-1',
      '  f47ac10b  cli, u@h, infra: agent/storage/active  4 min ago  11 min',
      '    replace the failed disk of the third shelf, rebuild the array, and tell the',
      '    others',
    ])
  })

  it('at 40 columns folds it between words', () => {
    const purpose = 'replace the failed disk of the third shelf and rebuild the array'
    expect(tableOf([{ label: 'host:nas-1', id: 'ana@laptop@1', purpose }], 40)).toEqual([
      'host:nas-1',
      '  ana@laptop@1',
      '    replace the failed disk of the third',
      '    shelf and rebuild the array',
      '    cli, u@h',
      '    4 min ago, 11 min left',
    ])
  })

  it('cuts a purpose only after three lines', () => {
    const lines = tableOf([{ purpose: 'one two three four five six seven '.repeat(20) }], 40)
    expect(lines.filter(line => /one|two|three|four|five|six|seven/.test(line))).toHaveLength(3)
    expect(lines.filter(line => line.endsWith('…'))).toHaveLength(1)
  })

  it('keeps its columns aligned beside wide characters', () => {
    const lines = tableOf(
      [{ purpose: '正在重启数据库服务器'.repeat(9) }, { purpose: '🦊'.repeat(90) }, {}],
      120,
    )
    const since = lines.map(line => widthOf(line.slice(0, line.search(/SINCE|4 min ago/))))
    expect(new Set(since).size).toBe(1)
  })

  it('gives each claim several lines if not even the narrowest columns fit', () => {
    expect(tableOf(PLAIN, 30)).toEqual([
      'node:k8s-1',
      '  ana@laptop@1',
      '    drain for kernel upgrade',
      '    cli, u@h',
      '    4 min ago, 11 min left',
      'pvc:media/films',
      '  ben@laptop@2',
      '    grow it',
      '    cli, u@h',
      '    just now, 1 h 30 min left',
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

describe('who holds a label', () => {
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
    const [at, end] = ['WHO', 'PURPOSE'].map(heading => lines[0]?.indexOf(heading) ?? -1)
    return lines.slice(1).map(line => line.slice(at, end).trim().replace('cli, u@h', '').replace(/^, /, ''))
  }

  it('is its agent, user and host, and its branch, with the repository if it is another, and whether it is here', () => {
    expect(shown(Number.POSITIVE_INFINITY)[1]).toContain('  cli, u@h, agent/dns/active')
    expect(cells(shown(Number.POSITIVE_INFINITY))).toEqual([
      'agent/dns/active\ufffd[2J',
      'web: feat',
      'main (here)',
      'main',
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

  it('fits at 80 columns and is folded on a narrow terminal, without control characters', () => {
    expect(shown(80).join('\n')).toContain('main (here)')
    for (const width of WIDTHS)
      for (const line of shown(width)) {
        expect(widthOf(line)).toBeLessThanOrEqual(width)
        expect(line).not.toMatch(UNSAFE)
      }
  })
})

it('one’s own claim is marked as mine on every terminal in columns, and an exclusive claim as exclusive', () => {
  const id = 'f47ac10b-58cc-4372-a567-0e02b2c3d479'
  for (const width of [70, 80, 100, 200]) {
    const text = tableOf(
      [{ id, never: true, label: 'stack:a-long-name-of-a-stack', purpose: 'x'.repeat(200) }],
      width,
      id,
    ).join('\n')
    expect(text, String(width)).toMatch(/\(me\)|\(me, exclusive\)/)
    expect(text, String(width)).toMatch(/\(exclusive\)|\(me, exclusive\)/)
  }
})
