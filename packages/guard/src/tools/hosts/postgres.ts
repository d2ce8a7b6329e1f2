import { type Flags, parseFlags } from '../support/index.ts'
import type { Call, Tool, Word } from '../tool.ts'
import { machineOf } from './machine.ts'
import { onDatabase, onServer, type Place } from './sql.ts'

/** What a connection string says. Of all its parts only these are read: others may be secret. */
interface Connection {
  readonly database?: string | undefined
  readonly user?: string | undefined
  /** The machine; a local socket's is the one that the command runs on. */
  readonly host?: string | undefined
  /** True if it says more than a name. */
  readonly isWhole: boolean
}

/** The database and its host, from flags, a connection string or the environment. */
export function placeOf(call: Call, flags: Flags, name: Word | undefined): Place {
  const { env, unknownEnv } = call
  if (name && name.text === undefined) return { database: undefined, host: undefined }
  const given = name?.text === undefined ? undefined : connection(call, name.text)
  const user = flags.value('username')
  const fallback = user ? user.text : (given?.user ?? env['PGUSER'] ?? env['USER'])
  const ambient = unknownEnv.has('PGDATABASE') ? undefined : (env['PGDATABASE'] ?? fallback)
  return {
    database: given?.database ?? (isService(call, name) ? undefined : ambient),
    host: hostIn(call, flags.value('host'), given, isService(call, name)),
  }
}

/** A service's entry in `pg_service.conf` may name a host and a database. */
function isService({ env, unknownEnv }: Call, name: Word | undefined): boolean {
  return (
    env['PGSERVICE'] !== undefined ||
    unknownEnv.has('PGSERVICE') ||
    /(^|\s|[?&])service\s*=/.test(name?.text ?? '')
  )
}

function hostIn(
  call: Call,
  word: Word | undefined,
  given: Connection | undefined,
  hasService: boolean,
): string | undefined {
  const { env, unknownEnv } = call
  if (word) return socketOr(call, word.text)
  if (given?.host !== undefined) return given.host
  const set = env['PGHOST'] ?? env['PGHOSTADDR']
  if (set !== undefined) return socketOr(call, set)
  return hasService || unknownEnv.has('PGHOST') || unknownEnv.has('PGHOSTADDR') ? undefined : call.host
}

/** A host's name; a path is the folder of a local socket. Of several hosts the first one counts. */
function socketOr(call: Call, name: string | undefined): string | undefined {
  if (name === undefined) return undefined
  return name === '' || /^[/@]/.test(name) ? call.host : machineOf(call, name.split(',')[0])
}

/** A name, `postgres://user:password@host:5432/name?host=…`, or `host=h dbname=name`. */
export function connection(call: Call, text: string): Connection {
  const uri =
    /^postgres(?:ql)?:\/\/(?:([^:@/]*)(?::[^/]*?)?@)?(\[[^\]]+\]|[^:/?,]*)[^/?]*(?:\/([^?]*))?(?:\?(.*))?$/s.exec(
      text,
    )
  if (uri) {
    const [, user, host, database, query = ''] = uri
    const values = new Map(query.split('&').map(pair => [pair.split('=')[0], pair.split('=')[1]] as const))
    return {
      database: decoded(values.get('dbname') ?? database),
      user: decoded(values.get('user') ?? user),
      host: socketOr(call, decoded(values.get('host') ?? values.get('hostaddr') ?? host)),
      isWhole: true,
    }
  }
  if (/^\w+:\/\//.test(text)) return { isWhole: true }
  if (!text.includes('=')) return { database: text, isWhole: false }
  const value = (key: string) => new RegExp(`(?:^|\\s)${key}\\s*=\\s*'?([^'\\s]+)`).exec(text)?.[1]
  return {
    database: value('dbname'),
    user: value('user'),
    host: socketOr(call, value('host') ?? value('hostaddr')),
    isWhole: true,
  }
}

function decoded(text: string | undefined): string | undefined {
  try {
    return text ? decodeURIComponent(text) : undefined
  } catch {
    return undefined
  }
}

const COMMON = ['-h --host', '-p --port', '-U --username', '-d --dbname', '--maintenance-db', '-j --jobs']
const CREATING =
  `-D --tablespace|-E --encoding|-l --locale|-O --owner|-S --strategy|-T --template|--lc-collate|--lc-ctype
--icu-locale|--icu-rules|--locale-provider|--builtin-locale`.split(/[|\n]/)
const RESTORING =
  `-f --file|-F --format|-I --index|-L --use-list|-n --schema|-N --exclude-schema|-P --function|-S --superuser
-t --table|-T --trigger|--role|--section|--filter|--restrict-key|--transaction-size`.split(/[|\n]/)
const TENDING =
  '-t --table|-i --index|-S --schema|-n --schema|-N --exclude-schema|-P --parallel|--tablespace|--min-mxid-age|--min-xid-age'.split(
    '|',
  )

/** PostgreSQL's other programs that change a database. */
export const postgresTools: Tool = {
  names: ['createdb', 'dropdb', 'pg_restore', 'reindexdb', 'vacuumdb', 'clusterdb'],
  effects: call => {
    const { name } = call
    const isRestore = name === 'pg_restore'
    const own = isRestore ? RESTORING : /^(create|drop)db$/.test(name) ? CREATING : TENDING
    const flags = parseFlags(call.args, {
      values: [...COMMON, ...own],
      switches: ['-V --version', '-? --help', '-a --all', ...(isRestore ? ['-l --list', '-C --create'] : [])],
    })
    if (flags.has('help', 'version', 'list')) return []
    // Without a database pg_restore prints a script.
    if (isRestore && !flags.has('dbname')) return []
    const given = isRestore ? flags.value('dbname') : (flags.words[0] ?? flags.value('dbname'))
    const place = placeOf(call, flags, given)
    if (!isRestore && flags.has('all')) return [{ ...onServer(call, place.host, name, []), tool: name }]
    // With --create the archive names the database.
    const target = isRestore && flags.has('create') ? { ...place, database: undefined } : place
    return [{ ...onDatabase(call, target, name, 'changes', [given]), tool: name }]
  },
}

/** `createuser` and `dropuser` concern a server, not a database. */
export const postgresUsers: Tool = {
  names: ['createuser', 'dropuser'],
  effects: call => {
    const flags = parseFlags(call.args, { values: COMMON, switches: ['-V --version', '-? --help'] })
    if (flags.has('help', 'version')) return []
    return [
      {
        ...onDatabase(call, { database: undefined, host: undefined }, call.name, 'changes', []),
        tool: call.name,
      },
    ]
  },
}
