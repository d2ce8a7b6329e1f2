import { describe, expect, it } from 'vitest'
import type { Claim } from './claim.ts'
import { agentWording, earlierText, endedText, holderText, lapsedText } from './claim-words.ts'

const at = (minute: number) => new Date(`2030-01-02T03:${String(minute).padStart(2, '0')}:00Z`)
const WORDS = agentWording(time => time.toISOString().slice(11, 16))
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
      `your claim on node:a ("drain") lapsed at 03:16 UTC; ${told}`,
    )
  })

  it('is reported without the label’s holders if they are unknown', () => {
    expect(endedText(ana, undefined, WORDS)).toBe('your claim on node:a ("drain") lapsed at 03:16 UTC')
  })

  it('is reported with who ended it, and why', () => {
    expect(endedText(ended('stolen', 'bob'), [heldBy('bob')], WORDS)).toBe(
      'your exclusive claim on node:a ("drain") was stolen by bob at 03:20 UTC: "gone"; you no longer hold it',
    )
    expect(endedText(ended('resolved'), [], WORDS)).toBe(
      'your claim on node:a ("drain") lapsed at 03:16 UTC; another session resolved it at 03:20 UTC: "gone"; nobody holds the label now',
    )
  })

  it('is described as an earlier claim if its session has claimed the label again', () => {
    expect(earlierText(ana, at(16), WORDS)).toBe(
      'your earlier claim on node:a lapsed at 03:16 UTC, before you claimed it again',
    )
    expect(earlierText(ended('stolen', 'bob'), at(16), WORDS)).toBe(
      'your earlier exclusive claim on node:a was stolen by bob at 03:20 UTC: "gone"',
    )
  })
})

it('each interface decides how a holder’s texts and times are shown', () => {
  const words = { ...WORDS, text: (text: string) => `«${text}»` }
  const view = { me: { host: 'h' }, asOf: at(5), words }
  expect(holderText({ ...ana, token: 1 }, view)).toBe(
    '«drain» by ana (cli, u@h, on branch "fix" of repository "web"), held exclusively, since 03:01, until 03:16 UTC',
  )
  expect(holderText(ana, { ...view, me: { ...ana.session } })).toBe(
    '«drain» by you, since 03:01, until 03:16 UTC',
  )
  expect(lapsedText(ana, view)).toBe(
    'node:a: «drain» by ana, last heartbeat at 03:06 UTC, lapsed at 03:16 UTC',
  )
})
