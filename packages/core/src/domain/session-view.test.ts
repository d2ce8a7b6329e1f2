import { describe, expect, it } from 'vitest'
import { type Claim, isLive, snapshotOf } from './claim.ts'
import { othersOn, viewOf } from './session-view.ts'

const NOW = Date.UTC(2030, 0, 1)

/** A claim that was made `made` seconds before now and ends `left` seconds after it. */
function claimOf(id: string, label: string, made: number, left: number): Claim {
  return {
    label,
    session: { id, user: 'u', host: 'h', agent: 'cli' },
    purpose: 'p',
    claimedAt: new Date(NOW - made * 1_000),
    expiresAt: new Date(NOW + left * 1_000),
    ttlSeconds: 900,
    lapsedAt: undefined,
    token: undefined,
  }
}

const boardOf = (...claims: readonly Claim[]) => snapshotOf(new Date(NOW), claims)

const named = (claims: readonly Claim[]) => claims.map(({ session, label }) => `${session.id} ${label}`)

describe('the view of a session', () => {
  it('is empty if the board is empty', () => {
    expect(viewOf(boardOf(), 'ana')).toEqual({
      asOf: new Date(NOW),
      mine: [],
      coClaims: [],
      lapsed: [],
    })
  })

  it('contains its own live claims, the oldest first', () => {
    const { mine } = viewOf(
      boardOf(
        claimOf('ana', 'node:b', 10, 60),
        claimOf('ben', 'node:c', 15, 60),
        claimOf('ana', 'node:a', 20, 60),
      ),
      'ana',
    )
    expect(named(mine)).toEqual(['ana node:a', 'ana node:b'])
  })

  it('contains the other holders of its labels, and no other session', () => {
    const { coClaims } = viewOf(
      boardOf(
        claimOf('ana', 'node:a', 10, 60),
        claimOf('ana', 'node:b', 10, 60),
        claimOf('ben', 'node:a', 5, 60),
        claimOf('cyd', 'node:a', 20, 60),
        claimOf('cyd', 'node:z', 20, 60),
      ),
      'ana',
    )
    expect(coClaims.map(({ label, others }) => [label, named(others)])).toEqual([
      ['node:a', ['cyd node:a', 'ben node:a']],
    ])
  })

  it('does not contain others whose claims have expired', () => {
    const { coClaims } = viewOf(
      boardOf(claimOf('ana', 'node:a', 10, 60), claimOf('ben', 'node:a', 100, -1)),
      'ana',
    )
    expect(coClaims).toEqual([])
  })

  it('contains its lapsed claims, and who claimed those labels since', () => {
    const { mine, coClaims, lapsed } = viewOf(
      boardOf(
        claimOf('ana', 'node:a', 100, -10),
        claimOf('ana', 'node:b', 100, -10),
        claimOf('ben', 'node:a', 5, 60),
        claimOf('cyd', 'node:a', 100, -5),
      ),
      'ana',
    )
    expect([mine, coClaims]).toEqual([[], []])
    expect(lapsed.map(({ claim, others }) => [claim.label, named(others)])).toEqual([
      ['node:a', ['ben node:a']],
      ['node:b', []],
    ])
  })

  it('never contains the lapsed claims of others', () => {
    expect(viewOf(boardOf(claimOf('ben', 'node:a', 100, -1)), 'ana').lapsed).toEqual([])
  })
})

describe('a claim', () => {
  it.each([
    ['a millisecond before its end', 0.001, true],
    ['at its very end', 0, false],
    ['a millisecond after its end', -0.001, false],
  ])('%s is live: %s', (_, left, live) => {
    expect(isLive(claimOf('ana', 'node:a', 10, left), new Date(NOW))).toBe(live)
  })

  it('has the same co-claims for every session that asks', () => {
    const snapshot = boardOf(claimOf('ana', 'node:a', 10, 60), claimOf('ben', 'node:a', 5, 60))
    expect(named(othersOn(snapshot, 'node:a', 'ana'))).toEqual(['ben node:a'])
    expect(named(othersOn(snapshot, 'node:a', 'ben'))).toEqual(['ana node:a'])
    expect(named(othersOn(snapshot, 'node:a', 'cyd'))).toEqual(['ana node:a', 'ben node:a'])
  })

  it('has the same position for every reader, even if others were made in the same millisecond', () => {
    const claims = [
      claimOf('ben', 'node:a', 10, 60),
      claimOf('ana', 'node:b', 10, 60),
      claimOf('ana', 'node:a', 10, 60),
      claimOf('cyd', 'node:a', 20, 60),
    ]
    const order = ['cyd node:a', 'ana node:a', 'ana node:b', 'ben node:a']
    expect(named(boardOf(...claims).claims)).toEqual(order)
    expect(named(boardOf(...claims.toReversed()).claims)).toEqual(order)
  })

  it('that a read found twice is in a snapshot once', () => {
    const claims = [claimOf('ana', 'node:a', 10, 60), claimOf('ana', 'node:b', 5, 60)]
    expect(named(boardOf(...claims, ...claims).claims)).toEqual(['ana node:a', 'ana node:b'])
  })
})
