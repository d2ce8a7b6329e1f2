import { describe, expect, it } from 'vitest'
import { type ClaimChange, presentIn } from './change.ts'
import { type Claim, type Ended, type Snapshot, snapshotOf } from './claim.ts'

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

describe('the state at the beginning of a watch', () => {
  it('lists what lapsed and was not resolved, then every live claim', () => {
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
