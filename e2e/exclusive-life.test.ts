import { type ChildProcess, fork } from 'node:child_process'
import { join } from 'node:path'
import { migrate } from '@presence/core'
import { describe, expect, it } from 'vitest'
import type { Told } from './fixtures/lease-life.ts'
import { scratchFolder } from './support/scratch.ts'
import { describeEachEngine, newBoardOn } from './support/servers.ts'

const LIFE = join(import.meta.dirname, 'fixtures/lease-life.ts')
const LIVES = 8
const SECONDS_MIN = 12
/** If a busy machine starts processes slowly, their lives continue until enough has happened. */
const SECONDS_MAX = 240

/** Processes that use exclusive claims for a while. Now and then one is killed and replaced. */
async function live(dsn: string): Promise<readonly Told[]> {
  const told: Told[] = []
  let born = 0
  const give = (): ChildProcess => {
    const argv = [dsn, `life-${born++}`]
    const child = fork(LIFE, argv, { execArgv: ['--disable-warning=ExperimentalWarning'], stdio: 'inherit' })
    child.on('message', message => told.push(message as Told))
    return child
  }
  const alive = Array.from({ length: LIVES }, give)
  for (let second = 0; second < SECONDS_MIN || (second < SECONDS_MAX && !isLife(told)); second++) {
    await new Promise(resolve => setTimeout(resolve, 1_000))
    const at = Math.floor(Math.random() * LIVES)
    alive[at]?.kill('SIGKILL')
    alive[at] = give()
  }
  await Promise.all(
    alive.map(child => {
      const ended = new Promise(resolve => child.once('exit', resolve))
      child.kill('SIGKILL')
      return ended
    }),
  )
  return told
}

/**
 * Violations that must never happen: one token granted twice, or a token confirmed as current in answer to a
 * request that was sent after a higher token was granted.
 */
function violationsIn(told: readonly Told[]): readonly string[] {
  const granted = new Map<string, bigint>()
  const violations: string[] = []
  for (const [what, label, token, at] of told) {
    if (what !== 'granted') continue
    const key = `${label} ${token}`
    if (granted.has(key)) violations.push(`${key} was granted twice`)
    granted.set(key, BigInt(at))
  }
  for (const [what, label, token, asked] of told) {
    if (what !== 'current') continue
    for (const [key, at] of granted) {
      const [of, other] = key.split(' ')
      if (of === label && Number(other) > token && at < BigInt(asked))
        violations.push(`${label}: token ${token} was called current after ${other} was granted`)
    }
  }
  return violations
}

function expectOneHolderAtATime(told: readonly Told[]): void {
  expect(violationsIn(told)).toEqual([])
  expect(isLife(told), 'enough happened').toBe(true)
}

/** Whether enough happened to draw a conclusion. */
function isLife(told: readonly Told[]): boolean {
  const often = (event: Told[0]) => told.filter(([what]) => what === event).length > LIVES
  return often('granted') && often('current')
}

describeEachEngine(
  'G4: exclusive claims with a ttl of a second, late heartbeats, steals and kill -9',
  engine => {
    it('never have two holders or a token twice', async () => {
      expectOneHolderAtATime(await live((await newBoardOn(engine.port)).dsn))
    })
  },
)

describe('G4: exclusive claims with a ttl of a second in a file', () => {
  it('never have two holders or a token twice', async () => {
    const dsn = `sqlite:${scratchFolder()}/board.db`
    await migrate({ dsn, env: {} })
    expectOneHolderAtATime(await live(dsn))
  })
})

describe('the check of these claims', () => {
  it('finds a token that was granted twice, and a token that was current after a higher one', () => {
    const granted: Told = ['granted', 'stack:a', 1, '10']
    expect(violationsIn([granted, ['granted', 'stack:a', 1, '20']])).toHaveLength(1)
    expect(
      violationsIn([granted, ['granted', 'stack:a', 2, '20'], ['current', 'stack:a', 1, '30']]),
    ).toHaveLength(1)
    expect(violationsIn([granted, ['granted', 'stack:a', 2, '20'], ['current', 'stack:a', 1, '15']])).toEqual(
      [],
    )
    expect(violationsIn([granted, ['granted', 'stack:b', 2, '20'], ['current', 'stack:a', 1, '30']])).toEqual(
      [],
    )
  })
})
