import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { type Board, migrate, openBoard } from '@presence/core'
import { describe, expect, it, onTestFinished } from 'vitest'
import { scratchFolder } from './support/scratch.ts'
import { describeEachEngine, newBoardOn } from './support/servers.ts'

const WAITER = join(import.meta.dirname, 'fixtures/waiter.ts')
const WAITERS = 20
const KILLED = [1, 4, 5, 11, 18]

/** A process that waits for a label, and when it received which message, in nanoseconds. */
class Waiting {
  readonly session: string
  readonly process: ChildProcess
  readonly told = new Map<string, bigint>()

  constructor(dsn: string, session: string) {
    this.session = session
    const execArgv = ['--disable-warning=ExperimentalWarning']
    this.process = fork(WAITER, [dsn, session, 'stack:gpu'], { execArgv, stdio: 'inherit' })
    this.process.on('message', ([what, atNs]: [string, string]) => this.told.set(what, BigInt(atNs)))
    onTestFinished(() => void this.process.kill('SIGKILL'))
  }

  async saying(what: string): Promise<void> {
    await expect.poll(() => this.told.has(what), { timeout: 60_000 }).toBe(true)
  }

  async kill(): Promise<void> {
    const ended = once(this.process, 'exit')
    this.process.kill('SIGKILL')
    await ended
  }

  at(what: string): bigint {
    return this.told.get(what) ?? 0n
  }
}

/**
 * Lets 20 waiters come one after the other while the label is held, kills five of them, and releases the
 * label.
 */
async function turns(dsn: string): Promise<{ expected: readonly string[]; got: readonly string[] }> {
  const board: Board = await openBoard({ dsn, session: 'holder', env: {} })
  const held = await board.acquire('stack:gpu', { purpose: 'hold' })
  if (!held.ok) throw new Error(held.refusal.message)
  const waiters: Waiting[] = []
  for (let at = 0; at < WAITERS; at++) {
    const waiting = new Waiting(dsn, `waiter-${at}`)
    await waiting.saying('queued')
    waiters.push(waiting)
  }
  for (const at of KILLED) await waiters[at]?.kill()
  const living = waiters.filter((_, at) => !KILLED.includes(at))
  await held.lease.release()
  for (const each of living) await each.saying('granted')
  await board.close()
  const inOrder = living.toSorted((a, b) => Number(a.at('granted') - b.at('granted')))
  const wakings = inOrder
    .slice(1)
    .map((each, at) => Number(each.at('granted') - (inOrder[at]?.at('released') ?? 0n)) / 1e6)
    .toSorted((a, b) => a - b)
  const [median = 0, most = 0] = [wakings[wakings.length >> 1], wakings.at(-1)]
  // Behind a dead waiter this includes the time until its place is lost.
  console.info(`woken ${median.toFixed(0)} ms after a release (median), ${most.toFixed(0)} ms at most`)
  return { expected: living.map(({ session }) => session), got: inOrder.map(({ session }) => session) }
}

describeEachEngine('20 sessions that wait for one label', engine => {
  it('get it in the order in which they came, even if five of them are killed', async () => {
    const { expected, got } = await turns((await newBoardOn(engine.port)).dsn)
    expect(got).toEqual(expected)
  })
})

describe('20 sessions that wait for one label in a file', () => {
  it('get it in the order in which they came, even if five of them are killed', async () => {
    const dsn = `sqlite:${scratchFolder()}/board.db`
    await migrate({ dsn, env: {} })
    const { expected, got } = await turns(dsn)
    expect(got).toEqual(expected)
  })
})
