import { constantFrom, date, assert as hold, integer, option, property, record, string } from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Claim } from '../domain/claim.ts'
import { EVENTS, type HistoryEvent } from '../domain/history.ts'
import { fromWire, toWire } from '../remote/codec.ts'
import { claimJson, claimOfJson } from './claim.ts'

const time = date({ min: new Date(0), max: new Date('9000-01-01'), noInvalidDate: true })
const session = record({ id: string(), user: string(), host: string(), agent: string() })
const placed = record({
  id: string(),
  user: string(),
  host: string(),
  agent: string(),
  place: record({ repo: string(), worktree: string() }),
})
const shared = record({
  label: string(),
  session: placed,
  purpose: string(),
  claimedAt: time,
  expiresAt: time,
  ttlSeconds: integer({ min: 1, max: 86_400 }),
  lapsedAt: option(time, { nil: undefined }),
  token: constantFrom(undefined),
})
const ended = record({
  label: string(),
  session,
  purpose: string(),
  claimedAt: time,
  expiresAt: time,
  ttlSeconds: integer({ min: 1, max: 86_400 }),
  lapsedAt: constantFrom(undefined),
  token: option(integer({ min: 1 }), { nil: undefined }),
  ended: record({
    how: constantFrom('expired' as const, 'stolen' as const, 'resolved' as const),
    at: time,
    by: option(string(), { nil: undefined }),
    note: option(string(), { nil: undefined }),
  }),
})

const NEVER: Claim = {
  label: 'node:a',
  session: { id: 'ana', user: 'u', host: 'h', agent: 'cli' },
  purpose: 'drain',
  claimedAt: new Date('2030-01-02T03:04:05.678Z'),
  expiresAt: new Date('9999-12-31T00:00:00Z'),
  ttlSeconds: 0,
  lapsedAt: undefined,
  token: 7,
  activeAt: new Date('2030-01-02T03:05:00Z'),
}

describe('a claim in JSON', () => {
  it('reads back as the same claim, shared or exclusive, live or ended', () => {
    const readBack = (claim: Claim) => claimOfJson(JSON.parse(JSON.stringify(claimJson(claim))))
    hold(
      property(shared, claim => {
        expect(readBack(claim)).toEqual(claim)
      }),
    )
    hold(
      property(ended, claim => {
        expect(readBack(claim)).toEqual(claim)
      }),
    )
    expect(readBack(NEVER)).toEqual(NEVER)
  })

  it('has `is_me` only if a session asks, and `stale` only if the time is known', () => {
    expect(claimJson(NEVER)).not.toHaveProperty('is_me')
    expect(claimJson(NEVER)).not.toHaveProperty('stale')
    const asOf = new Date('2030-01-02T06:00:00Z')
    expect(claimJson(NEVER, { me: 'bob', asOf })).toMatchObject({ is_me: false, stale: true })
  })

  it('has the same keys on the wire, at any depth, with the time of the answer that it is in', () => {
    const asOf = new Date('2030-01-02T03:05:00Z')
    const answer = { ok: true, asOf, coClaims: [{ label: 'node:a', others: [NEVER] }] }
    const json = toWire(answer, 'ana')
    expect(json.co_claims[0]).toEqual({
      resource_label: 'node:a',
      others: [claimJson(NEVER, { me: 'ana', asOf })],
    })
    expect(fromWire(JSON.parse(JSON.stringify(json)))).toEqual(answer)
  })
})

it.each([
  [undefined, undefined],
  ['succeeded', 0],
  ['failed', undefined],
  ['ended', undefined],
] as const)('an automatic claim whose command %s reads back with its end', (outcome, exitStatus) => {
  const claim: Claim = {
    ...NEVER,
    token: undefined,
    ttlSeconds: 900,
    expiresAt: new Date('2026-03-01T12:00:00Z'),
  }
  const automatic = { ...claim, automatic: { command: 'kubectl drain', outcome, exitStatus } }
  expect(claimOfJson(claimJson(automatic))).toEqual(automatic)
  const asOf = new Date('2026-03-01T13:00:00Z')
  const json = claimJson(automatic, { asOf })
  expect(json).toMatchObject({ auto: true, command: 'kubectl drain', end: outcome ?? 'not seen' })
  expect(json.exit_status).toBe(exitStatus ?? null)
  expect(claimOfJson(json)).toEqual(automatic)
})

it('an event in JSON reads back as the same event', () => {
  const event = record({
    event: constantFrom(...EVENTS),
    at: time,
    label: string(),
    session: placed,
    purpose: string(),
    token: option(integer({ min: 1 }), { nil: undefined }),
    others: constantFrom([], ['eve']),
    note: option(string(), { nil: undefined }),
  })
  const readBack = (given: HistoryEvent) => fromWire(JSON.parse(JSON.stringify(toWire(given))))
  hold(
    property(event, given => {
      expect(readBack(given)).toEqual(given)
    }),
  )
})
