import { describe, expect, it, onTestFinished } from 'vitest'
import { dolt, newBoardOnDolt, startDolt } from '../../../e2e/support/dolt.ts'
import type { DoltServer } from '../../../e2e/support/dolt-server.ts'
import { untilInTime } from '../../../e2e/support/patience.ts'
import { until } from '../../../e2e/support/until.ts'
import { startServer, type TestServer } from './support/server.ts'
import { addBeat } from './support/session-route.ts'

async function onDolt(): Promise<{ own: DoltServer; server: TestServer }> {
  const own = await startDolt()
  onTestFinished(() => own.stop())
  const { dsn } = await newBoardOnDolt(own.port)
  return { own, server: await startServer({ dsn, routes: [addBeat], perMinute: 0, log: 'none' }) }
}

const beats = (server: TestServer, count: number) =>
  Promise.all(Array.from({ length: count }, (_, i) => server.post('/test/beat', { session_id: `s${i}` })))

async function isAway(server: TestServer): Promise<boolean> {
  return (await server.metric('presence_database_breaker_state')) === 2
}

const WAYS: readonly (readonly [string, (own: DoltServer) => unknown, (own: DoltServer) => unknown])[] = [
  ['was stopped', own => own.terminate(), own => own.run()],
  ['was killed', own => own.kill(), own => own.run()],
  ['hangs (SIGSTOP)', own => own.freeze(), own => own.thaw()],
]

describe.skipIf(!dolt)('a database that', { timeout: 180_000 }, () => {
  it.each(WAYS)(
    '%s: requests get 503 at once, none pile up, and everything works again when it is back',
    async (_, goAway, comeBack) => {
      const { own, server } = await onDolt()
      await until('all of some', async () => (await beats(server, 20)).every(({ status }) => status === 200))

      await goAway(own)
      // Requests that come before the outage is noticed are answered too.
      const first = await beats(server, 300)
      expect(new Set(first.map(({ status }) => status))).toEqual(new Set([503]))
      await until('the breaker', () => isAway(server))
      const [answer] = await beats(server, 1)
      const error = { code: 'unreachable', message: 'the board does not answer', remedy: 'try again later' }
      expect(answer?.headers.get('Retry-After')).toBe('1')
      expect(await answer?.json()).toEqual({
        detail: 'Database unavailable. Retry after 1 second.',
        retry_after: 1,
        error,
      })
      // Seed 003's clients get the answer that they expect.
      const coord = await server.get('/api/coord/locks')
      expect([coord.status, coord.headers.get('Retry-After')]).toEqual([503, '30'])
      expect(await coord.json()).toEqual({
        detail: 'Database unavailable. Retry after 30 seconds.',
        retry_after: 30,
        error,
      })
      // Each is answered at once: 30 in a row would take a minute if each waited for its limit of 2 s.
      for (let i = 0; i < 30; i++) expect((await beats(server, 1))[0]?.status).toBe(503)
      expect((await beats(server, 300)).every(({ status }) => status === 503)).toBe(true)
      expect(await server.metric('presence_database_waiting')).toBe(0)
      expect(await server.metric('presence_database_up')).toBe(0)
      const health = await server.get('/health')
      expect([health.status, await health.json()]).toEqual([
        200,
        { status: 'degraded', database: 'disconnected' },
      ])
      const ready = await server.get('/ready')
      expect([ready.status, await ready.json()]).toEqual([
        503,
        { status: 'not_ready', database: 'disconnected', draining: false },
      ])

      await comeBack(own)
      await untilInTime('the board again', async () => (await beats(server, 1))[0]?.status === 200, 5_000)
      await until('all of many', async () => (await beats(server, 50)).every(({ status }) => status === 200))
      expect((await server.get('/ready')).status).toBe(200)
      expect(await server.metric('presence_database_up')).toBe(1)
    },
  )

  it('was unreachable when the server started is used as soon as it answers', async () => {
    const own = await startDolt()
    onTestFinished(() => own.stop())
    const { dsn } = await newBoardOnDolt(own.port)
    await own.terminate()
    const server = await startServer({ dsn, routes: [addBeat] })
    expect((await beats(server, 1))[0]?.status).toBe(503)
    expect((await server.get('/health')).status).toBe(200)
    await own.run()
    await until('the board', async () => (await beats(server, 1))[0]?.status === 200)
  })

  it('gets calls from 500 sessions at once does not count as unreachable', async () => {
    const { server } = await onDolt()
    const answers = await beats(server, 500)
    const statuses = new Set(answers.map(({ status }) => status))
    // Requests that don't get a turn are told to retry, and the circuit breaker stays closed.
    expect([...statuses].every(status => status === 200 || status === 503)).toBe(true)
    expect(await isAway(server)).toBe(false)
    await until('an answer', async () => (await beats(server, 1))[0]?.status === 200)
  })
})
