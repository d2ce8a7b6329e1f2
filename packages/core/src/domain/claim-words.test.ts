import { describe, expect, it } from 'vitest'
import type { Claim } from './claim.ts'
import { agentWording, earlierText, endedText, holderText, lapsedText, standsText } from './claim-words.ts'

const at = (minute: number) => new Date(`2030-01-02T03:${String(minute).padStart(2, '0')}:00Z`)
const WORDS = agentWording(at(25))
const ana: Claim = {
  label: 'node:a',
  session: { id: 'ana', user: 'u', host: 'h', agent: 'cli', place: { repo: 'web', branch: 'fix' } },
  purpose: 'drain',
  claimedAt: at(1),
  expiresAt: at(16),
  ttlSeconds: 600,
  lapsedAt: undefined,
  token: undefined,
}
const heldBy = (id: string): Claim => ({ ...ana, session: { ...ana.session, id }, purpose: 'reboot' })
const ended = (how: 'stolen' | 'resolved', by?: string): Claim => ({
  ...ana,
  ended: { how, at: at(20), by, note: 'gone' },
})

describe('a claim that ended without its session', () => {
  it.each([
    [[], 'nobody holds the label now'],
    [['bob'], 'the label is held now by bob ("reboot")'],
    [
      ['bob', 'cyd', 'dan', 'eve', 'fay'],
      'the label is held now by bob ("reboot"), cyd ("reboot"), dan ("reboot") and 2 more',
    ],
  ])('is reported with the label’s holders: %j', (holders, told) => {
    expect(endedText(ana, holders.map(heldBy), WORDS)).toBe(
      `your claim on node:a ("drain") lapsed 9 min ago; ${told}`,
    )
  })

  it('is reported without the label’s holders if they are unknown', () => {
    expect(endedText(ana, undefined, WORDS)).toBe('your claim on node:a ("drain") lapsed 9 min ago')
  })

  it('is reported with who ended it, and why', () => {
    expect(endedText(ended('stolen', 'bob'), [heldBy('bob')], WORDS)).toBe(
      'your exclusive claim on node:a ("drain") was stolen by bob 5 min ago: "gone"; you no longer hold it',
    )
    expect(endedText(ended('resolved'), [], WORDS)).toBe(
      'your claim on node:a ("drain") lapsed 9 min ago; another session resolved it 5 min ago: "gone"; nobody holds the label now',
    )
  })

  it('is described as an earlier claim if its session has claimed the label again', () => {
    expect(earlierText(ana, at(16), WORDS)).toBe(
      'your earlier claim on node:a lapsed 9 min ago, before you claimed it again',
    )
    expect(earlierText(ended('stolen', 'bob'), at(16), WORDS)).toBe(
      'your earlier exclusive claim on node:a was stolen by bob 5 min ago: "gone"',
    )
  })
})

it('each interface decides how a holder’s texts and times are shown', () => {
  const words = { ...agentWording(at(5)), text: (text: string) => `«${text}»` }
  const view = { me: { host: 'h' }, asOf: at(5), words }
  expect(holderText({ ...ana, token: 1 }, view)).toBe(
    '«drain» by ana (cli, u@h, on branch "fix" of repository "web"), held exclusively, claimed 4 min ago, 11 min left',
  )
  expect(holderText(ana, { ...view, me: { ...ana.session } })).toBe(
    '«drain» by you, claimed 4 min ago, 11 min left',
  )
  expect(
    lapsedText(ana, { ...view, words: { ...words, at: time => `on ${time.toISOString().slice(11, 16)}` } }),
  ).toBe('node:a: «drain» by ana, last heartbeat on 03:06, lapsed on 03:16')
})

it.each([
  [at(16), at(1), 'until 03:16 UTC (15 min)'],
  [new Date('2030-01-02T03:16:00.000Z'), new Date('2030-01-02T03:01:40.900Z'), 'until 03:16 UTC (14 min)'],
  [new Date('2030-01-02T03:16:00.000Z'), new Date('2030-01-02T03:01:00.900Z'), 'until 03:16 UTC (15 min)'],
  [new Date('2030-01-02T03:01:30Z'), at(1), 'until 03:01 UTC (30 s)'],
  [new Date('2030-01-02T05:06:00Z'), at(1), 'until 05:06 UTC (2 h 5 min)'],
  [new Date('2030-01-03T00:01:00Z'), new Date('2030-01-02T23:46:00Z'), 'until 2030-01-03 00:01 UTC (15 min)'],
  [new Date('9999-12-31'), at(1), 'until it is released'],
])('a claim to %s stands at %s %s', (expiresAt, asOf, text) => {
  const ttlSeconds = expiresAt.getFullYear() > 9000 ? 0 : 900
  expect(standsText({ ...ana, expiresAt, ttlSeconds, token: 1 }, asOf)).toBe(text)
})

describe('an automatic claim', () => {
  const of = (
    outcome: 'succeeded' | 'failed' | 'ended' | undefined,
    exitStatus?: number,
    command = 'drain',
  ) => ({
    ...ana,
    automatic: { command, outcome, exitStatus },
  })
  const view = { me: { host: 'h' }, asOf: at(25), words: WORDS }

  it.each([
    [of('failed', 17), '; the command failed with exit status 17'],
    [of('failed', undefined, 'label x'), '; the command "label x" failed, exit status not reported'],
    [of(undefined), '; the end of the command was not seen'],
  ])('that lapsed says how its command ended: %#', (claim, end) => {
    expect(lapsedText(claim, view).endsWith(`, lapsed 9 min ago${end}`)).toBe(true)
    expect(endedText(claim, undefined, WORDS).endsWith(` lapsed 9 min ago${end}`)).toBe(true)
  })

  it.each([
    [of(undefined), ''],
    [of('succeeded', 0), '; the command succeeded'],
    [of('ended'), '; the command ended, exit status not reported'],
    [of('failed', 1), '; the command failed with exit status 1'],
  ])('that is live says how its command ended, if it has: %#', (claim, end) => {
    const live = { ...claim, expiresAt: at(40) }
    expect(holderText(live, view).endsWith(`15 min left${end}`)).toBe(true)
  })
})
