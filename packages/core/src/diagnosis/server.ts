import type { MysqlDsn } from '../config/dsn.ts'
import type { Deadline } from '../deadline.ts'
import { PresenceError } from '../domain/fault.ts'
import type { Denied, Engine, ServerFacts } from '../store/mysql/facts.ts'
import type { Protection } from '../store/mysql/migrate/dolt.ts'
import { judgeClock } from './clock.ts'
import { broken, brokenBy, type Finding, findingsOn, note, ok } from './finding.ts'
import { judgeRoom } from './room.ts'
import { judgeSchema } from './schema.ts'
import { judgeSharing } from './sharing.ts'

const OWN_DATABASE =
  'for a new board, use a database of its own, which no other tool touches: presence migrate --create-database with a DSN that ends in /presence'

/** Checks a server's database: whether it answers, and if so everything that the board depends on there. */
export async function checkServer(dsn: MysqlDsn, deadline: Deadline): Promise<readonly Finding[]> {
  const { gatherFacts } = await import('../store/mysql/facts.ts')
  try {
    return judgeServer(dsn, await gatherFacts(dsn, deadline))
  } catch (error) {
    return [brokenBy('board', error)]
  }
}

export function judgeServer(dsn: MysqlDsn, facts: ServerFacts): readonly Finding[] {
  const { engine, schema, grants, tables, room } = facts
  const hasBoard = 'value' in tables && tables.value.includes('presence_claims')
  // A server may omit tables from its list that the account has no rights on.
  const wasMigrated = 'value' in schema && schema.value.present.length > 0
  return [
    ok('board', `${engine.name} ${engine.version} at ${dsn.shown} answers`),
    judgeZone(engine.offsetSeconds),
    ...(facts.branch === undefined ? [] : findingsOn('branch', facts.branch, value => [judgeBranch(value)])),
    ...findingsOn('schema', schema, value => [judgeSchema(value, hasBoard)]),
    ...(hasBoard && facts.protection ? judgeProtected(facts.protection) : []),
    ...(hasBoard || wasMigrated ? findingsOn('grants', grants, judgeGrants) : []),
    ...(hasBoard ? judgeCounted(room) : []),
    ...findingsOn('sharing', tables, value => [judgeSharing('database', dsn.database, value, OWN_DATABASE)]),
    judgeClock(engine.now, facts.before, facts.after),
  ]
}

/**
 * presence asks for UTC explicitly; clients of the first table use NOW(), so in another zone they would
 * expire claims hours off.
 */
function judgeZone(offsetSeconds: Engine['offsetSeconds']): Finding {
  if (offsetSeconds === 0) return ok('zone', 'the server runs in UTC')
  const minutes = Math.round(Math.abs(offsetSeconds) / 60)
  const apart = `${Math.floor(minutes / 60)}:${String(minutes % 60).padStart(2, '0')} h`
  return note(
    'zone',
    `the server runs ${apart} ${offsetSeconds < 0 ? 'behind' : 'ahead of'} UTC: old clients, which use NOW(), and presence see each other's claims expire at times that are off by as much`,
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
    'leave ?branch= out of the DSN, or put it into everyone’s',
  )
}

function judgeProtected(asked: ServerFacts['protection'] & object): readonly Finding[] {
  if ('fault' in asked && asked.fault instanceof PresenceError && asked.fault.code === 'access_denied')
    return [
      note(
        'ignored',
        'this account may not see whether the board is kept out of history',
        'run presence doctor with the account that runs presence migrate',
      ),
    ]
  return findingsOn('ignored', asked, judgeProtection)
}

function judgeProtection({ ignored, tracked }: Protection): readonly Finding[] {
  const findings: Finding[] = []
  if (!ignored)
    findings.push(
      broken(
        'ignored',
        'no committed line of dolt_ignore keeps presence_% out of history: the next commit of everything includes the board, and a later reset --hard deletes claims',
        'run: presence migrate',
      ),
    )
  if (tracked.length > 0)
    findings.push(
      broken(
        'ignored',
        `in history or staged for it: ${tracked.join(', ')}; a reset --hard deletes claims`,
        'run: presence migrate',
      ),
    )
  return findings.length > 0 ? findings : [ok('ignored', 'kept out of history: ignored, and not tracked')]
}

/** Counting reads the whole table, so on a huge table it runs into the deadline. */
function judgeCounted(room: ServerFacts['room']): readonly Finding[] {
  if ('value' in room) return [judgeRoom(room.value)]
  const code = room.fault instanceof PresenceError ? room.fault.code : undefined
  // `judgeGrants` reports what the account may not read.
  if (code === 'access_denied') return []
  if (code !== 'unreachable' && code !== 'too_slow') return [brokenBy('room', room.fault)]
  return [
    note(
      'room',
      'the claims could not be counted in time',
      'see how busy the server is; presence_claims should hold some days of claims at most',
    ),
  ]
}

function judgeGrants(denied: readonly Denied[]): readonly Finding[] {
  if (denied.length === 0) return [ok('grants', 'this account may read and write claims')]
  const byTable = Object.entries(Object.groupBy(denied, ({ table }) => table)).map(
    ([table, missing = []]) => `${missing.map(({ privilege }) => privilege).join(', ')} ON ${table}`,
  )
  return [
    broken(
      'grants',
      `this account may not ${byTable.join(', nor ').replaceAll(' ON ', ' on ')}`,
      `as an account that may: ${byTable.map(each => `GRANT ${each}`).join('; ')}`,
    ),
  ]
}
