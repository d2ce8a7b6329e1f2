import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest'
import { type FaultCode, PresenceError } from '../domain/fault.ts'
import { CircuitBreaker } from './circuit-breaker.ts'
import { OutboxFault } from './fault.ts'

/** A server that hangs while it is away, and the processes of one user that call it. */
class Server {
  now = 1_700_000_000_000
  asked = 0
  away = false
  readonly folder = mkdtempSync(join(tmpdir(), 'presence-breaker-'))

  process(file = join(this.folder, 'b.breaker')) {
    const breaker = new CircuitBreaker(
      file,
      () => this.now,
      () => 1,
    )
    const ask = async (tookMs = 0) => {
      this.asked++
      this.now += this.away ? 2_000 : tookMs
      if (this.away) throw new PresenceError('unreachable', 'no answer in time', 'r')
      return 'answer'
    }
    return {
      breaker,
      call: (anyway = false) =>
        breaker.call(() => ask(), { anyway }).catch((error: PresenceError) => error.code),
      failing: (code: FaultCode, tookMs: number) =>
        breaker
          .call(async () => {
            this.asked++
            this.now += tookMs
            throw new PresenceError(code, 'as told', 'r')
          })
          .catch((error: PresenceError) => error.code),
    }
  }
}

describe('the circuit breaker of a user’s processes', () => {
  let server: Server
  beforeEach(() => {
    server = new Server()
    const { folder } = server
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  })

  /** Opens the breaker: two calls in a row that hang. */
  async function trip(process = server.process()): Promise<void> {
    server.away = true
    await process.call()
    await process.call()
    server.asked = 0
  }

  it('lets two calls hang, then fails every process’s calls at once', async () => {
    server.away = true
    await server.process().call()
    expect(server.process().breaker.openSince).toBeUndefined()
    await server.process().call()
    expect(server.process().breaker.openSince).toEqual(new Date(server.now))
    server.asked = 0
    for (let i = 0; i < 10; i++) expect(await server.process().call()).toBe('unreachable')
    expect(server.asked).toBe(0)
  })

  it('reports the last failure and its time', async () => {
    await trip()
    const told = server.process().breaker.call(async () => 'answer')
    await expect(told).rejects.toThrow(/^no answer in time \(at .* UTC; it is asked again within a second\)$/)
  })

  it('is open for at most a second, however long the outage', async () => {
    await trip()
    for (let round = 0; round < 20; round++) {
      server.now += 1_000
      const before = server.asked
      await server.process().call()
      expect(server.asked).toBe(before + 1)
    }
  })

  it('opens for longer after each outage in a row, with random jitter', async () => {
    const openFor = async (random: number) => {
      const file = join(server.folder, `${random}.breaker`)
      const breaker = new CircuitBreaker(
        file,
        () => server.now,
        () => random,
      )
      const lengths: number[] = []
      for (let failures = 1; failures <= 5; failures++) {
        await breaker
          .call(async () => {
            server.now += 2_000
            throw new PresenceError('unreachable', 'no answer in time', 'r')
          })
          .catch(() => {})
        const from = server.now
        while (breaker.openSince) server.now += 5
        lengths.push(server.now - from)
      }
      return lengths
    }
    expect(await openFor(1)).toEqual([0, 250, 500, 1_000, 1_000])
    expect(await openFor(0)).toEqual([0, 125, 250, 500, 500])
  })

  it('lets one process probe, refuses the others meanwhile, and lets all through after the answer', async () => {
    await trip()
    server.away = false
    server.now += 1_000
    const [probing, other] = [server.process(), server.process()]
    let answer = () => {}
    const probe = probing.breaker.call(() => new Promise<void>(resolve => (answer = resolve)))
    expect(await other.call()).toBe('unreachable')
    expect(server.asked).toBe(0)
    answer()
    await probe
    for (let i = 0; i < 5; i++) expect(await server.process().call()).toBe('answer')
    expect(server.asked).toBe(5)
  })

  it('takes the probe over from a process that died', async () => {
    await trip()
    server.now += 1_000
    server.away = false
    writeFileSync(join(server.folder, 'b.breaker.probe'), '')
    expect(await server.process().call()).toBe('unreachable')
    const { utimesSync } = await import('node:fs')
    utimesSync(join(server.folder, 'b.breaker.probe'), new Date(0), new Date(0))
    expect(await server.process().call()).toBe('answer')
    expect(existsSync(join(server.folder, 'b.breaker.probe'))).toBe(false)
  })

  it('lets through a call that is made in any case (`anyway`), and closes when that call is answered', async () => {
    await trip()
    expect(await server.process().call(true)).toBe('unreachable')
    expect(server.asked).toBe(1)
    server.away = false
    expect(await server.process().call(true)).toBe('answer')
    expect(await server.process().call()).toBe('answer')
  })

  it.each([
    ['busy', 2_000],
    ['access_denied', 2_000],
    ['too_many_connections', 2_000],
    ['unexpected', 2_000],
    ['unreachable', 5],
  ] as const)(
    'is not opened by %s after %i ms, because it would refuse what the server answers',
    async (code, tookMs) => {
      for (let i = 0; i < 10; i++) await server.process().failing(code, tookMs)
      expect(server.asked).toBe(10)
    },
  )

  it('is not opened by calls that hang side by side, nor while others are answered in between', async () => {
    const hanging = Array.from({ length: 7 }, () => {
      const release = Promise.withResolvers<void>()
      const call = server
        .process()
        .breaker.call(async () => {
          await release.promise
          throw new PresenceError('unreachable', 'no answer in time', 'r')
        })
        .catch(() => {})
      return { release, call }
    })
    server.now += 2_000
    for (const { release, call } of hanging) {
      release.resolve()
      await call
    }
    for (let i = 0; i < 10; i++) {
      expect(await server.process().call()).toBe('answer')
      await server.process().failing('unreachable', 2_000)
    }
  })

  it('ignores faults of the outbox', async () => {
    for (let i = 0; i < 5; i++)
      await server
        .process()
        .breaker.call(async () => {
          server.now += 2_000
          throw new OutboxFault('unreachable', 'not yet', 'r')
        })
        .catch(() => {})
    expect(await server.process().call()).toBe('answer')
  })

  it('forgets an outage after 5 s', async () => {
    await trip()
    server.now += 5_000
    server.away = false
    const answers = Array.from({ length: 5 }, () => server.process().call())
    expect(new Set(await Promise.all(answers))).toEqual(new Set(['answer']))
  })

  it.each([
    ['a clock that was set back an hour', -3_600_000],
    ['a clock that was set forward a day', 86_400_000],
  ])('refuses nothing after %s', async (_, byMs) => {
    await trip()
    server.away = false
    server.now += byMs
    expect(await server.process().call()).toBe('answer')
  })

  it.each([
    'nonsense',
    '',
    'null',
    '{"failures":2,"failedAt":1700000000000,"openUntil":9999999999999}',
    '{"failures":2,"failedAt":9999999999999,"openUntil":9999999999999}',
  ])('refuses nothing because of a damaged file: %j', async text => {
    writeFileSync(join(server.folder, 'b.breaker'), text)
    expect(await server.process().call()).toBe('answer')
  })

  it('stays closed if its file can’t be written', async () => {
    writeFileSync(join(server.folder, 'no-folder'), '')
    const closed = server.process(join(server.folder, 'no-folder', 'b.breaker'))
    mkdirSync(join(server.folder, 'in-its-place.breaker'))
    const blocked = server.process(join(server.folder, 'in-its-place.breaker'))
    server.away = true
    for (let i = 0; i < 5; i++) {
      await closed.call()
      await blocked.call()
    }
    expect(server.asked).toBe(10)
  })

  it('of one board does not affect another board', async () => {
    await trip()
    server.away = false
    expect(await server.process(join(server.folder, 'other.breaker')).call()).toBe('answer')
  })
})
