import { type Flags, parseFlags } from '../support/index.ts'
import type { Call, Found, Tool, Word } from '../tool.ts'
import { machineOf } from './machine.ts'
import {
  type Done,
  onDatabase,
  onServer,
  type Place,
  type Script,
  scriptEffects,
  session,
  shell,
} from './sql.ts'

const FLAGS = {
  values:
    `-e --execute|-D --database|-h --host|-P --port|-u --user|-S --socket|--defaults-file|--defaults-extra-file
--defaults-group-suffix|--login-path|--init-command|--init-command-add|--default-character-set|--character-sets-dir|--ssl-ca
--ssl-capath|--ssl-cert|--ssl-cipher|--ssl-crl|--ssl-crlpath|--ssl-key|--ssl-mode|--ssl-fips-mode|--tls-version|--tls-ciphersuites
--connect-timeout|--max-allowed-packet|--net-buffer-length|--max-join-size|--select-limit|--delimiter|--prompt|--pager|--tee
--protocol|--plugin-dir|--default-auth|--bind-address|--compression-algorithms|--zstd-compression-level|--histignore
--load-data-local-dir|--oci-config-file|--server-public-key-path|--register-factor|--ignore|--count|-i --sleep|-w --wait
--columns|--fields-terminated-by|--fields-enclosed-by|--fields-escaped-by|--lines-terminated-by|--ignore-lines|--use-threads
--tables|--where`.split(/[|\n]/),
  switches: ['-? --help', '-V --version', '-I --help'],
}
/** `-i` and `-w` have a value only in mysqladmin. */
const SWITCHED = { ...FLAGS, switches: [...FLAGS.switches, '-w --wait', '-i --sleep'] }

/** The clients of MySQL and MariaDB, by their manuals of versions 8.4 and 11.4. */
export const mysql: Tool = { names: ['mysql', 'mariadb'], effects }

function effects(call: Call): readonly Found[] {
  const flags = parseFlags(withoutPassword(call.args), SWITCHED)
  if (flags.has('help', 'version')) return []
  const place = placeOf(call, flags, flags.value('database') ?? databaseWord(call, flags.words))
  const commands = [...flags.values('init-command'), ...flags.values('execute')]
  const ran = commands.flatMap(word =>
    word.text === undefined ? [session(call)] : run(call, place, word.text, [word]),
  )
  if (flags.has('execute')) return ran
  return [...ran, ...(call.stdin === undefined ? [session(call)] : run(call, place, call.stdin, []))]
}

/** `-psecret` is one word, which would look like a cluster of flags. */
function withoutPassword(args: readonly Word[]): readonly Word[] {
  return args.filter(({ text, start }) => !/^-p./.test(text ?? start ?? ''))
}

/**
 * The word that names the database. In `--password secret shop` the first word is a mistake for `--password=secret`:
 * no label must be made of it.
 */
function databaseWord({ args }: Call, words: readonly Word[]): Word | undefined {
  const [first, second] = words
  const at = first ? args.indexOf(first) : -1
  const isAfterPassword = at > 0 && /^(-p|--password)$/.test(args[at - 1]?.text ?? '')
  return second && isAfterPassword ? second : first
}

function run(call: Call, place: Place, text: string, at: readonly Word[], isFile = false) {
  return scriptEffects({ call, dialect: 'mysql', text, at, isFile }, place, command)
}

/** `source FILE` is read one level deep, `system command` is a shell's. */
function command(name: string, rest: string, place: Place, script: Script): Done {
  const { call, at, isFile } = script
  if (name === 'use') return { place: { ...place, database: unquoted(rest) || undefined } }
  if (name === '!' || name === 'system') return { found: shell(script, rest) }
  if (name !== '.' && name !== 'source') return {}
  const text = isFile ? undefined : call.read(unquoted(rest))
  const words = at.filter(word => word !== undefined)
  return { found: text === undefined ? [session(call)] : run(call, place, text, words, true) }
}

const unquoted = (text: string) =>
  text
    .replace(/;.*$/s, '')
    .trim()
    .replace(/^[`'"]|[`'"]$/g, '')

/** Files with options and login paths may name another host. */
const ELSEWHERE = ['defaults-file', 'defaults-extra-file', 'defaults-group-suffix', 'login-path']

function placeOf(call: Call, flags: Flags, database: Word | undefined): Place {
  const host = flags.value('host')
  const name = host ? host.text : call.env['MYSQL_HOST']
  const isUnknown = host
    ? host.text === undefined
    : call.unknownEnv.has('MYSQL_HOST') || flags.has(...ELSEWHERE)
  return {
    database: database?.text,
    host: isUnknown ? undefined : name ? machineOf(call, name) : call.host,
  }
}

const ADMIN: ReadonlySet<string> = new Set(
  `create drop shutdown reload refresh flush-binary-log flush-engine-log flush-error-log flush-general-log flush-hosts
   flush-logs flush-privileges flush-relay-log flush-slow-log flush-status flush-tables flush-threads flush-user-resources kill
   password old-password start-slave stop-slave start-all-slaves stop-all-slaves start-replica stop-replica`.split(
    /\s+/,
  ),
)

/** `mysqladmin drop shop`. What concerns the whole server has no database. */
export const mysqladmin: Tool = {
  names: ['mysqladmin', 'mariadb-admin'],
  effects: call => {
    const flags = parseFlags(withoutPassword(call.args), FLAGS)
    const at = flags.words.findIndex(({ text }) => text !== undefined && ADMIN.has(text))
    const [verb, name] = flags.words.slice(at)
    if (at < 0 || verb?.text === undefined || flags.has('help', 'version')) return []
    const isDatabase = verb.text === 'create' || verb.text === 'drop'
    const place = placeOf(call, flags, isDatabase ? name : undefined)
    if (verb.text === 'shutdown') return [onServer(call, place.host, verb.text, [verb])]
    return [onDatabase(call, place, verb.text, 'changes', [verb, isDatabase ? name : undefined])]
  },
}

/** `mysqlimport shop items.txt`. */
export const mysqlimport: Tool = {
  names: ['mysqlimport', 'mariadb-import'],
  effects: call => {
    const flags = parseFlags(withoutPassword(call.args), SWITCHED)
    const database = databaseWord(call, flags.words)
    if (flags.has('help', 'version') || database === undefined) return []
    return [onDatabase(call, placeOf(call, flags, database), 'import', 'changes', [database])]
  },
}

const TENDING: Readonly<Record<string, string>> = {
  r: 'repair',
  repair: 'repair',
  'auto-repair': 'repair',
  o: 'optimize',
  optimize: 'optimize',
  a: 'analyze',
  analyze: 'analyze',
  'fix-db-names': 'upgrade',
  'fix-table-names': 'upgrade',
}

/** `mysqlcheck --repair shop`. Without such an option it checks. */
export const mysqlcheck: Tool = {
  names: ['mysqlcheck', 'mariadb-check', 'mysqlrepair', 'mysqloptimize', 'mysqlanalyze'],
  effects: call => {
    const flags = parseFlags(withoutPassword(call.args), {
      ...SWITCHED,
      switches: [...SWITCHED.switches, '-A --all-databases', '-B --databases'],
    })
    if (flags.has('help', 'version')) return []
    const named = /^mysql(repair|optimize|analyze)$/.exec(call.name)?.[1]
    const verb = named ?? flags.names.map(name => TENDING[name]).find(each => each !== undefined)
    if (verb === undefined) return []
    const words = flags.has('databases') ? flags.words : flags.words.slice(0, 1)
    const { host } = placeOf(call, flags, undefined)
    if (flags.has('all-databases')) return [onServer(call, host, verb, [])]
    return words.map(word => onDatabase(call, { database: word.text, host }, verb, 'changes', [word]))
  },
}
