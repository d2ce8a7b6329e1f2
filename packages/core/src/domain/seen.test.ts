import { assert as hold, integer, property } from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Claim, snapshotOf } from './claim.ts'
import { sessionsIn } from './seen.ts'

const AS_OF = new Date('2030-01-02T03:04:05.678Z')
const ago = (seconds: number) => new Date(AS_OF.getTime() - seconds * 1_000)

interface Fields {
  readonly id?: string
  readonly label?: string
  readonly host?: string
  /** Seconds before now. */
  readonly made?: number
  readonly extended?: number
  readonly ttl?: number
}

function claimOf({
  id = 'ana',
  label = 'node:a',
  host = 'h',
  made = 0,
  extended = made,
  ttl = 900,
}: Fields): Claim {
  return {
    label,
    session: { id, user: 'u', host, agent: 'cli' },
    purpose: 'p',
    claimedAt: ago(made),
    expiresAt: ago(extended - ttl),
    ttlSeconds: ttl,
    lapsedAt: undefined,
    token: undefined,
  }
}

const seen = (...claims: readonly Fields[]) => sessionsIn(snapshotOf(AS_OF, claims.map(claimOf)))

describe('the sessions on a board', () => {
  it('do not include sessions that hold nothing or only expired claims', () => {
    expect(seen()).toEqual([])
    expect(seen({ made: 1_000 })).toEqual([])
  })

  it('are listed once each with all that they hold, the oldest claim first', () => {
    const [ana, ...others] = seen({ label: 'node:b', made: 5 }, { label: 'node:a', made: 9 })
    expect(others).toEqual([])
    expect(ana?.holds.map(({ label }) => label)).toEqual(['node:a', 'node:b'])
  })

  it('were last seen when they claimed or sent a heartbeat, whichever is later', () => {
    const [ana] = seen({ made: 200 })
    expect([ana?.lastSeen, ana?.secondsSince]).toEqual([ago(200), 200])
    const [bob] = seen({ label: 'node:a', made: 800, extended: 30, ttl: 60 }, { label: 'node:b', made: 700 })
    expect(bob?.lastSeen).toEqual(ago(30))
  })

  it('are sorted by when they were seen, the latest first', () => {
    const order = seen(
      { id: 'ana', made: 50 },
      { id: 'bob', made: 800, extended: 1 },
      { id: 'eve', made: 10 },
    )
    expect(order.map(({ session }) => session.id)).toEqual(['bob', 'eve', 'ana'])
  })

  it('are sorted by id if they were seen at the same moment', () => {
    const order = seen({ id: 'eve' }, { id: 'ana' }, { id: 'bob' })
    expect(order.map(({ session }) => session.id)).toEqual(['ana', 'bob', 'eve'])
  })

  it.each([
    [0, false],
    [299, false],
    [300, false],
    [301, true],
    [800, true],
  ])('after %i s without contact have stale = %s', (seconds, stale) => {
    expect(seen({ made: 850, extended: seconds })[0]).toMatchObject({ secondsSince: seconds, stale })
  })

  it('are described as they described themselves last', () => {
    const [ana] = seen({ label: 'node:a', host: 'old', made: 60 }, { label: 'node:b', host: 'new', made: 10 })
    expect(ana?.session.host).toBe('new')
  })

  it('are never last seen before they claimed or in the future, whatever their ttl was', () => {
    hold(
      property(
        integer({ min: 0, max: 86_400 }),
        integer({ min: 1, max: 86_400 }),
        integer({ min: 1, max: 86_400 }),
        (made, left, ttl) => {
          const claim = { ...claimOf({ made, ttl }), expiresAt: ago(-left) }
          const [session] = sessionsIn(snapshotOf(AS_OF, [claim]))
          expect(session?.lastSeen.getTime()).toBeGreaterThanOrEqual(claim.claimedAt.getTime())
          expect(session?.lastSeen.getTime()).toBeLessThanOrEqual(AS_OF.getTime())
        },
      ),
    )
  })
})
