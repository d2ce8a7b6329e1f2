import { migrate } from '@presence/core'
import { describe, expect, it } from 'vitest'
import { presenceOn } from './support/cli.ts'
import { dolt, newBoardOnDolt } from './support/dolt.ts'
import { DoltServer } from './support/dolt-server.ts'
import { extent } from './support/extent.ts'
import { blindIn, Race } from './support/race.ts'
import { scratchFolder } from './support/scratch.ts'
import { describeEachEngine, newBoardOn } from './support/servers.ts'

const ROUNDS = extent(60, 200)
/** Enough for a broken order to show itself: on Dolt most rounds of two are blind. */
const ROUNDS_BROKEN = extent(50, 100)
const ROUNDS_OF_COMMANDS = extent(10, 25)

async function newBoardInFile(): Promise<string> {
  const dsn = `sqlite:${scratchFolder()}/board.db`
  await migrate({ dsn, env: {} })
  return dsn
}

describeEachEngine('a race', engine => {
  it.each([2, 4, 8, 16])('G1: leaves no mutually blind pair among %i claimers of one label', async count => {
    const { dsn } = await newBoardOn(engine.port)
    await using race = await Race.of(count, dsn)
    expect(await race.blindPairs(ROUNDS, 'race')).toBe(0)
  })

  it.each([
    ['overlap', 4],
    ['overlap-exclusive', 2],
  ] as const)('G1: leaves no mutually blind pair on both ends of a link: %s', async (scheme, count) => {
    const { dsn } = await newBoardOn(engine.port)
    await using race = await Race.of(count, dsn, scheme)
    expect(await race.blindPairs(ROUNDS, scheme)).toBe(0)
  })

  it('G1: leaves no mutually blind pair among commands started at once', async () => {
    const { dsn } = await newBoardOn(engine.port)
    for (let round = 0; round < ROUNDS_OF_COMMANDS; round++)
      expect(await commandsAtOnce(dsn, 8, `node:cli-${round}`)).toBe(0)
  })

  it.each(['read-first', 'one-transaction'] as const)(
    'finds blind pairs if the order is %s',
    async scheme => {
      const { dsn } = await newBoardOn(engine.port)
      await using race = await Race.of(2, dsn, scheme)
      expect(await race.blindPairs(ROUNDS_BROKEN, scheme, found => found > 0)).toBeGreaterThan(0)
    },
  )
})

describe.skipIf(!dolt)('a race on Dolt beside another tool', () => {
  it('G1: leaves no mutually blind pair while another connection commits continuously', async () => {
    const { dsn, database } = await newBoardOnDolt()
    await using race = await Race.of(8, dsn)
    await using committer = await commitAllTheTime(database)
    expect(await race.blindPairs(ROUNDS, 'race')).toBe(0)
    expect(committer.commits).toBeGreaterThan(ROUNDS / 10)
  })
})

describe('a race on SQLite', () => {
  it.each([2, 4, 8, 16])('G1: leaves no mutually blind pair among %i claimers of one label', async count => {
    await using race = await Race.of(count, await newBoardInFile())
    expect(await race.blindPairs(ROUNDS, 'race')).toBe(0)
  })

  it.each([
    ['overlap', 4],
    ['overlap-exclusive', 2],
  ] as const)('G1: leaves no mutually blind pair on both ends of a link: %s', async (scheme, count) => {
    await using race = await Race.of(count, await newBoardInFile(), scheme)
    expect(await race.blindPairs(ROUNDS, scheme)).toBe(0)
  })

  it('G1: leaves no mutually blind pair among commands started at once', async () => {
    const dsn = `sqlite:${scratchFolder()}/new/board.db`
    for (let round = 0; round < ROUNDS_OF_COMMANDS; round++)
      expect(await commandsAtOnce(dsn, 8, `node:cli-${round}`)).toBe(0)
  })

  it('finds blind pairs if the order is read-first', async () => {
    await using race = await Race.of(2, await newBoardInFile(), 'read-first')
    expect(await race.blindPairs(ROUNDS_BROKEN, 'read-first', found => found > 0)).toBeGreaterThan(0)
  })
})

interface Said {
  readonly others?: readonly { readonly session_id: string }[]
  readonly error?: { readonly code: string }
}

/** On a busy machine commands may run out of time. Then nothing was raced, and the round is run again. */
const LATE: ReadonlySet<unknown> = new Set(['too_slow', 'unreachable', 'busy'])

/** Counts the blind pairs among commands started at the same time. Fails if one of them made no claim. */
async function commandsAtOnce(dsn: string, count: number, label: string): Promise<number> {
  const answers = await Promise.all(
    Array.from({ length: count }, async (_, at) => {
      const session = `command-${at}`
      const { stdout, stderr } = await presenceOn(dsn, session)('claim', label, '--purpose', 'race', '--json')
      const { others, error } = JSON.parse(stdout || '{}') as Said
      if (others) return [session, others.map(other => other.session_id)] as const
      if (LATE.has(error?.code)) return undefined
      throw new Error(`${session} made no claim: ${stdout}${stderr}`)
    }),
  )
  const made = answers.filter(answer => answer !== undefined)
  return made.length < count ? commandsAtOnce(dsn, count, `${label}-again`) : blindIn(new Map(made))
}

/** Another tool that changes a table of its own and commits everything, again and again. */
async function commitAllTheTime(database: string) {
  const connection = await DoltServer.connectTo(dolt?.port ?? 0, { database })
  await connection.query('CREATE TABLE theirs (id INT PRIMARY KEY AUTO_INCREMENT)')
  const state = { commits: 0, going: true }
  const running = (async () => {
    while (state.going) {
      await connection.query('INSERT INTO theirs VALUES ()')
      await connection.query(`CALL DOLT_COMMIT('-Am', 'theirs')`)
      state.commits++
    }
  })()
  return {
    get commits() {
      return state.commits
    },
    async [Symbol.asyncDispose]() {
      state.going = false
      await running
      connection.destroy()
    },
  }
}
