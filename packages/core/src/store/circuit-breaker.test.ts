import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { Deadline } from '../deadline.ts'
import { PresenceError } from '../domain/fault.ts'
import { CircuitBreaker } from './circuit-breaker.ts'

const gone = () => new PresenceError('unreachable', 'no answer in time', 'look')
const soon = () => Deadline.after(2_000)

/** A database that answers when the test tells it to. */
class Database {
  up = true
  asked = 0
  inside = 0
  mostInside = 0
  readonly held: (() => void)[] = []
  readonly breaker = new CircuitBreaker(4, async () => {
    this.asked++
    if (!this.up) throw gone()
  })

  /** A call that stays inside until `finish`. */
  call(deadline = soon()): Promise<string> {
    return this.breaker.pass(deadline, async () => {
      this.mostInside = Math.max(this.mostInside, ++this.inside)
      await new Promise<void>(resolve => this.held.push(resolve))
      this.inside--
      if (!this.up) throw gone()
      return 'done'
    })
  }

  async finish(): Promise<void> {
    while (this.held.length > 0) {
      this.held.shift()?.()
      await vi.advanceTimersByTimeAsync(0)
    }
  }
}

describe('the circuit breaker before a shared database', () => {
  let database: Database

  beforeEach(() => {
    vi.useFakeTimers()
    database = new Database()
  })
  afterEach(() => {
    database.breaker.close()
    vi.useRealTimers()
  })

  const outcomes = (calls: readonly Promise<string>[]) =>
    Promise.all(calls.map(call => call.catch((error: PresenceError) => error.code)))

  it('lets in as many calls as there are connections, and the others in turn', async () => {
    const calls = outcomes(Array.from({ length: 20 }, () => database.call()))
    expect(database.breaker.waiting).toBe(16)
    await database.finish()

    expect(await calls).toEqual(Array.from({ length: 20 }, () => 'done'))
    expect(database.mostInside).toBe(4)
  })

  it('fails all calls at once while the database is away, and probes it up to four times a second', async () => {
    const calls = outcomes(Array.from({ length: 50 }, () => database.call()))
    database.up = false
    database.held.shift()?.()
    await vi.advanceTimersByTimeAsync(0)
    // The 46 waiting calls fail before their own time is over.
    expect(database.breaker.waiting).toBe(0)
    await database.finish()
    expect(new Set(await calls)).toEqual(new Set(['unreachable']))

    const asked = database.asked
    await expect(database.call()).rejects.toMatchObject({ code: 'unreachable' })
    await vi.advanceTimersByTimeAsync(10_000)
    expect(database.breaker.state).toBe('away')
    expect(database.asked - asked).toBeGreaterThanOrEqual(20)
    expect(database.asked - asked).toBeLessThanOrEqual(40)
    expect(database.inside).toBe(0)
  })

  it('closes within a second of the first answer, whether or not anybody calls', async () => {
    database.up = false
    const call = outcomes([database.call()])
    await database.finish()
    await call
    database.up = true
    await vi.advanceTimersByTimeAsync(1_000)

    expect(database.breaker.state).toBe('up')
    const next = outcomes([database.call()])
    await database.finish()
    expect(await next).toEqual(['done'])
  })

  it('does not refuse calls because of one slow call: a probe decides, and the waiting calls keep waiting', async () => {
    const slow = database.breaker.pass(soon(), async () => {
      throw gone()
    })
    const calls = outcomes(Array.from({ length: 10 }, () => database.call()))
    await expect(slow).rejects.toMatchObject({ code: 'unreachable' })
    await vi.advanceTimersByTimeAsync(0)
    await database.finish()

    expect(database.breaker.state).toBe('up')
    expect(await calls).toEqual(Array.from({ length: 10 }, () => 'done'))
  })

  it('fails a call as busy if its turn does not come in time while others are answered, or if 1,000 calls wait already', async () => {
    const answered = outcomes([database.call()])
    await database.finish()
    await answered
    const calls = Array.from({ length: 1_004 }, () => database.call())
    const waiting = outcomes(calls.slice(4))
    await expect(database.call()).rejects.toMatchObject({ code: 'busy' })
    await vi.advanceTimersByTimeAsync(1_000)
    // One of the four finishes, and one waiting call is let in.
    database.held.shift()?.()
    await vi.advanceTimersByTimeAsync(600)
    await database.finish()
    const said = await waiting
    expect(said.filter(each => each === 'done')).toHaveLength(1)
    expect(said.filter(each => each === 'busy')).toHaveLength(999)
  })

  it('fails a call as unreachable if its turn does not come in time while no call is answered', async () => {
    const calls = outcomes(Array.from({ length: 7 }, () => database.call()))
    await vi.advanceTimersByTimeAsync(1_600)
    expect(database.breaker.waiting).toBe(0)
    database.up = false
    await database.finish()
    expect(await calls).toEqual(Array(7).fill('unreachable'))
  })

  it('fails a call as busy, not unreachable, if it ran out of time while others were answered', async () => {
    const answered = outcomes([database.call()])
    await database.finish()
    await answered
    const slow = database.breaker.pass(Deadline.after(0), async () => {
      throw gone()
    })
    await expect(slow).rejects.toMatchObject({ code: 'busy' })
    await vi.advanceTimersByTimeAsync(0)
    const refused = database.breaker.pass(soon(), async () => {
      throw gone()
    })
    await expect(refused).rejects.toMatchObject({ code: 'unreachable' })
  })

  it('lets the next statement of a started call go before new calls', async () => {
    const order: string[] = []
    const statement = (name: string, deadline: Deadline) =>
      database.breaker.pass(deadline, async () => void order.push(name))
    const begun = soon()
    await statement('first', begun)
    const others = Array.from({ length: 4 }, () => database.call())
    const news = statement('new', soon())
    const second = statement('second', begun)
    await database.finish()
    await Promise.all([...others, news, second])
    expect(order).toEqual(['first', 'second', 'new'])
  })

  it('limits the time of a call inside, because others wait behind it', async () => {
    const inside: number[] = []
    await database.breaker.pass(Deadline.after(60_000), async within => inside.push(within.remainingMs()))
    expect(inside[0]).toBeLessThanOrEqual(2_500)
  })

  it('treats a refusal by the database as an answer', async () => {
    const denied = database.breaker.pass(soon(), async () => {
      throw new PresenceError('access_denied', 'no', 'grant')
    })
    await expect(denied).rejects.toMatchObject({ code: 'access_denied' })
    expect(database.breaker.state).toBe('up')
    expect(database.asked).toBe(0)
  })
})
