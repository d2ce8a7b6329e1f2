import type { Dialect, SqlText } from './scan.ts'

/** What one SQL statement does. */
export interface Statement {
  readonly effect: 'changes' | 'reads' | 'unknown'
  /** The first word, in lower case, and for `create` and its kin the second: `drop table`. */
  readonly verb: string
  /** The database that it names itself: `DROP DATABASE shop`. Undefined as a value: its name isn't known. */
  readonly database?: string | undefined
  /** True if it concerns all databases of the server. */
  readonly isServer?: boolean
}

const READS: ReadonlySet<string> = new Set(
  `select show describe desc values table begin start commit rollback end abort savepoint release fetch declare
   close move prepare deallocate listen unlisten discard help status use with set reset notify xa
   warnings nowarning pager tee check checksum`.split(/\s+/),
)
const CHANGES: ReadonlySet<string> = new Set(
  `insert update delete replace merge upsert create alter drop truncate grant revoke rename load copy vacuum analyze reindex
   cluster refresh comment security reassign import optimize repair flush purge kill install uninstall lock unlock
   checkpoint change stop shutdown restart clone binlog cache`.split(/\s+/),
)
/** Statements that write, inside of another statement or of a block. */
const WRITING =
  /\b(insert\s+into|update\s+(?:only\s+)?\S+(?:\s+(?:as\s+)?\w+)?\s+set|delete\s+(?:[\w.,\s]{1,200}?\s)?from|merge\s+into|replace\s+into|truncate\s|(?:drop|alter|create)\s+(?:table|index|schema|view|type|role|user|database|materialized|unique|or\s+replace)\b)/i
/** Functions that change something when they are selected. */
const ACTING =
  /\b(pg_terminate_backend|pg_cancel_backend|pg_reload_conf|pg_rotate_logfile|pg_promote|pg_switch_wal|pg_drop_replication_slot|pg_create_\w+|pg_advisory_lock|setval|nextval|lo_import|lo_unlink|dblink_exec|dolt_\w+)\s*\(/i

/** Verbs whose effect depends on what isn't here. Of other words none is told: they may be data, even a secret. */
const OPEN: ReadonlySet<string> = new Set('call do execute exec handler perform signal'.split(' '))

type Judge = (text: string, statement: SqlText, dialect: Dialect) => Statement['effect']

const effectIf = (changes: boolean): Statement['effect'] => (changes ? 'changes' : 'reads')

/** Verbs whose effect depends on more than themselves. */
const JUDGES: Readonly<Record<string, Judge>> = {
  explain: text => effectIf(isRun(text) && WRITING.test(text)),
  with: text => effectIf(WRITING.test(text)),
  select: text =>
    effectIf(
      /\binto\s+(outfile|dumpfile)\b/i.test(text) ||
        /\binto\s+(?!@)(?:(?:temp|temporary|unlogged|table)\s+)*[\w."]+\s+from\b/i.test(text) ||
        ACTING.test(text),
    ),
  set: text => effectIf(/^set\s+(global|persist|persist_only|password|@@global|@@persist)\b/i.test(text)),
  reset: text => effectIf(/^reset\s+(master|slave|replica|binary|query|persist)\b/i.test(text)),
  start: text => effectIf(/^start\s+(slave|replica|group|all\s+slaves)\b/i.test(text)),
  copy: text => effectIf(!/\bto\s/i.test(text) || /\bprogram\b/i.test(text) || isCopiedIn(text)),
  // MariaDB's ANALYZE runs a statement, as EXPLAIN ANALYZE does elsewhere.
  analyze: text =>
    effectIf(!/^analyze\s+(format\s*=\s*\S+\s+)?(select|with)\b/i.test(text) || WRITING.test(text)),
  do: (_, { bodies }) => (bodies.some(body => WRITING.test(body)) ? 'changes' : 'unknown'),
}
JUDGES satisfies Record<string, Judge>

/** `EXPLAIN ANALYZE …`, `EXPLAIN (BUFFERS, ANALYZE) …`: the statement is run. */
function isRun(text: string): boolean {
  const options = /^\w+\s*\(([^)]*)\)/.exec(text)?.[1]
  if (options === undefined) return /^\w+\s+analyze\b/i.test(text)
  return /\banalyze\b(?!\s+(false|off|0)\b)/i.test(options)
}

/** `COPY items FROM …`, `COPY (DELETE … RETURNING *) TO …`. */
function isCopiedIn(text: string): boolean {
  const query = /^copy\s*\(([\s\S]*)\)\s*to\b/i.exec(text)?.[1]
  return query === undefined ? /\bfrom\s/i.test(text) : WRITING.test(query)
}

/** Says what a statement does. */
export function judge(statement: SqlText, dialect: Dialect): Statement {
  const text = statement.text.replace(/^[\s(]+/, '')
  const [first = '', second = ''] = text.match(/[\w.]+/g) ?? []
  const verb = first.toLowerCase()
  const kind = second.toLowerCase()
  const own = Object.hasOwn(JUDGES, verb) ? JUDGES[verb] : undefined
  const effect = own?.(text, statement, dialect) ?? byVerb(verb)
  if (effect === 'unknown') return { effect, verb: OPEN.has(verb) ? verb : 'statement' }
  const isNaming = ['create', 'drop', 'alter'].includes(verb)
  return {
    effect,
    verb: isNaming && kind ? `${verb} ${kind}` : verb,
    ...(effect === 'changes' ? databaseIn(text, verb, kind, dialect) : {}),
  }
}

function byVerb(verb: string): Statement['effect'] {
  if (CHANGES.has(verb)) return 'changes'
  return READS.has(verb) ? 'reads' : 'unknown'
}

const NAME = '(?:`[^`]+`|"[^"]+"|[\\w$-]+)'
const DATABASE = new RegExp(`^\\w+\\s+\\w+\\s+(?:if\\s+(?:not\\s+)?exists\\s+)?(${NAME})`, 'i')
/** The first thing that a statement of MySQL names: `INSERT INTO shop.items`. */
const THING = new RegExp(
  `\\b(?:into|from|update|table|tables|view|truncate|procedure|function|trigger|event|on)\\s+
(?:(?:if\\s+(?:not\\s+)?exists|ignore|low_priority|table)\\s+)*(${NAME})(\\s*\\.\\s*(?:${NAME}|\\*))?`.replace(
    '\n',
    '',
  ),
  'i',
)

function databaseIn(text: string, verb: string, kind: string, dialect: Dialect): Partial<Statement> {
  const isMysql = dialect === 'mysql'
  if (['create', 'drop', 'alter'].includes(verb) && (kind === 'database' || (isMysql && kind === 'schema')))
    return { database: bare(DATABASE.exec(text)?.[1]) }
  if (verb === 'shutdown' || (isMysql && verb === 'restart')) return { isServer: true }
  const [, name, rest] = (isMysql && THING.exec(text)) || []
  return rest === undefined ? {} : { database: bare(name) }
}

const bare = (name: string | undefined) => name?.replace(/^[`"]|[`"]$/g, '')
