import type { Claim, Listed } from '@presence/core'
import { expect, it } from 'vitest'
import { othersBlock } from './claims.ts'

const asOf = new Date('2030-01-02T03:04:05.678Z')
const claim: Claim = {
  label: 'node:a',
  session: { id: 'bob', user: 'b', host: 'h', agent: 'http' },
  purpose: 'freeze',
  claimedAt: asOf,
  expiresAt: new Date('9999-12-31'),
  ttlSeconds: 0,
  lapsedAt: undefined,
  token: 1,
}

it('tells an agent of a claim that never expires that it doesn’t, and of no time in the year 9999', () => {
  const listed: Listed = { claims: [claim], lapsed: [], stolen: [], moreLapsed: false, asOf, coClaims: [] }
  const told = othersBlock({ known: true, value: listed }, 'ana', { host: 'h' }).join('\n')
  expect(told).toContain('held exclusively, since 03:04 UTC, never expires')
  expect(told).not.toContain('9999')
})

it('tells since when an exclusive claim is left alone, from 2 h on', () => {
  const told = (activeAt: string) => {
    const claims = [{ ...claim, claimedAt: new Date('2030-01-01'), activeAt: new Date(activeAt) }]
    const listed: Listed = { claims, lapsed: [], stolen: [], moreLapsed: false, asOf, coClaims: [] }
    return othersBlock({ known: true, value: listed }, 'ana', { host: 'h' }).join('\n')
  }
  expect(told('2030-01-02T01:04:05.678Z')).toContain('never expires, left alone since 01:04 UTC')
  expect(told('2030-01-02T01:04:05.679Z')).not.toContain('alone')
})
