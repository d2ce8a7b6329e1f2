import truncated from 'fast-string-truncated-width'
import { describe, expect, it } from 'vitest'
import { AS_OF, claimOf, ioOf, readerOf } from './fixture.ts'
import { holderLine, holderList } from './holder.ts'

const UNSAFE = /[\p{Cc}\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069]/u
const WIDTHS = [20, 25, 30, 40, 60, 80, 100, 140, 200]
const TEXTS = {
  words: 'drain the node for a kernel upgrade, then reboot it and let its pods come back '.repeat(3),
  'a long word': 'x'.repeat(300),
  'wide characters': '正在重启数据库服务器'.repeat(8),
  'few wide characters': '正在重启数据库服务器',
  emoji: '🦊 🇳🇴 '.repeat(40),
  Cyrillic: 'обновление ядра и перезагрузка узла '.repeat(5),
  'control characters': '\x1b[31mred\x07\x9b2J \u202eabc\r\n\ttab '.repeat(8),
}

describe('a holder', () => {
  const ana = claimOf({ id: 'ana@laptop@1', user: 'ana', host: 'laptop', purpose: 'drain for kernel' })

  it('is shown with session, user, host, purpose, start and time left', () => {
    expect(holderLine(ana, AS_OF)).toBe(
      'ana@laptop@1 (ana@laptop): drain for kernel, since 2030-01-02 03:00:05 UTC (4 min ago), 11 min left',
    )
  })

  it('that never expires says so instead of the time left', () => {
    expect(holderLine(claimOf({ never: true }), AS_OF)).toMatch(/ ago\), never expires, exclusive$/)
  })

  it('of an exclusive claim that was not touched for 2 h is shown as idle, and no other is', () => {
    const line = (made: number, never: boolean) => holderLine(claimOf({ made, never }), AS_OF)
    expect(line(3 * 3_600, true)).toMatch(/ ago\), never expires, idle for 3 h, exclusive$/)
    for (const other of [line(7_199, true), line(3 * 3_600, false)]) expect(other).not.toContain('idle')
  })

  it('that is this session is marked, and no other is', () => {
    expect(holderLine(ana, AS_OF, readerOf('ana@laptop@1'))).toMatch(/^ana@laptop@1 \(me\) \(ana@laptop\): /)
    expect(holderLine(ana, AS_OF, readerOf('ana@laptop'))).not.toContain('(me)')
    expect(holderLine(ana, AS_OF)).not.toContain('(me)')
  })

  it('is shown with where it works, relative to where the reader works', () => {
    const place = { repo: 'infra', branch: 'main', worktree: '/infra' }
    const line = (of: object) =>
      holderLine(claimOf({ id: 'ben', place: { ...place, ...of } }), AS_OF, readerOf('ana', place))
    expect(line({})).toMatch(/^ben \(u@h, in your worktree\): /)
    expect(line({ branch: 'feat', worktree: '/second' })).toMatch(
      /^ben \(u@h, on branch feat of your repository, worktree second\): /,
    )
    expect(line({ repo: 'acme/web\x1b[2J' })).toMatch(
      /^ben \(u@h, on branch main of repository acme\/web[^\x1b]*\): /,
    )
    expect(holderLine(claimOf({ id: 'ana', place }), AS_OF, readerOf('ana', place))).toMatch(
      /^ana \(me\) \(u@h\): /,
    )
  })

  it('is shown on one line without control characters, whatever was written in any field', () => {
    const hostile = '\x1b]0;title\x07\x9b2J\u202ea\r\nb\u2066'
    const line = holderLine(
      claimOf({ id: hostile, user: hostile, host: hostile, purpose: hostile }),
      AS_OF,
      readerOf(hostile),
    )
    expect(line).not.toMatch(UNSAFE)
    expect(line).toContain('(me)')
  })
})

const isOneWord = (line: string) => /^( {4}| {2}- )\S+$/.test(line)

describe('a list of holders', () => {
  it('has one line for each holder where it does not go to a terminal', () => {
    const claims = [claimOf({ id: 'ana', purpose: 'x '.repeat(300) }), claimOf({ id: 'ben' })]
    expect(holderList(claims, AS_OF, ioOf(Number.POSITIVE_INFINITY), readerOf('ben'))).toEqual(
      claims.map(claim => `  - ${holderLine(claim, AS_OF, readerOf('ben'))}`),
    )
  })

  it('is empty if nobody holds the label', () => {
    expect(holderList([], AS_OF, ioOf(80))).toEqual([])
  })

  describe.each(Object.entries(TEXTS))('with %s', (_, purpose) => {
    const claims = ['ana@laptop@1', 'ben@laptop@2'].map(id => claimOf({ id, purpose }))

    it('is wider than the terminal only where a single word is', () => {
      const tooWide = WIDTHS.flatMap(width =>
        holderList(claims, AS_OF, ioOf(width))
          .filter(line => truncated(line).width > width && !isOneWord(line))
          .map(line => [width, line]),
      )
      expect(tooWide).toEqual([])
    })

    it('shows the whole text of each holder, indented', () => {
      const letters = (text: string) => text.replaceAll(/\s/g, '')
      const whole = claims.map(claim => `-${holderLine(claim, AS_OF)}`).join('')
      for (const width of WIDTHS) {
        const lines = holderList(claims, AS_OF, ioOf(width))
        expect(letters(lines.join(''))).toBe(letters(whole))
        expect(lines.filter(line => line.startsWith('  - '))).toHaveLength(2)
        expect(lines.filter(line => !/^( {2}- | {4})\S/.test(line))).toEqual([])
      }
    })
  })
})
