import { describe, expect, it } from 'vitest'
import { AS_OF, claimOf } from './fixture.ts'
import { coClaimNotes, leftAloneNotes } from './notes.ts'

describe('the notes on co-claims', () => {
  it('are empty if nobody else holds my labels', () => {
    expect(coClaimNotes([], AS_OF)).toEqual([])
  })

  it('are one line for each label, with each holder, its purpose and since when', () => {
    const coClaims = [
      {
        label: 'node:a',
        others: [
          claimOf({ id: 'ben', purpose: 'drain', made: 240 }),
          claimOf({ id: 'cyd', purpose: 'reboot', made: 0 }),
        ],
      },
      { label: 'node:b', others: [claimOf({ id: 'ben', purpose: 'grow', made: 7_500 })] },
    ]
    expect(coClaimNotes(coClaims, AS_OF)).toEqual([
      'node:a, which you hold, is also claimed by ben (drain, claimed 4 min ago), cyd (reboot, claimed just now)',
      'node:b, which you hold, is also claimed by ben (grow, claimed 2 h 5 min ago)',
    ])
  })

  it('are each one line without control characters, whatever others wrote', () => {
    const hostile = '\x1b[2J\x9b\u202e\u2066a\r\nb\u2028c'
    const [note = ''] = coClaimNotes(
      [{ label: `node:${hostile}`, others: [claimOf({ id: hostile, purpose: hostile })] }],
      AS_OF,
    )
    expect(note).not.toMatch(/[\p{Cc}\u2028\u2029\u202a-\u202e\u2066-\u2069]/u)
    expect(note).toContain('which you hold')
  })
})

describe('the notes on idle claims', () => {
  it('say whom to ask and how to take the label, for exclusive claims of others that were not touched for 2 h', () => {
    const claims = [
      claimOf({ label: 'stack:a', id: 'ben', never: true, made: 10_800 }),
      claimOf({ label: 'stack:b', id: 'ben', never: true, made: 7_199 }),
      claimOf({ label: 'stack:c', id: 'ben', made: 10_800 }),
      claimOf({ label: 'stack:d', id: 'ana', never: true, made: 10_800 }),
    ]
    expect(leftAloneNotes(claims, 'ana', AS_OF)).toEqual([
      'stack:a has been idle for 3 h: ask ben; if that session has ended, run: presence steal stack:a --reason "…"',
    ])
  })
})
