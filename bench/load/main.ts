import { parseArgs } from 'node:util'
import { migrate } from '@presence/core'
import { DoltServer } from '../../e2e/support/dolt-server.ts'
import { FAULTS } from '../../e2e/support/load/faults.ts'
import { type LoadReport, runLoad } from '../../e2e/support/load/run.ts'
import { Running } from '../../e2e/support/running.ts'
import { doltBinary } from '../../toolchain/build.mjs'

const { values } = parseArgs({
  options: {
    sessions: { type: 'string', default: '500' },
    listeners: { type: 'string', default: '200' },
    seconds: { type: 'string', default: '60' },
    'think-ms': { type: 'string', default: '5000' },
    calm: { type: 'boolean', default: false },
  },
})
/**
 * Each session claims, sends heartbeats, looks and releases, with a call about every five seconds. A real
 * agent makes one in two minutes.
 */
const SESSIONS = Number(values.sessions)
const LISTENERS = Number(values.listeners)
const SECONDS = Number(values.seconds)
const THINK_MS = Number(values['think-ms'])

/** Runs all sessions at once over loopback: first without a fault, then once for each database fault. */
async function main(): Promise<number> {
  let lost = 0
  const database = await DoltServer.start(doltBinary(line => console.error(`presence: ${line}`)))
  try {
    const faults = values.calm ? [] : Object.entries(FAULTS)
    for (const [name, fault] of [['as it should be', undefined], ...faults] as const) {
      const dsn = database.dsn(`load_${name.replace(/\W+/g, '_').toLowerCase()}`.slice(0, 40))
      await migrate({ dsn, env: {}, createDatabase: true })
      console.error(`presence: ${SECONDS} s, the database ${name}`)
      await using server = new Running(['serve', '--port', '0', '--dsn', dsn], {})
      const url = /http:\S+/.exec(await server.line(/serving on/))?.[0] ?? ''
      const report = await runLoad({
        url,
        pid: server.pid,
        dsn,
        sessions: SESSIONS,
        listeners: LISTENERS,
        seconds: SECONDS,
        thinkMs: THINK_MS,
        database,
        ...(fault ? { fault } : {}),
      })
      print(`The database ${name}`, report)
      lost += report.lost.length
    }
  } finally {
    await database.stop()
  }
  return lost === 0 ? 0 : 1
}

function print(title: string, report: LoadReport): void {
  const { rows, memoryMiB, events, recoveryMs, lost, checked, unanswered, answeredPerSecond } = report
  console.log(`\n${title}: ${SESSIONS} sessions, ${LISTENERS} listeners, ${SECONDS} s`)
  console.table(
    Object.fromEntries(
      rows.map(({ verb, calls, done, p50, p95, p99, max, others }) => [
        verb,
        {
          calls,
          done,
          'p50 ms': Math.round(p50),
          'p95 ms': Math.round(p95),
          'p99 ms': Math.round(p99),
          'max ms': Math.round(max),
          others: JSON.stringify(others),
        },
      ]),
    ),
  )
  console.log(
    [
      `answered a second: ${answeredPerSecond.toFixed(0)}; without an answer: ${unanswered}`,
      `server's memory: ${memoryMiB.before.toFixed(0)} MiB before, ${memoryMiB.most.toFixed(0)} at most`,
      `events a listener: ${events.fewest} to ${events.most}; came back ${events.reconnects} times`,
      ...(recoveryMs === undefined
        ? []
        : [`answered again ${(recoveryMs / 1_000).toFixed(1)} s after the database was back`]),
      `acknowledged and not so on the board: ${lost.length} of ${checked}`,
      ...lost.slice(0, 10),
    ].join('\n'),
  )
}

process.exitCode = await main()
