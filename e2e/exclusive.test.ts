import { migrate, openBoard } from '@presence/core'
import { describe, expect, it } from 'vitest'
import type { Contention } from './fixtures/contender.ts'
import { Crew } from './support/crew.ts'
import { dolt, newBoardOnDolt } from './support/dolt.ts'
import { DoltServer } from './support/dolt-server.ts'
import { extent } from './support/extent.ts'
import { rounds } from './support/rounds.ts'
import { scratchFolder } from './support/scratch.ts'
import { describeEachEngine, newBoardOn } from './support/servers.ts'

const CONTENDERS = 16
const CONTESTS = extent(120, 400)
/**
 * On Dolt, where 16 simultaneous writes of one row conflict, and on a busy machine, they take some minutes.
 */
const CONTESTS_MS_MAX = 900_000
/** Enough for a broken scheme to show itself: a third of its contests have several winners. */
const CONTESTS_BROKEN = extent(30, 60)

interface Answer {
  readonly won?: boolean
  readonly token?: number
  readonly shared?: boolean
}

/** The number of winners of each contest. Each contest has its own label. */
async function winnersOf(crew: Crew, contests: number): Promise<readonly number[]> {
  const winners: number[] = []
  for (let at = 0; at < contests; at++) {
    const answers = [...(await crew.round<Answer>(`stack:contest-${at}`)).values()]
    winners.push(answers.filter(({ won }) => won).length)
  }
  return winners
}

/** Contests between exclusive and shared claims: returns everything that was granted, by label. */
async function mixed(dsn: string, contests: number): Promise<readonly (readonly Answer[])[]> {
  // The first exclusive claim on a label creates its row, which makes it too late against every shared claim.
  await using board = await openBoard({ dsn, session: 'setter', env: {}, deadlineMs: 20_000 })
  await using crew = await Crew.of('contender.ts', dsn, 8, at => [at % 2 === 0 ? 'exclusive' : 'shared'])
  const granted: (readonly Answer[])[] = []
  const contest = async (at: number): Promise<void> => {
    await board.claimExclusively(`node:mixed-${at}`, { purpose: 'set up' })
    await board.release(`node:mixed-${at}`)
    const answers = [...(await crew.round<Answer>(`node:mixed-${at}`)).values()]
    granted.push(answers.filter(({ won, shared }) => won || shared))
  }
  const some = (kind: 'won' | 'shared') => granted.some(each => each.some(answer => answer[kind]))
  await rounds(contests, contest, () => some('won') && some('shared'))
  expect([some('won'), some('shared')], 'both kinds win some').toEqual([true, true])
  return granted
}

function expectNeverBoth(granted: readonly (readonly Answer[])[]): void {
  for (const each of granted) {
    const [won, shared] = [each.filter(({ won: w }) => w).length, each.filter(({ shared: s }) => s).length]
    expect(won === 0 || (won === 1 && shared === 0), `${won} alone and ${shared} shared`).toBe(true)
  }
}

async function newFile(): Promise<string> {
  const dsn = `sqlite:${scratchFolder()}/board.db`
  await migrate({ dsn, env: {} })
  return dsn
}

describeEachEngine('G4: among contenders for a label', engine => {
  it(
    `${CONTENDERS} processes have exactly one winner in each of ${CONTESTS} contests`,
    async () => {
      const { dsn } = await newBoardOn(engine.port)
      await using crew = await Crew.of('contender.ts', dsn, CONTENDERS, () => ['exclusive'])
      expect(new Set(await winnersOf(crew, CONTESTS))).toEqual(new Set([1]))
    },
    CONTESTS_MS_MAX,
  )

  it(
    'no exclusive claim is granted beside a shared one',
    async () => {
      expectNeverBoth(await mixed((await newBoardOn(engine.port)).dsn, 100))
    },
    CONTESTS_MS_MAX,
  )
})

describe('G4: among contenders for a label in a file', () => {
  it(`${CONTENDERS} processes have exactly one winner in each of ${CONTESTS} contests`, async () => {
    await using crew = await Crew.of('contender.ts', await newFile(), CONTENDERS, () => ['exclusive'])
    expect(new Set(await winnersOf(crew, CONTESTS))).toEqual(new Set([1]))
  })

  it('no exclusive claim is granted beside a shared one', async () => {
    expectNeverBoth(await mixed(await newFile(), 100))
  })
})

describe.skipIf(!dolt)('the same contests on Dolt find several winners', () => {
  it.each<Contention>(['no-nonce', 'own-column', 'delete'])('if the scheme is %s', async scheme => {
    const { dsn, database } = await newBoardOnDolt()
    const connection = await DoltServer.connectTo(dolt?.port ?? 0, { database })
    const columns = Array.from({ length: CONTENDERS }, (_, at) => `c${at} INT`).join(', ')
    await connection.query(
      `CREATE TABLE broken (label VARCHAR(64) PRIMARY KEY, token INT NOT NULL, ${columns})`,
    )
    await using crew = await Crew.of('contender.ts', dsn, CONTENDERS, () => [scheme])
    let most = 0
    const contest = async (at: number): Promise<void> => {
      await connection.query('INSERT INTO broken (label, token) VALUES (?, 0)', [`stack:contest-${at}`])
      const answers = [...(await crew.round<Answer>(`stack:contest-${at}`)).values()]
      most = Math.max(most, answers.filter(({ won }) => won).length)
    }
    await rounds(CONTESTS_BROKEN, contest, () => most > 1)
    connection.destroy()
    expect(most).toBeGreaterThan(1)
  })
})
