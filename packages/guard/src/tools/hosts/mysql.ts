import { type Flags, parseFlags } from '../support/index.ts'
import type { Call, Found, Tool, Word } from '../tool.ts'
import { machineOf } from './machine.ts'
import { onDatabase, type Place, session, sqlEffects } from './sql.ts'

const FLAGS = {
  values:
    `-e --execute|-D --database|-h --host|-P --port|-u --user|-S --socket|--defaults-file|--defaults-extra-file
--defaults-group-suffix|--login-path|--init-command|--default-character-set|--ssl-ca|--ssl-cert|--ssl-key|--ssl-mode
--connect-timeout|--max-allowed-packet|--delimiter|--prompt|--pager|--tee|--protocol|--plugin-dir|--ignore|--count|-i --sleep`.split(
      /[|\n]/,
    ),
  switches: ['-? --help', '-V --version', '-I --help'],
}

/** The clients of MySQL and MariaDB, by their manuals of versions 8.4 and 11.4. */
export const mysql: Tool = { names: ['mysql', 'mariadb'], effects }

function effects(call: Call): readonly Found[] {
  const flags = parseFlags(withoutPassword(call.args), FLAGS)
  if (flags.has('help', 'version')) return []
  const place = placeOf(call, flags, flags.value('database') ?? flags.words[0])
  const commands = flags.values('execute')
  if (commands.length > 0)
    return commands.flatMap(word =>
      word.text === undefined ? [session(call)] : script(call, place, word.text, [word]),
    )
  return call.stdin === undefined ? [session(call)] : script(call, place, call.stdin, [])
}

/** `-psecret` is one word, which would look like a cluster of flags. */
function withoutPassword(args: readonly Word[]): readonly Word[] {
  return args.filter(({ text, start }) => !/^-p./.test(text ?? start ?? ''))
}

/** `source FILE` is read one level deep, `\! command` is a shell's. */
function script(
  call: Call,
  place: Place,
  text: string,
  at: readonly Word[],
  isFile = false,
): readonly Found[] {
  const own = /^\s*(?:\\\.|source\s)\s*([^\s;]+)/gim
  const files = [...text.matchAll(own)].flatMap(([, path = '']) => {
    const inside = isFile ? undefined : call.read(path)
    return inside === undefined ? [session(call)] : script(call, place, inside, at, true)
  })
  const shells = [...text.matchAll(/^\s*(?:\\!|system\s)\s*(.+)$/gim)].flatMap(([, line = '']) =>
    call.inner(line, { at: [call.word.from, at.at(-1)?.to ?? call.word.to] }),
  )
  const sql = text
    .replace(own, '')
    .replace(/^\s*(?:\\!|system\s).*$/gim, '')
    .replace(/^\s*\\u\s+(\S+)/gim, 'USE $1;')
  return [...files, ...shells, ...sqlEffects(call, place, sql.replace(/\\[Gg]/g, ';'), at)]
}

function placeOf(call: Call, flags: Flags, database: Word | undefined): Place {
  const host = flags.value('host')
  const name = host ? host.text : call.env['MYSQL_HOST']
  const isUnknown = host ? host.text === undefined : call.unknownEnv.has('MYSQL_HOST')
  return {
    database: database?.text,
    host: isUnknown ? undefined : name ? machineOf(call, name) : call.host,
  }
}

const ADMIN: ReadonlySet<string> = new Set(
  `create drop shutdown reload refresh flush-hosts flush-logs flush-privileges flush-status flush-tables kill password
   old-password start-slave stop-slave start-replica stop-replica`.split(/\s+/),
)

/** `mysqladmin drop shop`. What concerns the whole server has no database. */
export const mysqladmin: Tool = {
  names: ['mysqladmin', 'mariadb-admin'],
  effects: call => {
    const flags = parseFlags(withoutPassword(call.args), FLAGS)
    const [verb, name] = flags.words
    if (verb?.text === undefined || !ADMIN.has(verb.text) || flags.has('help', 'version')) return []
    const isDatabase = verb.text === 'create' || verb.text === 'drop'
    const place = placeOf(call, flags, isDatabase ? name : undefined)
    return [onDatabase(call, place, verb.text, 'changes', [verb, isDatabase ? name : undefined])]
  },
}

/** `mysqlimport shop items.txt`. */
export const mysqlimport: Tool = {
  names: ['mysqlimport', 'mariadb-import'],
  effects: call => {
    const flags = parseFlags(withoutPassword(call.args), FLAGS)
    const [database] = flags.words
    if (flags.has('help', 'version') || database === undefined) return []
    return [onDatabase(call, placeOf(call, flags, database), 'import', 'changes', [database])]
  },
}
