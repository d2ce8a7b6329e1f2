import { isFault } from '@presence/core'
import type { Denied, Engine, MysqlDsn, Probe, Protection, Room, ServerFacts } from '@presence/core/internal'
import { broken, type Finding, findingsOn, note, ok } from '../finding.ts'
import { judgeClock } from './clock.ts'
import { judgeRoom } from './room.ts'
import { judgeSchema } from './schema.ts'
import { judgeSharing } from './sharing.ts'

const OWN_DATABASE =
  'for a new board, use a database of its own, which no other tool touches: presence migrate --create-database with a DSN that ends in /presence'

/** Judges a server's database that answers: everything that the board depends on there. */
export function judgeServer(dsn: MysqlDsn, facts: ServerFacts): readonly Finding[] {
  const { engine, branch, schema, protection, grants, tables, room } = facts
  const hasBoard = 'value' in tables && tables.value.includes('presence_claims')
  // A server may omit tables from its list that the account has no rights on.
  const wasMigrated = 'value' in schema && schema.value.present.length > 0
  return [
    ok('board', `${engine.name} ${engine.version} at ${dsn.shown} answers`),
    judgeZone(engine.offsetSeconds),
    ...(branch === undefined ? [] : findingsOn('branch', branch, judgeBranch)),
    ...findingsOn('schema', schema, value => judgeSchema(value, hasBoard)),
    ...(hasBoard && protection ? judgeProtected(protection) : []),
    ...(hasBoard || wasMigrated ? findingsOn('grants', grants, judgeGrants) : []),
    ...(hasBoard ? judgeCounted(room) : []),
    ...findingsOn('sharing', tables, value => judgeSharing('database', dsn.database, value, OWN_DATABASE)),
    judgeClock(engine.now, facts.before, facts.after),
  ]
}

/**
 * presence asks for UTC explicitly. Clients of the 8-column table use NOW(), so in another zone their
 * expiries would be hours off.
 */
function judgeZone(offsetSeconds: Engine['offsetSeconds']): Finding {
  if (offsetSeconds === 0) return ok('zone', 'the server runs in UTC')
  const minutes = Math.round(Math.abs(offsetSeconds) / 60)
  const apart = `${Math.floor(minutes / 60)}:${String(minutes % 60).padStart(2, '0')} h`
  const [early, late] = offsetSeconds < 0 ? ['too early', 'too late'] : ['too late', 'too early']
  return note(
    'zone',
    `the server runs ${apart} ${offsetSeconds < 0 ? 'behind' : 'ahead of'} UTC. Old clients use NOW(): their claims expire ${apart} ${early} for presence, and presence's claims expire ${apart} ${late} for them`,
    'start the server with TZ=UTC, unless no old client is left',
  )
}

function judgeBranch({ active, wanted }: { active: string; wanted: string }): Finding {
  if (active !== wanted)
    return broken(
      'branch',
      `connected to ${active} instead of ${wanted}`,
      'name the branch in the DSN: ?branch=',
    )
  if (wanted === 'main') return ok('branch', 'main')
  return note(
    'branch',
    `on ${wanted}: a client that names no branch is on main, and sees another board`,
    'leave ?branch= out of the DSN, or put it into the DSN of every client',
  )
}

function judgeProtected(asked: Probe<Protection>): readonly Finding[] {
  if ('fault' in asked && isFault(asked.fault) && asked.fault.code === 'access_denied')
    return [
      note(
        'ignored',
        "this account has no right to see whether the board is kept out of Dolt's commit history",
        'run presence doctor with the account that runs presence migrate',
      ),
    ]
  return findingsOn('ignored', asked, judgeProtection)
}

function judgeProtection({ ignored, tracked }: Protection): readonly Finding[] {
  const found = [
    ...(ignored
      ? []
      : [
          "the board is not kept out of Dolt's commit history: dolt_ignore has no committed entry for presence_%. A commit of all tables would include the board, and a later reset --hard would delete claims",
        ]),
    ...(tracked.length === 0
      ? []
      : [`in Dolt's commit history, or staged for it: ${tracked.join(', ')}; a reset --hard deletes claims`]),
  ]
  return found.length > 0
    ? found.map(message => broken('ignored', message, 'run: presence migrate'))
    : [ok('ignored', "kept out of Dolt's commit history: ignored, and not tracked")]
}

/** Counting reads the whole table, so on a huge table it runs into the deadline. */
function judgeCounted(room: Probe<Room>): readonly Finding[] {
  const code = 'fault' in room && isFault(room.fault) ? room.fault.code : undefined
  // `judgeGrants` reports what the account may not read.
  if (code === 'access_denied') return []
  if (code === 'unreachable' || code === 'too_slow')
    return [
      note(
        'room',
        'the claims could not be counted in time',
        'see how busy the server is; presence_claims should hold some days of claims at most',
      ),
    ]
  return findingsOn('room', room, judgeRoom)
}

function judgeGrants(denied: readonly Denied[]): Finding {
  if (denied.length === 0) return ok('grants', 'this account may read and write claims')
  const byTable = Object.entries(Object.groupBy(denied, ({ table }) => table)).map(
    ([table, missing = []]) => [missing.map(({ privilege }) => privilege).join(', '), table] as const,
  )
  return broken(
    'grants',
    `this account may not ${byTable.map(([what, table]) => `${what} on ${table}`).join(', nor ')}`,
    `run this as an account that may grant privileges: ${byTable.map(([what, table]) => `GRANT ${what} ON ${table}`).join('; ')}`,
    'access_denied',
  )
}
