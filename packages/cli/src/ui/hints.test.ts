import { type Claim, FAULT_CODES, PresenceError, type Refusal } from '@presence/core'
import { describe, expect, it } from 'vitest'
import { AS_OF, claimOf } from './fixture.ts'
import { faultHint, refusalHint } from './hints.ts'

const shared = claimOf()
const exclusive: Claim = { ...shared, token: 1 }

function held(...holders: readonly Claim[]): Refusal {
  return {
    code: 'held',
    message: 'node:a is held',
    remedy: 'ask',
    label: 'node:a',
    holders,
    asOf: AS_OF,
    coClaims: [],
    ...(holders.length === 0 ? { waiting: 1 } : {}),
  }
}

describe('the hint of a claim that is refused', () => {
  it.each([
    ['exclusively', held(exclusive), 'wait in turn with --wait 10m, or ask its holder'],
    [
      'by shared claims',
      held(shared),
      'wait for them to finish with --wait 10m, ask the holders, or claim it with --over-shared',
    ],
    ['by those who wait', held(), 'wait in turn: --wait 10m'],
  ])('because the label is held %s names --wait', (_, refusal, hint) => {
    expect(refusalHint(refusal)).toBe(hint)
  })

  it.each([
    ['exclusively', held(exclusive), 'ask its holder, or wait longer than 2s'],
    [
      'by shared claims',
      held(shared),
      'wait longer than 2s, ask the holders, or claim it with --over-shared',
    ],
    ['by those who wait', held(), 'wait longer than 2s'],
  ])('after a wait, because the label is held %s, names nothing that was tried', (_, refusal, hint) => {
    expect(refusalHint(refusal, { wait: '2s' })).toBe(hint)
  })
})

it.each([
  [undefined, 'wait for it with --wait 10m'],
  ['2s', 'wait longer than 2s'],
])('the hint names --session if the holder is the session itself, after a wait of %s', (wait, waiting) => {
  const hint = refusalHint(held(exclusive), { wait, me: exclusive.session.id })
  expect(hint).toContain(waiting)
  expect(hint).toMatch(/a session of its own with --session$/)
})

describe('the hint of a refusal', () => {
  const invalid = (code: 'invalid_purpose' | 'invalid_ttl' | 'invalid_note'): Refusal => ({
    code,
    message: 'no',
    remedy: 'say it',
  })

  it('names the option that was wrong', () => {
    expect(refusalHint(invalid('invalid_purpose'))).toBe('--purpose: say it')
    expect(refusalHint(invalid('invalid_ttl'))).toBe('--ttl: say it')
    expect(refusalHint(invalid('invalid_note'))).toBe('--note: say it')
    expect(refusalHint(invalid('invalid_note'), { noteOption: '--reason' })).toBe('--reason: say it')
  })

  it('names the command for a claim that never expires, where the library names its call', () => {
    const remedy = 'give 15m; a claim that never expires is made with claimExclusively'
    expect(refusalHint({ ...invalid('invalid_ttl'), remedy })).toMatch(
      /with presence claim --exclusive --ttl never$/,
    )
  })

  it('says how to add a kind, if the kind is unknown', () => {
    const label: Refusal = { code: 'invalid_label', message: 'no', remedy: 'did you mean node:a?' }
    expect(refusalHint(label)).toBe('did you mean node:a?')
    expect(refusalHint({ ...label, unknownKind: 'queue' })).toBe(
      'did you mean node:a? to add the kind: presence init --kind queue',
    )
  })

  it('is the server’s own remedy, if a newer server refuses with a code that is unknown here', () => {
    expect(refusalHint({ ...invalid('invalid_ttl'), code: 'new' as 'invalid_ttl' })).toBe('say it')
  })

  it('quotes a label for a shell', () => {
    const notHeld = { ...held(), code: 'not_held', label: "node:a'b" } as Refusal
    expect(refusalHint(notHeld)).toMatch(/^presence claim 'node:a'\\''b' --exclusive/)
  })
})

describe('the hint of a fault', () => {
  it.each(FAULT_CODES)('%s says what its remedy says', code => {
    expect(faultHint(new PresenceError(code, 'no', 'fix it'))).toContain('fix it')
  })

  it('of a queued call names the command that delivers it', () => {
    expect(faultHint(new PresenceError('unreachable', 'no', 'it is queued', { queued: true }))).toBe(
      'it is queued, for example: presence sync',
    )
  })
})
