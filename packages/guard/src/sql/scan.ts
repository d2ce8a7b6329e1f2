/** Whose SQL it is: they differ in quotes, comments and in what their clients understand besides SQL. */
export type Dialect = 'postgres' | 'mysql'

/** A part of a script. */
export type Part = SqlText | ClientCommand

/** One SQL statement without its semicolon and comments. */
export interface SqlText {
  readonly kind: 'statement'
  /** Quoted values are empty in it. Quoted names stay as they are. */
  readonly text: string
  /** The texts between dollar signs: bodies of functions and `DO` blocks. */
  readonly bodies: readonly string[]
}

/** A command of the client itself: `\i file`, `\! date`, `source file`. */
interface ClientCommand {
  readonly kind: 'command'
  /** Its name without the backslash. */
  readonly name: string
  /** What follows on its line. */
  readonly rest: string
}

/** More parts aren't read. */
const PARTS_MAX = 5_000

const MYSQL_WORD = /[ \t]*(source|system|use|delimiter)[ \t]+([^\n]*)/iy
/** psql's commands that send what was written so far. */
const SENDING = /^(?:g|gx|gexec|gset|gdesc|watch|crosstabview|bind|parse)$/
const FROM_STDIN = /^\s*copy\b[\s\S]*\bfrom\s+(?:stdin|pstdin)\b/i

/** Steps between two looks at the clock. */
const STEPS = 256

/**
 * Splits a script into statements and commands of the client, in order. Open quotes reach to the end. It stops once
 * the time is over.
 */
export function scanSql(sql: string, dialect: Dialect, isOver: () => boolean = () => false): readonly Part[] {
  const scan = new Scan(sql, dialect)
  for (let steps = 1; scan.at < sql.length && scan.parts.length < PARTS_MAX; steps++) {
    if (steps % STEPS === 0 && isOver()) break
    step(scan)
  }
  scan.end()
  return scan.parts
}

class Scan {
  readonly parts: Part[] = []
  readonly sql: string
  readonly isMysql: boolean
  delimiter = ';'
  at = 0
  /** The last characters of the statement, of which `chunks` is made. */
  last = ''
  bodies: string[] = []
  private chunks: string[] = []

  constructor(sql: string, dialect: Dialect) {
    this.sql = sql
    this.isMysql = dialect === 'mysql'
  }

  /** What a pattern with the flag `y` matches here, which is then passed over. */
  take(pattern: RegExp): RegExpExecArray | null {
    pattern.lastIndex = this.at
    const match = pattern.exec(this.sql)
    if (match) this.at += match[0].length
    return match
  }

  /** Adds to the statement. Blanks in front of it don't count. */
  add(text: string) {
    if (this.isBlank && text.trim() === '') return
    this.chunks.push(text)
    this.last = `${this.last.slice(-1)}${text}`.slice(-2)
  }

  get isBlank(): boolean {
    return this.chunks.length === 0
  }

  /** Ends the statement. */
  end() {
    const text = this.chunks.join('').trim()
    if (text !== '') this.parts.push({ kind: 'statement', text, bodies: this.bodies })
    this.chunks = []
    this.last = ''
    this.bodies = []
    if (!this.isMysql && FROM_STDIN.test(text)) this.skipData()
  }

  command(name: string, rest: string) {
    this.parts.push({ kind: 'command', name, rest: rest.trim() })
  }

  /** The rows after `COPY … FROM stdin;` up to a line with `\.` */
  private skipData() {
    const end = /^\\\.[ \t\r]*$/gm
    end.lastIndex = this.at
    const match = end.exec(this.sql)
    const line = this.sql.indexOf('\n', this.at)
    if (match) this.at = match.index + match[0].length
    // `\copy … from stdin` on one line may have no rows here.
    else if (line >= 0) this.at = this.sql.length
  }
}

function step(scan: Scan) {
  const { sql, isMysql } = scan
  const char = sql[scan.at] as string
  if (sql.startsWith(scan.delimiter, scan.at)) {
    scan.at += scan.delimiter.length
    return scan.end()
  }
  if (isMysql && scan.isBlank && isLineStart(scan)) {
    const word = scan.take(MYSQL_WORD)
    if (word) return mysqlWord(scan, (word[1] as string).toLowerCase(), word[2] as string)
  }
  if (char === "'" || char === '"' || char === '`') return quoted(scan, char)
  if (isComment(scan)) return
  if (char === '$' && !isMysql && !/\w$/.test(scan.last)) return dollar(scan)
  if (char === '\\') return backslash(scan)
  const run = isMysql && scan.delimiter !== ';' ? undefined : scan.take(/[^'"`$\-#/*;\\\n]+/y)
  scan.add(run?.[0] ?? char)
  if (!run) scan.at++
}

function isLineStart({ sql, at }: Scan): boolean {
  return at === 0 || /[\n;]/.test(sql[at - 1] as string)
}

/** Quoted text ends nothing. In PostgreSQL a backslash is a character, unless an E stands in front. */
function quoted(scan: Scan, quote: string) {
  if (quote === '`') {
    scan.add(scan.take(/`[^`]*`?/y)?.[0] ?? '')
    return
  }
  if (quote === '"' && !scan.isMysql) {
    const name = scan.take(/"[^"]*(?:""[^"]*)*"?/y)?.[0] ?? ''
    scan.add(name)
    return
  }
  const hasEscapes = scan.isMysql || /(^|\W)e$/i.test(scan.last)
  if (quote === '"') scan.take(/"[^"\\]*(?:(?:\\[\s\S]|"")[^"\\]*)*"?/y)
  else if (hasEscapes) scan.take(/'[^'\\]*(?:(?:\\[\s\S]|'')[^'\\]*)*'?/y)
  else scan.take(/'[^']*(?:''[^']*)*'?/y)
  scan.add("''")
}

/** Passes over a comment. What MySQL runs of a comment, `/*!50000 …`, is read as SQL. */
function isComment(scan: Scan): boolean {
  const { isMysql } = scan
  if (isMysql && scan.take(/\/\*M?!\d*|\*\//y)) {
    scan.add(' ')
    return true
  }
  const line = isMysql ? /(?:--(?=\s|$)|#)[^\n]*/y : /--[^\n]*/y
  if (scan.take(line) || blockComment(scan)) {
    scan.add(' ')
    return true
  }
  return false
}

/** PostgreSQL's comments may contain comments. */
function blockComment(scan: Scan): boolean {
  if (!scan.sql.startsWith('/*', scan.at)) return false
  if (scan.isMysql) return scan.take(/\/\*[\s\S]*?(?:\*\/|$)/y) !== null
  const marks = /\/\*|\*\//g
  marks.lastIndex = scan.at
  let depth = 0
  for (let mark = marks.exec(scan.sql); mark; mark = marks.exec(scan.sql)) {
    depth += mark[0] === '/*' ? 1 : -1
    if (depth === 0) {
      scan.at = marks.lastIndex
      return true
    }
  }
  scan.at = scan.sql.length
  return true
}

function dollar(scan: Scan) {
  const tag = scan.take(/\$(?:[a-z_]\w*)?\$/iy)?.[0]
  if (tag === undefined) {
    scan.add('$')
    scan.at++
    return
  }
  const end = scan.sql.indexOf(tag, scan.at)
  scan.bodies.push(scan.sql.slice(scan.at, end < 0 ? undefined : end))
  scan.add("''")
  scan.at = end < 0 ? scan.sql.length : end + tag.length
}

function backslash(scan: Scan) {
  if (scan.isMysql) {
    const sent = scan.take(/\\[gG]/y)
    if (sent) return scan.end()
    const command = scan.take(/\\(\S)[ \t]*([^\n]*)/y)
    if (command) return mysqlWord(scan, command[1] as string, command[2] as string)
  } else {
    if (scan.take(/\\;/y)) return scan.end()
    const command = scan.take(/\\([^\s\\;]+)([^\n]*)/y)
    if (command) {
      const name = command[1] as string
      if (SENDING.test(name)) scan.end()
      return scan.command(name, command[2] as string)
    }
  }
  scan.at++
}

function mysqlWord(scan: Scan, name: string, rest: string) {
  if (name === 'delimiter' || name === 'd') {
    scan.delimiter = rest.trim().split(/\s/)[0] || ';'
    return
  }
  if (name !== 'use' && name !== 'u') return scan.command(name, rest)
  // Statements may follow on the line.
  const database = /^[^\s;]*/.exec(rest)?.[0] ?? ''
  scan.at -= rest.length - database.length
  scan.command('use', database)
}
