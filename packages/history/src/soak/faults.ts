import { DatabaseSync } from 'node:sqlite'
import { setTimeout as pause } from 'node:timers/promises'
import mysql from 'mysql2/promise'
import type { FaultLine } from '../format.ts'
import type { Crew } from './crew.ts'
import type { Engine } from './engines.ts'
import type { FaultKind, PlannedFault } from './plan.ts'
import { now } from './recorder.ts'

type Down = NonNullable<FaultLine['down']>

/** Makes a fault happen and ends it. @returns the line to record */
export async function happen(fault: PlannedFault, engine: Engine, crew: Crew): Promise<FaultLine> {
  const at = now()
  const down = await FAULTS[fault.kind](fault, engine, crew)
  const isOfClient = fault.kind === 'kill-client' || fault.kind === 'freeze-client'
  return {
    type: 'fault',
    kind: fault.kind,
    at,
    until: now(),
    ...(isOfClient ? { target: crew.processOf(fault.target) } : {}),
    ...(down ? { down } : {}),
  }
}

type Happen = (fault: PlannedFault, engine: Engine, crew: Crew) => Promise<Down | undefined>

const FAULTS: Readonly<Record<FaultKind, Happen>> = {
  'kill-client': async ({ target }, _, crew) => {
    await crew.kill(target)
    return undefined
  },
  'freeze-client': async ({ target, forMs }, _, crew) => {
    crew.signal(target, 'SIGSTOP')
    await pause(forMs)
    crew.signal(target, 'SIGCONT')
    return undefined
  },
  'stop-db': ({ forMs }, { database }) =>
    awayFor(
      forMs,
      () => database?.terminate(),
      () => database?.run(),
    ),
  'restart-db': (_, { database }) =>
    awayFor(
      0,
      () => database?.terminate(),
      () => database?.run(),
    ),
  'kill-db': ({ forMs }, { database }) =>
    awayFor(
      forMs,
      () => database?.kill(),
      () => database?.run(),
    ),
  'freeze-db': ({ forMs }, { database }) =>
    awayFor(
      forMs,
      () => database?.freeze(),
      () => database?.thaw(),
    ),
  'kill-server': ({ forMs }, { server }) =>
    awayFor(
      forMs,
      () => server?.kill(),
      () => server?.run(),
    ),
  'freeze-server': ({ forMs }, { server }) =>
    awayFor(
      forMs,
      () => server?.freeze(),
      () => server?.thaw(),
    ),
  'kill-query': async ({ forMs }, engine) => {
    await asAdmin(engine, async admin => {
      const end = now() + forMs
      while (now() < end) {
        const [rows] = await admin.query<mysql.RowDataPacket[]>('SHOW PROCESSLIST')
        for (const row of rows)
          if (row['Id'] !== admin.threadId) await admin.query(`KILL QUERY ${row['Id']}`).catch(() => {})
        await pause(15)
      }
    })
    return undefined
  },
  delay: async ({ forMs }, { proxy }) => {
    if (!proxy) return undefined
    proxy.delayMs = 100 + (forMs % 500)
    proxy.behaviour = 'delay'
    await pause(forMs)
    proxy.behaviour = 'pass'
    return undefined
  },
  cut: async ({ forMs }, { proxy }) => {
    if (!proxy) return undefined
    proxy.behaviour = 'cut'
    const from = now()
    await pause(forMs)
    const until = now()
    proxy.behaviour = 'pass'
    return [from, until]
  },
  'cut-answers': async ({ forMs }, { proxy }) => {
    if (!proxy) return undefined
    proxy.behaviour = 'cut-answers'
    await pause(forMs)
    proxy.behaviour = 'pass'
    return undefined
  },
  'dolt-commit': (_, engine) => onDolt(engine, "CALL DOLT_COMMIT('-Am', 'of another tool', '--allow-empty')"),
  'dolt-reset': (_, engine) => onDolt(engine, "CALL DOLT_RESET('--hard')"),
  'dolt-checkout': (_, engine) =>
    onDolt(engine, "CALL DOLT_CHECKOUT('-B', 'another')", "CALL DOLT_CHECKOUT('main')"),
  'dolt-gc': (_, engine) => onDolt(engine, 'CALL DOLT_GC()'),
  'lock-file': async ({ forMs }, { file }) => {
    const other = new DatabaseSync(file ?? '', { timeout: 5_000 })
    other.exec('BEGIN IMMEDIATE')
    await pause(forMs)
    other.exec('ROLLBACK')
    other.close()
    return undefined
  },
}

/** @returns the period in which nothing can have answered */
async function awayFor(
  ms: number,
  leave: () => Promise<void> | void,
  comeBack: () => Promise<void> | void,
): Promise<Down> {
  await leave()
  const from = now()
  await pause(ms)
  const until = now()
  await comeBack()
  return [from, until]
}

/**
 * Does what another tool may do in the same database.
 * Failures don't matter: the statements disturb either way.
 */
async function onDolt(engine: Engine, ...statements: readonly string[]): Promise<undefined> {
  await asAdmin(engine, async admin => {
    for (const statement of statements) await admin.query(statement).catch(() => {})
  })
}

async function asAdmin(
  { database }: Engine,
  work: (admin: mysql.Connection) => Promise<void>,
): Promise<void> {
  if (!database) return
  const admin = await mysql.createConnection({
    host: '127.0.0.1',
    port: database.port,
    user: 'root',
    database: 'board',
  })
  admin.on('error', () => {})
  try {
    await work(admin)
  } finally {
    admin.destroy()
  }
}
