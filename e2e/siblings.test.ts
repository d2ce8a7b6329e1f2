import { type Board, migrate, openBoard } from '@presence/core'
import { describe, expect, it } from 'vitest'
import type { SiblingAnswer } from './fixtures/sibling.ts'
import { Crew } from './support/crew.ts'
import { PresenceServer } from './support/presence-server.ts'
import { rounds } from './support/rounds.ts'
import { scratchFolder } from './support/scratch.ts'
import { describeEachEngine, newBoardOn } from './support/servers.ts'

const ROUNDS = 24
/** The members of a round: the session of each process, and what it tries. */
const MEMBERS = [
  ['ana', 'share'],
  ['ana', 'alone'],
  ['ana', 'share'],
  ['ana', 'alone'],
  ['bob', 'share'],
  ['bob', 'alone'],
  ['eve', 'alone'],
] as const

/** Violations of the guarantees after a round in which no session released or stole anything. */
async function violationsOn(
  board: Board,
  label: string,
  answers: readonly SiblingAnswer[],
): Promise<readonly string[]> {
  const there = await board.peek(label)
  if (!there.ok) throw new Error(there.refusal.message)
  const onBoard = new Set(there.claims.map(({ session }) => session.id))
  const told = answers.filter(({ ok }) => ok)
  const violations: string[] = []
  for (const { session, token } of told) {
    if (!onBoard.has(session)) violations.push(`${session} was told ok and is not on ${label}`)
    if (token === undefined) continue
    const verified = await board.verify(label, token)
    if (!verified.ok || !verified.current)
      violations.push(`${session} holds token ${token} of ${label} no more`)
  }
  for (const session of onBoard)
    if (
      session !== 'dan' &&
      !told.some(each => each.session === session) &&
      !answers.some(({ fault }) => fault)
    )
      violations.push(`${session} was told no ok and is on ${label}`)
  return [...violations, ...blindOn(label, told)]
}

/**
 * If two sessions were both granted a claim, neither claim may be exclusive, and one must have been told
 * about the other.
 */
function blindOn(label: string, told: readonly SiblingAnswer[]): readonly string[] {
  const sessions = [...new Set(told.map(({ session }) => session))]
  const of = (session: string) => told.filter(each => each.session === session)
  return sessions.flatMap((one, at) =>
    sessions.slice(at + 1).flatMap(other => {
      const alone = [...of(one), ...of(other)].some(({ token }) => token !== undefined)
      if (alone) return [`${one} and ${other} were both told ok on ${label}, one of them alone`]
      const saw = (from: string, to: string) => of(from).every(({ seen }) => seen.includes(to))
      return saw(one, other) || saw(other, one) ? [] : [`${one} and ${other} are blind on ${label}`]
    }),
  )
}

/**
 * Rounds on separate labels. On every other label another session already has a claim, so no exclusive claim
 * can be granted.
 */
async function race(dsn: string): Promise<void> {
  await using board = await openBoard({ dsn, session: 'dan', env: {}, outbox: false, deadlineMs: 10_000 })
  await using crew = await Crew.of('sibling.ts', dsn, MEMBERS.length, at => MEMBERS[at] ?? [])
  const violations: string[] = []
  const answers: SiblingAnswer[] = []
  const round = async (at: number): Promise<void> => {
    const label = `db:siblings-${at}`
    // The first exclusive claim of a label creates its row, and would come too late.
    await board.claimExclusively(label, { purpose: 'set up' })
    await board.release(label)
    if (at % 2 === 0) await board.claim(label, { purpose: 'stands there' })
    const said = [...(await crew.round<SiblingAnswer>(label)).values()]
    answers.push(...said)
    violations.push(...(await violationsOn(board, label, said)))
  }
  const some = (alone: boolean) => answers.some(({ ok, token }) => ok && (token !== undefined) === alone)
  await rounds(ROUNDS, round, () => some(true) && some(false))
  expect(violations).toEqual([])
  expect([some(true), some(false)], 'some got it exclusively, some share it').toEqual([true, true])
  expect(answers.filter(({ fault }) => fault).length, 'few had no answer').toBeLessThan(answers.length / 4)
}

const NAME =
  'G1, G2, G4: every answer stays true whatever a sibling or another session does, and no two sessions miss each other'

describeEachEngine('among processes of one session and of others', engine => {
  it(NAME, async () => {
    await race((await newBoardOn(engine.port)).dsn)
  })

  it(`${NAME}, over HTTP`, async () => {
    await using server = await PresenceServer.start((await newBoardOn(engine.port)).dsn)
    await race(server.url)
  })
})

describe('among processes of one session and of others in a file', () => {
  it(NAME, async () => {
    const dsn = `sqlite:${scratchFolder()}/board.db`
    await migrate({ dsn, env: {} })
    await race(dsn)
  })
})
