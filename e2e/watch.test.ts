import { describe, expect, it } from 'vitest'
import { presenceOn } from './support/cli.ts'
import { dolt, newBoardOnDolt, startDolt } from './support/dolt.ts'
import type { DoltServer } from './support/dolt-server.ts'
import { OldClient } from './support/old-board.ts'
import { withoutRepeats } from './support/outages.ts'
import { Running } from './support/running.ts'
import { until } from './support/until.ts'

/** A watch of a board on a server for one test. ana holds node:a. */
async function watched(
  test: (watch: Running, server: DoltServer, dsn: string) => Promise<void>,
): Promise<void> {
  const server = await startDolt()
  try {
    const { dsn } = await newBoardOnDolt(server.port)
    await presenceOn(dsn, 'ana')('claim', 'node:a', '--purpose', 'drain')
    await using watch = new Running(['watch', '--json'], {
      PRESENCE_DSN: dsn,
      PRESENCE_SESSION_ID: 'watcher',
    })
    await watch.line(/"present"/)
    await test(watch, server, dsn)
  } finally {
    await server.stop()
  }
}

const eventsOf = (watch: Running) => watch.lines.map(line => JSON.parse(line))

/** The events that a watch reported, without the initial state. */
const told = (watch: Running) =>
  withoutRepeats(
    eventsOf(watch)
      .slice(2)
      .map(({ event, session_id, resource_label }) =>
        [event, session_id, resource_label].filter(Boolean).join(' '),
      ),
  )

describe.skipIf(!dolt)('watch', () => {
  it('G6: survives a killed server, reports once that the board is unknown and once that it is back, and no release', async () => {
    await watched(async (watch, server, dsn) => {
      await server.kill()
      await watch.line(/"unknown"/)
      await server.run()
      await watch.line(/"known"/, 2)
      await presenceOn(dsn, 'bob')('claim', 'node:b', '--purpose', 'reboot')
      await watch.line(/"claimed"/)

      expect(told(watch)).toEqual(['unknown', 'known', 'claimed bob node:b'])
      const [, , unknown, known] = eventsOf(watch)
      expect(unknown).toMatchObject({ error: { code: 'unreachable' } })
      expect(known).toMatchObject({ unknown_since: unknown.unknown_since, live: 1 })
      expect(unknown.unknown_since <= unknown.at && unknown.at <= known.at).toBe(true)
      expect((await watch.end()).status).toBe(0)
    })
  })

  it('G6: survives a frozen server, and reports afterwards what expired in the meantime', async () => {
    await watched(async (watch, server, dsn) => {
      await presenceOn(dsn, 'eve')('claim', 'node:short', '--purpose', 'p', '--ttl', '15')
      await watch.line(/node:short/)
      server.freeze()
      await watch.line(/"unknown"/)
      await until('the time of the claim', () => Date.now() > Date.parse(eventsOf(watch)[2]?.expires_at))
      server.thaw()
      await watch.line(/"expired"/)

      expect(told(watch)).toEqual(['claimed eve node:short', 'unknown', 'known', 'expired eve node:short'])
    })
  })

  it('G6: ends at once on Ctrl-C while the server hangs', async () => {
    await watched(async (watch, server) => {
      server.freeze()
      await watch.line(/"unknown"/)
      expect((await watch.end()).status).toBe(0)
      expect(told(watch)).toEqual(['unknown'])
    })
  })

  it('distinguishes the releases of a client of the 8-column table from its expiries', async () => {
    await watched(async (watch, _, dsn) => {
      await using old = await OldClient.on(dsn, 'old')
      await old.claim('node:old', 'from the old tool', 6)
      await watch.line(/"claimed".*node:old/)
      await watch.line(/"expired".*node:old/)
      await old.claim('node:old', 'again')
      await watch.line(/again/)
      await old.releaseAll()
      await watch.line(/"released".*node:old/)
    })
  })
})
