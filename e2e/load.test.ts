import { describe, expect, it } from 'vitest'
import { dolt, startDolt } from './support/dolt.ts'
import { FAULTS } from './support/load/faults.ts'
import { runLoad } from './support/load/run.ts'
import { Running } from './support/running.ts'
import { newBoardOn } from './support/servers.ts'

const SMALL = { sessions: 40, listeners: 10, seconds: 15, thinkMs: 1_000 }

/** Small and short: `npm run load` does the same with 500 sessions and 200 listeners. */
describe.skipIf(!dolt)('a presence server with many sessions on Dolt', () => {
  it.each([['as it should be', undefined], ...Object.entries(FAULTS)] as const)(
    'G2: loses nothing that it acknowledged, with its database %s',
    async (_, fault) => {
      const database = await startDolt()
      try {
        const { dsn } = await newBoardOn(database.port)
        await using server = new Running(['serve', '--port', '0', '--dsn', dsn], {})
        const url = /http:\S+/.exec(await server.line(/serving on/))?.[0] ?? ''
        const report = await runLoad({
          ...SMALL,
          url,
          pid: server.pid,
          dsn,
          database,
          ...(fault ? { fault } : {}),
        })
        expect(report.lost).toEqual([])
        expect(report.checked).toBeGreaterThan(SMALL.sessions)
        expect(report.events.fewest).toBeGreaterThan(0)
        // An overloaded server answers with 503.
        if (!fault) expect(report.unanswered).toBe(0)
        else expect(report.rows.flatMap(({ others }) => Object.keys(others))).toContain('503')
      } finally {
        await database.stop()
      }
    },
  )
})
