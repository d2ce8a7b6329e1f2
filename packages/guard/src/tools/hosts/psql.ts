import { parseFlags } from '../support/index.ts'
import type { Call, Found, Tool, Word } from '../tool.ts'
import { connection, placeOf } from './postgres.ts'
import { type Done, onDatabase, type Place, type Script, scriptEffects, session, shell } from './sql.ts'

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
    return call.stdin === undefined ? [session(call)] : run(call, place, call.stdin, [])
  return [
    ...commands.flatMap(word =>
      word.text === undefined ? [session(call)] : run(call, place, word.text, [word]),
    ),
    ...files.flatMap(word => file(call, place, word)),
  ]
}

function run(call: Call, place: Place, text: string, at: readonly Word[], isFile = false) {
  return scriptEffects({ call, dialect: 'postgres', text, at, isFile }, place, command)
}

function file(call: Call, place: Place, word: Word): readonly Found[] {
  const text = word.text === '-' ? call.stdin : word.text === undefined ? undefined : call.read(word.text)
  return text === undefined ? [session(call)] : run(call, place, text, [word], true)
}

/** psql's own commands, which begin with a backslash. Most of them only show something. */
function command(name: string, rest: string, place: Place, script: Script): Done {
  const { call, at } = script
  switch (name) {
    case 'c':
    case 'connect':
      return { place: connected(call, place, rest) }
    case '!':
      return { found: shell(script, rest) }
    case 'copy':
      return { found: [...copied(script, place, rest), ...programIn(script, rest)] }
    case 'password':
    case 'lo_import':
    case 'lo_unlink':
      return { found: [onDatabase(call, place, name, 'changes', at)] }
    case 'gexec':
      // The statements are what the query answers.
      return { found: [session(call)] }
    case 'g':
    case 'gx':
    case 'o':
    case 'out':
    case 'w':
      return rest.startsWith('|') ? { found: shell(script, rest.slice(1)) } : {}
    default:
      return /^ir?$|^include/.test(name) ? { found: included(script, place, rest.split(/\s/)[0]) } : {}
  }
}

/** `\copy items from items.csv` changes, `\copy (select …) to items.csv` reads. */
function copied({ call, at }: Script, place: Place, rest: string): readonly Found[] {
  const table = rest.replace(/^\([\s\S]*\)/, '')
  return /\bfrom\b/i.test(table) ? [onDatabase(call, place, 'copy', 'changes', at)] : []
}

/** `\copy items to program 'gzip > items.gz'`. */
function programIn(script: Script, rest: string): readonly Found[] {
  const line = /\bprogram\s+'((?:[^']|'')*)'/i.exec(rest)?.[1]
  return line === undefined ? [] : shell(script, line.replaceAll("''", "'"))
}

/** `\c name user host port`: `-` keeps what was. */
function connected(call: Call, place: Place, rest: string): Place {
  const words = rest.replace(/^-reuse-previous=\w+\s*/, '')
  const quoted = /^(['"])(.*?)\1/.exec(words)?.[2]
  const [name = '-', , host = '-'] = quoted === undefined ? words.split(/\s+/) : [quoted]
  if (/:['"]?\w/.test(name) && !/^\w+:\/\//.test(name)) return { database: undefined, host: undefined }
  const given = name === '-' || name === '' ? undefined : connection(call, name)
  return {
    database: given ? (given.database ?? (given.isWhole ? undefined : place.database)) : place.database,
    host: host !== '-' ? connection(call, `host=${host}`).host : given?.isWhole ? given.host : place.host,
  }
}

/** `\i file` is read one level deep. */
function included({ call, at, isFile }: Script, place: Place, path: string | undefined): readonly Found[] {
  const text = path && !isFile ? call.read(path.replace(/^'|'$/g, '')) : undefined
  const words = at.filter(word => word !== undefined)
  return text === undefined ? [session(call)] : run(call, place, text, words, true)
}
