import { DatabaseSync } from 'node:sqlite'
import mysqlSteps from 'virtual:migrations/mysql'
import sqliteSteps from 'virtual:migrations/sqlite'
import { all, type Board } from '@presence/core'
import mysql from 'mysql2/promise'
import { parseDsn } from '../src/config/dsn.ts'
import { type Migration, type MigrationReport, tablesOf, versionOf } from '../src/store/migration.ts'
import { migrateServer } from '../src/store/mysql/migrate/server.ts'
import { bringUpToDate } from '../src/store/sqlite/migrate.ts'

/** This client's version. */
export const CLIENT = versionOf(mysqlSteps)
const LATER = CLIENT + 1

/** The effect of a later step on today's clients: it only adds something, or it locks them out. */
export type Later = 'adds' | 'raises'

/** Column names that a later step adds and that today's statements use for something else. */
const NAMES = ['version', 'oldest_client', 'read_at', 'ahead', 'claim', 'later']

/** A step of a newer presence: a column of each name in every table that lacks it, and a new table. */
function laterStep(steps: readonly Migration[], type: string, oldestClient: number): Migration {
  const columns = tablesOf(steps).flatMap(table =>
    NAMES.filter(name => !steps.some(({ statements }) => hasColumn(statements, table, name))).map(
      name => `ALTER TABLE \`${table}\` ADD \`${name}\` ${type}`,
    ),
  )
  const statements = [...columns, 'CREATE TABLE IF NOT EXISTS `presence_later` (`id` int PRIMARY KEY)']
  return { version: LATER, tag: `${LATER}_later`, hash: '0'.repeat(64), oldestClient, statements }
}

function hasColumn(statements: readonly string[], table: string, name: string): boolean {
  return statements.some(statement => statement.includes(`\`${table}\``) && statement.includes(`\`${name}\``))
}

/** Migrates a board as a presence with one more step would. */
export async function migrateFurther(database: string, later: Later): Promise<MigrationReport> {
  const oldestClient = later === 'raises' ? LATER : (mysqlSteps.at(-1)?.oldestClient ?? 0)
  const dsn = parseDsn(database)
  if (dsn.scheme === 'mysql')
    return migrateServer(dsn, {}, [...mysqlSteps, laterStep(mysqlSteps, 'varchar(32)', oldestClient)])
  const db = new DatabaseSync(new URL(database).pathname, { timeout: 5_000 })
  try {
    return bringUpToDate(db, 'board.db', false, [
      ...sqliteSteps,
      laterStep(sqliteSteps, 'text', oldestClient),
    ])
  } finally {
    db.close()
  }
}

/** Every row of every table, as JSON. */
export async function dump(database: string): Promise<Readonly<Record<string, string>>> {
  const found: Record<string, string> = {}
  const tables = [...tablesOf(mysqlSteps), 'presence_migrations']
  if (!database.startsWith('mysql')) {
    using db = new DatabaseSync(new URL(database).pathname, { timeout: 10_000 })
    for (const table of tables) found[table] = JSON.stringify(db.prepare(`SELECT * FROM ${table}`).all())
    return found
  }
  const connection = await mysql.createConnection({ uri: database })
  try {
    for (const table of tables)
      found[table] = JSON.stringify((await connection.query(`SELECT * FROM ${table}`))[0])
    return found
  } finally {
    connection.destroy()
  }
}

type Call = (board: Board) => Promise<unknown>
type Verb = Exclude<
  keyof Board,
  'session' | 'close' | 'messages' | 'components' | 'workflows' | 'items' | symbol
>

const PURPOSE = { purpose: 'p' }
const PROJECT = { project: 'shop' }
const ID = '00000000-0000-4000-8000-000000000000'

/** Every verb of the board, in an order in which none is refused because of another session. */
export const VERBS = {
  register: board => board.register(),
  claim: board => board.claim('node:shared', PURPOSE),
  claimExclusively: board => board.claimExclusively('node:exclusive', PURPOSE),
  claimAllExclusively: board => board.claimAllExclusively(['node:all', 'node:exclusive'], PURPOSE),
  acquire: async board => {
    const acquired = await board.acquire('node:leased', PURPOSE)
    if (acquired.ok) await acquired.lease.release()
    return acquired
  },
  verify: board => board.verify('node:exclusive', 1),
  heartbeat: board => board.heartbeat(),
  heartbeatAndList: board => board.heartbeatAndList({ register: true }),
  list: board => board.list(),
  peek: board => board.peek('node:shared'),
  log: board => board.log(),
  who: board => board.who(),
  status: board => board.status(),
  watch: async board => {
    const stop = new AbortController()
    let made = 0
    const making = setInterval(() => board.claim(`node:watched-${made++}`, PURPOSE).catch(() => {}), 200)
    try {
      for await (const change of board.watch({ signal: stop.signal, everyMs: 100 })) {
        if (change.event === 'unknown') throw change.fault
        return change
      }
      return undefined
    } finally {
      clearInterval(making)
      stop.abort()
    }
  },
  sync: board => board.sync(),
  resolve: board => board.resolve('node:lapsed', 'looked at it'),
  steal: board => board.steal('node:held', { reason: 'its agent is gone' }),
  guard: board =>
    board.guard({ callId: 'c', purpose: 'p', targets: [{ label: 'node:guarded', mode: 'note' }] }),
  settle: board => board.settle({ callId: 'c', outcome: 'succeeded' }),
  compliance: board => board.compliance({ since: new Date(0) }),
  markWrong: async board => {
    const targets = [{ label: 'node:guarded', mode: 'note' as const }]
    const said = await board.guard({ callId: 'w', purpose: 'p', targets })
    return board.markWrong({ event: (said.ok && said.targets[0]?.event) || 'none' })
  },
  takeBack: board => board.takeBack('node:shared', { writeKey: 'key-of-a-run' }),
  release: board => board.release('node:shared'),
  deregister: board => board.deregister(),
} satisfies Record<Verb, Call>

/** The same for the calls in groups. */
export const GROUP_CALLS: Readonly<Record<string, Call>> = {
  'release all': board => board.release(all),
  'messages.send': board => board.messages.send({ body: 'hello', subject: 's', project: 'shop' }),
  'messages.inbox': board => board.messages.inbox(PROJECT),
  'messages.read': board => board.messages.read('all'),
  'components.set': board => board.components.set({ ...PROJECT, component: 'api', state: 'STABLE' }),
  'components.list': board => board.components.list(PROJECT),
  'components.history': board => board.components.history({ ...PROJECT, component: 'api' }),
  'workflows.add': board => board.workflows.add({ ...PROJECT, name: 'w', id: ID }),
  'workflows.list': board => board.workflows.list(PROJECT),
  'workflows.get': board => board.workflows.get(ID),
  'workflows.set': board => board.workflows.set({ id: ID, name: 'w2' }),
  'items.add': board => board.items.add({ ...PROJECT, title: 't', id: ID }),
  'items.list': board => board.items.list(PROJECT),
  'items.get': board => board.items.get(ID),
  'items.set': board => board.items.set({ id: ID, title: 't2' }),
}
