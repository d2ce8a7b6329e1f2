import type { Claim } from '@presence/core'
import { expect, it } from 'vitest'
import type { Said } from '../hook.ts'
import { isLapseKey, isNearKey, newsBlock, ownNews } from './news.ts'

const asOf = new Date('2026-03-01T12:00:00.000Z')
const claim = (label: string, id: string): Claim => ({
  label,
  session: { id, user: 'u', host: 'h', agent: 'cli' },
  purpose: 'migrate',
  claimedAt: asOf,
  expiresAt: new Date(asOf.getTime() + 600_000),
  ttlSeconds: 900,
  lapsedAt: undefined,
  token: undefined,
})
const SHOP = 'namespace:shop@prod'
const WEB = 'service:shop/web@prod'

const said = (near: object): Said => ({
  others: {
    known: true,
    value: {
      claims: [],
      lapsed: [],
      stolen: [],
      moreLapsed: false,
      asOf,
      coClaims: [],
      overlaps: [],
      maybeSame: [],
      ...near,
    },
  },
})
const here = { host: 'h' }

it('an agent is told once of each claim that overlaps with its own, with the reason', () => {
  const news = ownNews(said({ overlaps: [{ claim: claim(SHOP, 'bob'), path: [WEB, SHOP] }] }))
  const { lines, told } = newsBlock(news, new Set(), here)
  expect(lines.join('\n')).toContain(
    `- ${WEB} overlaps with ${SHOP} of bob ("migrate"): ${WEB} is part of ${SHOP}`,
  )
  expect(newsBlock(news, new Set(told), here).lines).toEqual([])
  expect(told.every(isNearKey)).toBe(true)
  expect(told.some(isLapseKey)).toBe(false)
})

it('labels that may be the same are told as such, once for each pair and session', () => {
  const others = [claim('node:k8s-1', 'bob'), claim('node:K8S-1@prod', 'eve')]
  const news = ownNews(said({ maybeSame: [{ label: 'node:k8s-1@prod', others }] }))
  const { lines, told } = newsBlock(news, new Set(), here)
  expect(lines).toHaveLength(3)
  expect(lines[1]).toBe('- node:k8s-1@prod may be the same as node:k8s-1 of bob ("migrate")')
  expect(newsBlock(news, new Set(told.slice(0, 1)), here).lines).toHaveLength(2)
})
