import { array, boolean, constantFrom, assert as hold, integer, property, record } from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type ClaimChange, changesBetween, presentIn, vanished } from './change.ts'
import { type Claim, type Ended, isLive, keyOf, type Snapshot, snapshotOf } from './claim.ts'

const START = Date.parse('2030-01-02T03:04:05.000Z')
const at = (seconds: number) => new Date(START + seconds * 1_000)

interface Fields {
  readonly id?: string
  readonly label?: string
  readonly purpose?: string
  /** Seconds after the start. */
  readonly made?: number
  readonly ends?: number
  readonly lapsed?: number | undefined
  readonly ended?: Ended['how']
}

function claimOf({
  id = 'ana',
  label = 'node:a',
  purpose = 'p',
  made = 0,
  ends = 900,
  lapsed,
  ended,
}: Fields): Claim {
  return {
    label,
    session: { id, user: 'u', host: 'h', agent: 'cli' },
    purpose,
    claimedAt: at(made),
    expiresAt: at(ends),
    ttlSeconds: 900,
    lapsedAt: lapsed === undefined ? undefined : at(lapsed),
    token: undefined,
    ...(ended ? { ended: { how: ended, at: at(ends), by: 'zoe', note: 'n' } } : {}),
  }
}

const board = (seconds: number, ...claims: readonly Fields[]): Snapshot =>
  snapshotOf(at(seconds), claims.map(claimOf))

const told = (changes: readonly ClaimChange[]) =>
  changes.map(change => [
    change.event,
    change.claim.session.id,
    change.claim.label,
    (change.at.getTime() - START) / 1_000,
  ])

describe('what became of the claims between two snapshots', () => {
  it('is nothing where nothing changed, heartbeats and ttls included', () => {
    expect(changesBetween(board(1, { ends: 900 }), board(2, { ends: 902 }))).toEqual([])
    expect(changesBetween(board(1), board(2))).toEqual([])
  })

  it('a claim that came was claimed, when the database says so', () => {
    const changes = changesBetween(board(1), board(3, { made: 2 }))
    expect(told(changes)).toEqual([['claimed', 'ana', 'node:a', 2]])
  })

  it('a claim that is gone before its time was released, by the time of the finding', () => {
    expect(told(changesBetween(board(1, {}), board(2)))).toEqual([['released', 'ana', 'node:a', 2]])
  })

  it('a claim that is still in the table, expired sooner than was known, has expired', () => {
    const changes = changesBetween(board(1, { ends: 900 }), board(3, { ends: 2 }))
    expect(told(changes)).toEqual([['expired', 'ana', 'node:a', 2]])
  })

  it('a claim that is still in the table, past its time, has expired, when its time was over', () => {
    const changes = changesBetween(board(1, { ends: 2 }), board(3, { ends: 2 }))
    expect(told(changes)).toEqual([['expired', 'ana', 'node:a', 2]])
  })

  it('a claim whose time is over at this very moment has expired; a moment before it is live', () => {
    expect(told(changesBetween(board(1, { ends: 2 }), board(2, { ends: 2 })))).toHaveLength(1)
    expect(told(changesBetween(board(1, { ends: 2.001 }), board(2, { ends: 2.001 })))).toEqual([])
  })

  it('a claim that was extended unseen and then released was released, though its time as last known is over', () => {
    expect(told(changesBetween(board(1, { ends: 60 }), board(1_000)))).toEqual([
      ['released', 'ana', 'node:a', 1_000],
    ])
  })

  it('a claim that was extended unseen and then expired has expired at its later time', () => {
    const changes = changesBetween(board(1, { ends: 60 }), board(1_000, { ends: 950 }))
    expect(told(changes)).toEqual([['expired', 'ana', 'node:a', 950]])
  })

  it('a claim that is gone a day after its time was pruned, not released', () => {
    expect(told(changesBetween(board(1, { ends: 60 }), board(60 + 86_400)))).toEqual([
      ['expired', 'ana', 'node:a', 60],
    ])
  })

  it('a claim that was expired already is no news, nor that it is cleared', () => {
    expect(changesBetween(board(3, { ends: 2 }), board(4, { ends: 2 }))).toEqual([])
    expect(changesBetween(board(3, { ends: 2 }), board(4))).toEqual([])
  })

  it('a claim made again after a lapse that nobody saw expired, then was claimed', () => {
    const changes = changesBetween(board(1, { ends: 60 }), board(200, { made: 100, ends: 1_000, lapsed: 70 }))
    expect(told(changes)).toEqual([
      ['expired', 'ana', 'node:a', 70],
      ['claimed', 'ana', 'node:a', 100],
    ])
    expect(changes[1]?.claim.claimedAt).toEqual(at(100))
  })

  it('a claim made anew without a lapse was claimed', () => {
    const changes = changesBetween(board(1, { lapsed: -5 }), board(3, { made: 2, lapsed: -5 }))
    expect(told(changes)).toEqual([['claimed', 'ana', 'node:a', 2]])
  })

  it('a new purpose is a claim, by the time of the finding', () => {
    const changes = changesBetween(board(1, { purpose: 'drain' }), board(2, { purpose: 'reboot' }))
    expect(told(changes)).toEqual([['claimed', 'ana', 'node:a', 2]])
    expect(changes[0]?.claim.purpose).toBe('reboot')
  })

  it('is told of each session on a label apart, the earliest first', () => {
    const changes = changesBetween(
      board(1, { id: 'ana', ends: 5 }, { id: 'bob' }),
      board(9, { id: 'ana', ends: 5 }, { id: 'eve', made: 3 }, { id: 'cyd', made: 7 }),
    )
    expect(told(changes)).toEqual([
      ['claimed', 'eve', 'node:a', 3],
      ['expired', 'ana', 'node:a', 5],
      ['claimed', 'cyd', 'node:a', 7],
      ['released', 'bob', 'node:a', 9],
    ])
  })

  it('happened between the two, whatever a row’s times say', () => {
    const changes = changesBetween(
      board(10),
      board(20, { id: 'ana', made: -5_000 }, { id: 'bob', made: 5_000 }),
    )
    expect(told(changes)).toEqual([
      ['claimed', 'ana', 'node:a', 10],
      ['claimed', 'bob', 'node:a', 20],
    ])
  })

  it('makes the one board the other', () => {
    const fields = record({
      id: constantFrom('ana', 'bob', 'Ana'),
      label: constantFrom('node:a', 'node:b', 'db:a'),
      purpose: constantFrom('drain', 'reboot'),
      made: integer({ min: -20, max: 20 }),
      ends: integer({ min: -20, max: 40 }),
      again: boolean(),
    })
    const claims = array(fields, { maxLength: 9 }).map(all =>
      all.map(({ again, ...rest }) => ({ ...rest, ...(again ? { lapsed: rest.made - 3 } : {}) })),
    )
    hold(
      property(claims, claims, integer({ min: 0, max: 30 }), (before, after, passed) => {
        const [previous, next] = [board(0, ...before), board(passed, ...after)]
        const changes = changesBetween(previous, next)
        expect(applied(previous, changes)).toEqual(standing(liveOf(next)))
        for (const change of changes) {
          expect(change.at >= previous.asOf && change.at <= next.asOf).toBe(true)
          expect(change.event).not.toBe('present')
        }
      }),
      { numRuns: 1_000 },
    )
  })
})

describe('what has no row of its own any more', () => {
  it.each([
    ['stolen', ['stolen']],
    ['expired', ['expired']],
    ['resolved', ['expired', 'resolved']],
  ] as const)('and was %s is told so, not as a release', (ended, events) => {
    const changes = changesBetween(board(1, { ends: 5 }), board(10, { ends: 5, ended }))
    expect(changes.map(({ event }) => event)).toEqual(events)
  })

  it('and had lapsed before is resolved, and nothing where its session released it', () => {
    const previous = board(6, { ends: 5 })
    expect(changesBetween(previous, board(10, { ends: 5, ended: 'resolved' }))).toMatchObject([
      { event: 'resolved', claim: { ended: { by: 'zoe', note: 'n' } } },
    ])
    expect(changesBetween(previous, board(10))).toEqual([])
  })
})

describe('what stands when a watch begins', () => {
  it('is every live claim, and before those what lapsed, unless it was resolved', () => {
    const changes = presentIn(
      board(
        5,
        { id: 'ana' },
        { id: 'bob', ends: 4 },
        { id: 'eve', made: 1 },
        { id: 'dan', ends: 3, ended: 'resolved' },
      ),
    )
    expect(told(changes)).toEqual([
      ['lapsed', 'bob', 'node:a', 4],
      ['present', 'ana', 'node:a', 5],
      ['present', 'eve', 'node:a', 5],
    ])
  })
})

describe('vanished', () => {
  it('is a claim that was live or had lapsed, and of which there is no row', () => {
    const previous = board(
      1,
      { id: 'ana', ends: 5 },
      { id: 'bob' },
      { id: 'eve', ends: 5 },
      { id: 'cyd', ends: 1 },
    )
    const next = board(10, { id: 'eve', ends: 5 })
    expect(vanished(previous, next).map(({ session }) => session.id)).toEqual(['ana', 'bob', 'cyd'])
  })
})

const liveOf = ({ asOf, claims }: Snapshot) => claims.filter(claim => isLive(claim, asOf))

/** What a board shows of its claims: who is where, and why. */
function standing(claims: readonly Claim[]): readonly string[] {
  return claims.map(claim => `${keyOf(claim)} ${claim.purpose}`).toSorted()
}

/** The live claims of a board after these changes, by somebody who knows nothing but the changes. */
function applied(previous: Snapshot, changes: readonly ClaimChange[]): readonly string[] {
  const claims = new Map(liveOf(previous).map(claim => [keyOf(claim), claim]))
  for (const { event, claim } of changes)
    if (event === 'claimed') claims.set(keyOf(claim), claim)
    else expect(claims.delete(keyOf(claim)), `${event} of what was not there`).toBe(true)
  return standing([...claims.values()])
}
