import { migrate, openBoard } from '@presence/core'
import { describe, expect, it } from 'vitest'
import { Crew } from './support/crew.ts'
import { extent } from './support/extent.ts'
import { scratchFolder } from './support/scratch.ts'
import { describeEachEngine, newBoardOn } from './support/servers.ts'

const CONTENDERS = 8
const CONTESTS = extent(30, 150)
const TURNS = extent(3, 10)
/** On Dolt, where simultaneous writes of one row conflict, and on a busy machine, they take some minutes. */
const MS_MAX = 900_000

interface Answer {
  readonly won: boolean
  readonly tokens?: readonly number[]
}

/** Half of them name the two labels in the other order. */
const crewOn = (dsn: string) =>
  Crew.of('contender.ts', dsn, CONTENDERS, at => [at % 2 === 0 ? 'both' : 'both-reversed'])

/** In each contest one has both labels, and nobody else has one of them. */
async function expectOneWinner(dsn: string): Promise<void> {
  await using crew = await crewOn(dsn)
  await using board = await openBoard({ dsn, session: 'onlooker', env: {}, deadlineMs: 20_000 })
  for (let at = 0; at < CONTESTS; at++) {
    const label = `stack:contest-${at}`
    const answers = await crew.round<Answer>(label)
    const winners = [...answers].filter(([, { won }]) => won).map(([session]) => session)
    expect(winners, label).toHaveLength(1)
    for (const each of ['a', 'b']) {
      const said = await board.peek(`${label}-${each}`)
      expect(said.ok && said.claims.map(({ session }) => session.id), label).toEqual(winners)
    }
  }
}

/** All that wait get both labels in turn: each label's tokens are given to one each. */
async function expectAllInTurn(dsn: string): Promise<void> {
  await using crew = await crewOn(dsn)
  for (let at = 0; at < TURNS; at++) {
    const answers = [...(await crew.round<Answer>(`stack:wait-${at}`)).values()]
    for (const label of [0, 1])
      expect(answers.map(({ tokens }) => tokens?.[label]).toSorted((a, b) => Number(a) - Number(b))).toEqual(
        Array.from({ length: CONTENDERS }, (_, token) => token + 1),
      )
  }
}

async function newFile(): Promise<string> {
  const dsn = `sqlite:${scratchFolder()}/board.db`
  await migrate({ dsn, env: {} })
  return dsn
}

describeEachEngine('G4: among processes that want the same two labels in either order', engine => {
  it(
    'exactly one gets both, and no other keeps one of them',
    async () => expectOneWinner((await newBoardOn(engine.port)).dsn),
    MS_MAX,
  )

  it(
    'those that wait get both in turn, and none waits for ever',
    async () => expectAllInTurn((await newBoardOn(engine.port)).dsn),
    MS_MAX,
  )
})

describe('G4: among processes that want the same two labels of a file in either order', () => {
  it(
    'exactly one gets both, and no other keeps one of them',
    async () => expectOneWinner(await newFile()),
    MS_MAX,
  )

  it(
    'those that wait get both in turn, and none waits for ever',
    async () => expectAllInTurn(await newFile()),
    MS_MAX,
  )
})
