/** What one SQL statement does. */
export interface Statement {
  readonly effect: 'changes' | 'reads' | 'unknown'
  /** The first word, in lower case, and for `create` and its kin the second: `drop table`. */
  readonly verb: string
  /** The database that it names itself: `DROP DATABASE shop`. */
  readonly database?: string
  /** The database that later statements use: `USE shop`. */
  readonly use?: string
}

/** More statements aren't read. */
const STATEMENTS_MAX = 5_000

/** Splits SQL at semicolons outside of quotes and comments, and says what each statement does. */
export function statementsIn(sql: string): readonly Statement[] {
  return splitSql(sql)
    .map(text => text.trim())
    .filter(Boolean)
    .map(judge)
}

/** Quoted texts and comments, in which a semicolon ends nothing. An open one reaches to the end. */
const QUIET =
  /'(?:[^'\\]|''|\\[\s\S])*(?:'|$)|"(?:[^"\\]|""|\\[\s\S])*(?:"|$)|`[^`]*(?:`|$)|\$(\w*)\$[\s\S]*?(?:\$\1\$|$)|--[^\n]*|#[^\n]*|\/\*(?!!)[\s\S]*?(?:\*\/|$)/g

/** The statements without comments; quoted texts are empty, but quoted names stay. */
function splitSql(sql: string): readonly string[] {
  const plain = sql.replace(QUIET, text => {
    if (/^[`"]/.test(text)) return text.includes(';') ? '""' : text
    return text.startsWith("'") || text.startsWith('$') ? "''" : ' '
  })
  return plain.split(';').slice(0, STATEMENTS_MAX)
}

const READS: ReadonlySet<string> = new Set(
  `select show explain describe desc values table begin start commit rollback end abort savepoint release fetch declare
   close move prepare deallocate listen unlisten discard help status use with set reset notify xa delimiter source
   warnings nowarning pager tee`.split(/\s+/),
)
const CHANGES: ReadonlySet<string> = new Set(
  `insert update delete replace merge upsert create alter drop truncate grant revoke rename load copy vacuum analyze reindex
   cluster refresh comment security reassign import optimize repair flush purge kill install uninstall lock unlock
   checkpoint change stop shutdown restart clone binlog cache`.split(/\s+/),
)
const WRITING = /\b(insert\s+into|update\s+\S+\s+set|delete\s+from|merge\s+into|replace\s+into)\b/i
/** Functions that change something when they are selected. */
const ACTING =
  /\b(pg_terminate_backend|pg_cancel_backend|pg_reload_conf|pg_rotate_logfile|pg_promote|pg_switch_wal|pg_drop_replication_slot|pg_create_\w+|pg_advisory_lock|setval|nextval|lo_import|lo_unlink|dblink_exec|dolt_\w+)\s*\(/i

function judge(text: string): Statement {
  const [first = '', second = '', third = ''] = (text.replace(/^\/\*!\d*/, '').match(/[\w.`"]+/g) ?? []).map(
    bare,
  )
  const verb = first.toLowerCase()
  const kind = second.toLowerCase()
  const say = (effect: Statement['effect'], told = verb): Statement => ({ effect, verb: told })
  if (verb === 'use') return { effect: 'reads', verb, use: second }
  if (['create', 'drop', 'alter'].includes(verb)) {
    const named = /\b(?:database|schema)\s+(?:if\s+(?:not\s+)?exists\s+)?([\w.`"-]+)/i.exec(text)
    const database = kind === 'database' || (kind === 'schema' && third) ? bare(named?.[1] ?? '') : ''
    return {
      ...say('changes', kind ? `${verb} ${kind}` : verb),
      ...(kind === 'database' && database ? { database } : {}),
    }
  }
  if (verb === 'explain' || verb === 'describe' || verb === 'desc')
    return say(/^\S+\s+(\(?\s*)?analyze\b/i.test(text) && WRITING.test(text) ? 'changes' : 'reads')
  if (verb === 'with') return say(WRITING.test(text) ? 'changes' : 'reads')
  if (verb === 'select')
    return say(
      /\binto\s+(outfile|dumpfile)\b/i.test(text) ||
        /\binto\s+(?!@)[\w."]+\s+from\b/i.test(text) ||
        ACTING.test(text)
        ? 'changes'
        : 'reads',
    )
  if (verb === 'set')
    return say(/^set\s+(global|persist|persist_only|password|@@global)\b/i.test(text) ? 'changes' : 'reads')
  if (verb === 'reset')
    return say(/^reset\s+(master|slave|replica|binary|query|persist)\b/i.test(text) ? 'changes' : 'reads')
  if (verb === 'start') return say(/^start\s+(slave|replica|group)\b/i.test(text) ? 'changes' : 'reads')
  if (verb === 'copy') return say(/\bto\s/i.test(text) && !/\bfrom\s/i.test(text) ? 'reads' : 'changes')
  if (READS.has(verb)) return say('reads')
  return say(CHANGES.has(verb) ? 'changes' : 'unknown')
}

const bare = (word: string) => word.replace(/[`"]/g, '')
