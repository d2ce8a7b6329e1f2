import { array, boolean, constantFrom, assert as hold, integer, property, record } from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { ClaimChange } from './change.ts'
import { type Claim, type Ended, isLive, type Snapshot, snapshotOf } from './claim.ts'
import { rowOfClaim } from './fact.ts'
import { Follower } from './follower.ts'
import type { EventName, HistoryEvent } from './history.ts'

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
  readonly token?: number
}

function claimOf({
  id = 'ana',
  label = 'node:a',
  purpose = 'p',
  made = 0,
  ends = 900,
  lapsed,
  ended,
  token,
}: Fields): Claim {
  return {
    label,
    session: { id, user: 'u', host: 'h', agent: 'cli' },
    purpose,
    claimedAt: at(made),
    expiresAt: at(ends),
    ttlSeconds: 900,
    lapsedAt: lapsed === undefined ? undefined : at(lapsed),
    token,
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

/** An event, by default of ana on node:a. */
const eventOf = (
  event: EventName,
  seconds: number,
  { id = 'ana', label = 'node:a', token, others = [] }: Partial<HistoryEvent> & { id?: string } = {},
): HistoryEvent => ({
  event,
  at: at(seconds),
  label,
  session: { id, user: 'u', host: 'h', agent: 'cli' },
  purpose: 'p',
  token,
  others,
  note: 'n',
})

/** A follower after its first look. Each later look takes a snapshot and the events of the window. */
class Following {
  readonly #follower = new Follower()

  constructor(first: Snapshot, ...events: readonly HistoryEvent[]) {
    this.#follower.begin({ snapshot: first, events })
  }

  look(snapshot: Snapshot, ...events: readonly HistoryEvent[]): readonly (readonly unknown[])[] {
    return told(this.changes(snapshot, ...events))
  }

  changes(snapshot: Snapshot, ...events: readonly HistoryEvent[]): readonly ClaimChange[] {
    return this.#follower.take({ snapshot, events }).flatMap(({ change }) => change ?? [])
  }
}

describe('a follower', () => {
  it('reports nothing if nothing but heartbeats and ttls changed', () => {
    const following = new Following(board(1, { ends: 900 }))
    expect(following.look(board(2, { ends: 902 }))).toEqual([])
    expect(following.look(board(9, { ends: 902 }))).toEqual([])
  })

  it('reports a claim that came and went between two looks once, however often its events are read', () => {
    const following = new Following(board(1))
    const events = [eventOf('claim', 1.2), eventOf('release', 1.25)]
    expect(following.look(board(2), ...events)).toEqual([
      ['claimed', 'ana', 'node:a', 1.2],
      ['released', 'ana', 'node:a', 1.25],
    ])
    expect(following.look(board(3), ...events)).toEqual([])
  })

  it('reports a claim once if a snapshot showed it before its event was written', () => {
    const following = new Following(board(1))
    expect(following.look(board(2, { made: 1.5 }))).toEqual([['claimed', 'ana', 'node:a', 1.5]])
    expect(following.look(board(3, { made: 1.5 }), eventOf('claim', 1.5))).toEqual([])
  })

  it('reports a release once, by its event, or without an event by the snapshot a second later', () => {
    const following = new Following(board(1, {}, { id: 'bob' }))
    expect(following.look(board(2))).toEqual([])
    expect(following.look(board(3), eventOf('release', 1.7))).toEqual([
      ['released', 'ana', 'node:a', 1.7],
      ['released', 'bob', 'node:a', 2],
    ])
    expect(following.look(board(4), eventOf('release', 1.7), eventOf('release', 1.8, { id: 'bob' }))).toEqual(
      [],
    )
  })

  it('reports both, in order, if a label is released and claimed again between two looks', () => {
    const following = new Following(board(1, { made: 0 }))
    const events = [eventOf('claim', 1.6), eventOf('release', 1.5)]
    expect(following.look(board(2, { made: 1.6 }), ...events)).toEqual([
      ['released', 'ana', 'node:a', 1.5],
      ['claimed', 'ana', 'node:a', 1.6],
    ])
  })

  it('reports a release and a claim of the same millisecond in the order in which they happened', () => {
    const held = new Following(board(1, { made: 0 }))
    const events = [eventOf('claim', 1.5), eventOf('release', 1.5)]
    const whats = (changes: readonly (readonly unknown[])[]) => changes.map(([what]) => what)
    expect(whats(held.look(board(2, { made: 1.5 }), ...events))).toEqual(['released', 'claimed'])
    const free = new Following(board(1))
    expect(whats(free.look(board(2), ...events))).toEqual(['claimed', 'released'])
  })

  it('waits for a claim whose release is seen first, but at most for a second', () => {
    const following = new Following(board(1))
    const release = eventOf('release', 1.5)
    expect(following.look(board(2), release)).toEqual([])
    expect(following.look(board(2.5), release, eventOf('claim', 1.4))).toEqual([
      ['claimed', 'ana', 'node:a', 1.4],
      ['released', 'ana', 'node:a', 1.5],
    ])
    const other = new Following(board(1))
    other.look(board(2), release)
    expect(other.look(board(3.1), release)).toEqual([
      ['claimed', 'ana', 'node:a', 1.5],
      ['released', 'ana', 'node:a', 1.5],
    ])
    expect(other.look(board(4), release, eventOf('claim', 1.4))).toEqual([])
  })

  it('reports once what was committed 3 s late, after later claims', () => {
    const following = new Following(board(1))
    const later = [eventOf('claim', 3, { id: 'bob' }), eventOf('release', 3.1, { id: 'bob' })]
    expect(following.look(board(4), ...later)).toHaveLength(2)
    const late = [eventOf('claim', 1.5), eventOf('release', 1.6)]
    expect(following.look(board(5), ...late, ...later)).toEqual([
      ['claimed', 'ana', 'node:a', 1.5],
      ['released', 'ana', 'node:a', 1.6],
    ])
    expect(following.look(board(6), ...late, ...later)).toEqual([])
  })

  it('reports no event from before the first look, but the release of what was held then', () => {
    const before = [eventOf('claim', 0, { id: 'bob' }), eventOf('release', 0.5, { id: 'bob' })]
    const following = new Following(board(1, { made: 0 }), eventOf('claim', 0))
    expect(
      following.look(board(2), eventOf('claim', 0), eventOf('release', 0.9), before[1] as HistoryEvent),
    ).toEqual([['released', 'ana', 'node:a', 0.9]])
  })

  it('reports a claim that expired but is still in the table as expired, once', () => {
    const following = new Following(board(1, { ends: 2 }))
    expect(following.look(board(3, { ends: 2 }))).toEqual([['expired', 'ana', 'node:a', 2]])
    expect(following.look(board(4, { ends: 2 }), eventOf('expiry', 2))).toEqual([])
  })

  it('reports an expiry and a claim if a label was claimed again after an unseen lapse', () => {
    const following = new Following(board(1, { ends: 60 }))
    const again = { made: 100, ends: 1_000, lapsed: 70 }
    expect(following.look(board(200, again))).toEqual([
      ['expired', 'ana', 'node:a', 70],
      ['claimed', 'ana', 'node:a', 100],
    ])
    expect(following.look(board(201, again), eventOf('expiry', 70), eventOf('claim', 100))).toEqual([])
  })

  it('reports a claim that is gone a day after its expiry as expired, not as released', () => {
    const following = new Following(board(1, { ends: 60 }))
    following.look(board(60 + 86_400))
    expect(following.look(board(62 + 86_400))).toEqual([['expired', 'ana', 'node:a', 60]])
  })

  it('reports a new purpose as a claim, with the time at which it was found', () => {
    const following = new Following(board(1, { purpose: 'drain' }))
    expect(following.look(board(2, { purpose: 'reboot' }))).toEqual([['claimed', 'ana', 'node:a', 2]])
  })

  it('reports a steal as the end of one claim and the start of another, with thief and reason', () => {
    const following = new Following(board(1, { token: 4 }))
    const steal = eventOf('steal', 1.5, { id: 'bob', token: 5, others: ['ana'] })
    const changes = following.changes(board(2, { id: 'bob', made: 1.5, token: 5 }), steal)
    expect(told(changes)).toEqual([
      ['stolen', 'ana', 'node:a', 1.5],
      ['claimed', 'bob', 'node:a', 1.5],
    ])
    expect(changes[0]?.claim.ended).toMatchObject({ how: 'stolen', by: 'bob', note: 'n' })
  })

  it('reports no holder after a label was cleared', () => {
    const following = new Following(board(1, { token: 4 }))
    const cleared = eventOf('steal', 1.5, { id: 'bob', token: 5, others: ['ana'] })
    for (const seconds of [2, 4, 30]) {
      const changes = following.look(board(seconds), cleared)
      expect(changes).toEqual(seconds === 2 ? [['stolen', 'ana', 'node:a', 1.5]] : [])
    }
  })

  it('reports whose claim was resolved, and who resolved it', () => {
    const following = new Following(board(6, { ends: 5 }))
    const changes = following.changes(board(7), eventOf('resolve', 6.5, { id: 'zoe', others: ['ana'] }))
    expect(changes).toMatchObject([
      {
        event: 'resolved',
        claim: { session: { id: 'ana' }, ended: { how: 'resolved', by: 'zoe', note: 'n' } },
      },
    ])
  })

  it('reports after an outage what was committed before it and during it', () => {
    const following = new Following(board(1))
    following.look(board(2))
    expect(following.look(board(600), eventOf('claim', 1.9), eventOf('release', 300))).toHaveLength(2)
  })

  it('reports changes that turn one board into the other, even without events', () => {
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
        const previous = board(0, ...before)
        const following = new Following(previous)
        const once = following.changes(board(passed, ...after))
        const twice = board(passed + 1, ...after)
        const changes = [...once, ...following.changes(twice)]
        const view = new Map(liveOf(previous).map(claim => [rowOfClaim(claim), claim]))
        for (const { event, claim } of changes)
          if (event === 'claimed') view.set(rowOfClaim(claim), claim)
          else view.delete(rowOfClaim(claim))
        expect(standing([...view.values()])).toEqual(standing(liveOf(twice)))
      }),
      { numRuns: 1_000 },
    )
  })

  it('reports each event once and a claim before its end, in whatever order they become visible', () => {
    const delays = array(integer({ min: 0, max: 6 }), { minLength: 24, maxLength: 24 })
    hold(
      property(delays, delay => {
        const events = Array.from({ length: 12 }, (_, n) => {
          const options = { id: `s${n % 3}`, label: `node:${n % 2}` }
          return [eventOf('claim', 1 + n / 4, options), eventOf('release', 1.1 + n / 4, options)]
        }).flat()
        const following = new Following(board(0.5))
        const all: (readonly unknown[])[] = []
        for (let seconds = 1; seconds <= 14; seconds++) {
          const visible = events.filter(
            (each, n) => each.at.getTime() + (delay[n] ?? 0) * 1_000 < at(seconds).getTime(),
          )
          all.push(...following.look(board(seconds), ...visible))
        }
        const names = all.map(([event, id, label]) => `${event} ${id} ${label}`)
        const expected = events.map(
          ({ event, session, label }) =>
            `${event === 'claim' ? 'claimed' : 'released'} ${session.id} ${label}`,
        )
        expect(names.toSorted()).toEqual(expected.toSorted())
      }),
      { numRuns: 300 },
    )
  })
})

const liveOf = ({ asOf, claims }: Snapshot) => claims.filter(claim => isLive(claim, asOf))

/** Who holds which label for what purpose, as the board shows it. */
function standing(claims: readonly Claim[]): readonly string[] {
  return claims.map(claim => `${rowOfClaim(claim)} ${claim.purpose}`).toSorted()
}
