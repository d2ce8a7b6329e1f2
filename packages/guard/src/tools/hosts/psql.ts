import { type Flags, parseFlags } from '../support/index.ts'
import type { Call, Found, Tool, Word } from '../tool.ts'
import { machineOf } from './machine.ts'
import { onDatabase, type Place, session, sqlEffects } from './sql.ts'

const FLAGS = {
  values:
    `-c --command|-d --dbname|-f --file|-h --host|-p --port|-U --username|-v --set --variable|-o --output|-L --log-file
-F --field-separator|-R --record-separator|-P --pset|-T --table-attr`.split(/[|\n]/),
  switches: ['-l --list', '-V --version', '-? --help', '-H --html'],
}

/** PostgreSQL's client, by its manual of version 17. */
export const psql: Tool = { names: ['psql'], effects }

function effects(call: Call): readonly Found[] {
  const flags = parseFlags(call.args, FLAGS)
  if (flags.has('list', 'version', 'help')) return []
  const place = placeOf(call, flags, flags.value('dbname') ?? flags.words[0])
  const commands = flags.values('command')
  const files = flags.values('file')
  if (commands.length + files.length === 0)
    return call.stdin === undefined ? [session(call)] : script(call, place, call.stdin, [])
  return [
    ...commands.flatMap(word =>
      word.text === undefined ? [session(call)] : script(call, place, word.text, [word]),
    ),
    ...files.flatMap(word => file(call, place, word)),
  ]
}

function file(call: Call, place: Place, word: Word): readonly Found[] {
  const text = word.text === '-' ? call.stdin : word.text === undefined ? undefined : call.read(word.text)
  return text === undefined ? [session(call)] : script(call, place, text, [word], true)
}

/** SQL with psql's own commands, which begin with a backslash. */
function script(
  call: Call,
  place: Place,
  text: string,
  at: readonly Word[],
  isFile = false,
): readonly Found[] {
  let now = place
  const found: Found[] = []
  let sql = ''
  const flush = () => {
    found.push(...sqlEffects(call, now, sql, at))
    sql = ''
  }
  for (const line of text.split('\n')) {
    const command = /^\s*\\(\S+)\s*(.*)$/.exec(line)
    if (!command) {
      sql += `${line}\n`
      continue
    }
    flush()
    const [, name = '', rest = ''] = command
    const [first] = rest.trim().split(/\s+/)
    if (/^(c|connect)$/.test(name) && first && first !== '-') now = { ...now, database: first }
    else if (name === '!')
      found.push(...call.inner(rest, { at: [call.word.from, at.at(-1)?.to ?? call.word.to] }))
    else if (name === 'copy')
      found.push(...(/\bfrom\b/i.test(rest) ? [onDatabase(call, now, 'copy', 'changes', at)] : []))
    else if (/^ir?$|^include/.test(name)) found.push(...included(call, now, first, at, isFile))
    else if (name === 'gexec') found.push(session(call))
  }
  flush()
  return found
}

/** `\i file` is read one level deep. */
function included(call: Call, place: Place, path: string | undefined, at: readonly Word[], isFile: boolean) {
  const text = path && !isFile ? call.read(path) : undefined
  return text === undefined ? [session(call)] : script(call, place, text, at, true)
}

/** The database and its host, from flags, a connection string, or the environment. */
function placeOf(call: Call, flags: Flags, name: Word | undefined): Place {
  const { env, unknownEnv } = call
  const given = name?.text === undefined ? undefined : connection(name.text)
  const user = flags.value('username')
  const fallback = user ? user.text : (env['PGUSER'] ?? env['USER'])
  const ambient = unknownEnv.has('PGDATABASE') ? undefined : (env['PGDATABASE'] ?? fallback)
  const host = flags.value('host')
  const isUnknown = unknownEnv.has('PGHOST') && !host && !given?.host
  return {
    database: name ? (given?.database ?? (given?.isWhole ? fallback : undefined)) : ambient,
    host: isUnknown ? undefined : hostOf(call, host, given?.host ?? env['PGHOST']),
  }
}

function hostOf(call: Call, word: Word | undefined, other: string | undefined): string | undefined {
  if (word && word.text === undefined) return undefined
  const name = word?.text ?? other
  // A path is the folder of a local socket.
  return name === undefined || name === '' || name.startsWith('/') ? call.host : machineOf(call, name)
}

/** A name, `postgres://user:password@host:5432/name`, or `host=h dbname=name`. Only name and host are read. */
function connection(text: string): {
  database?: string | undefined
  host?: string | undefined
  isWhole: boolean
} {
  const uri = /^postgres(?:ql)?:\/\/(?:[^@/]*@)?(\[[^\]]+\]|[^:/?,]*)(?:[^/?]*)(?:\/([^?]*))?/.exec(text)
  if (uri) return { host: uri[1] || undefined, database: uri[2] || undefined, isWhole: true }
  if (!text.includes('=')) return { database: text, isWhole: false }
  const value = (key: string) => new RegExp(`(?:^|\\s)${key}\\s*=\\s*'?([^'\\s]+)`).exec(text)?.[1]
  return { host: value('host'), database: value('dbname'), isWhole: true }
}

const OWN_FLAGS = {
  values: [
    ...FLAGS.values,
    '-j --jobs',
    '-n --schema',
    '-t --table',
    '-E --encoding',
    '-O --owner',
    '-D --tablespace',
    '-T --template',
    '-L --use-list',
  ],
}

/** PostgreSQL's other programs that change a database. */
export const postgresTools: Tool = {
  names: ['createdb', 'dropdb', 'pg_restore', 'reindexdb', 'vacuumdb', 'clusterdb'],
  effects: call => {
    const flags = parseFlags(call.args, OWN_FLAGS)
    if (flags.has('help', 'version', 'list')) return []
    // pg_restore without a database prints a script.
    if (call.name === 'pg_restore' && (!flags.has('dbname') || flags.has('l'))) return []
    const name =
      call.name === 'pg_restore' ? flags.value('dbname') : (flags.words[0] ?? flags.value('dbname'))
    const found = onDatabase(call, placeOf(call, flags, name), call.name, 'changes', [name])
    return [{ ...found, tool: call.name }]
  },
}
