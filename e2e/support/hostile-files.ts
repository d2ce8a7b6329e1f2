import { execFileSync } from 'node:child_process'
import { linkSync, mkdirSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { migrate } from '@presence/core'

/** Makes a board's file in a folder, and returns its path. */
type Make = (folder: string) => Promise<string> | string

const ENDLESS = 'WITH RECURSIVE e(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM e)'

/** A board that another connection has changed by SQL. */
export function boardWith(sql: string, options: { readonly defensive?: boolean } = {}): Make {
  return async folder => {
    const file = join(folder, 'board.db')
    await migrate({ dsn: `sqlite:${file}`, env: {} })
    sqlite(file, sql, options)
    return file
  }
}

/** A database of another program. */
export function databaseWith(sql: string): Make {
  return folder => {
    const file = join(folder, 'app.db')
    sqlite(file, sql)
    return file
  }
}

export function sqlite(file: string, sql: string, options: { readonly defensive?: boolean } = {}): void {
  using db = new DatabaseSync(file, options as object)
  db.exec(sql)
}

/** Replaces one of a board's tables. */
const instead = (sql: string, table = 'presence_claims') => boardWith(`DROP TABLE ${table}; ${sql}`)

const COLUMNS = 'session_id, resource_label, purpose, claimed_at, expires_at, host, user, agent_name'
/** The columns of the claims' table, with something in addition. */
const claimsTable = (more: string) =>
  `CREATE TABLE presence_claims (session_id text NOT NULL, resource_label text NOT NULL, purpose text NOT NULL,
     claimed_at integer, expires_at integer, host text, user text, agent_name text, ttl_seconds integer,
     lapsed_at integer, repo text, branch text, worktree text, write_keys text ${more})`

/** Boards whose schema would run something. The text says what is reported. */
export const UNSAFE_BOARDS: readonly (readonly [name: string, make: Make, told: RegExp])[] = [
  [
    'a trigger that never ends',
    boardWith(
      `CREATE TRIGGER slow BEFORE INSERT ON presence_claims BEGIN SELECT count(*) FROM (${ENDLESS} SELECT x FROM e); END`,
    ),
    /it has the trigger "slow" on "presence_claims"/,
  ],
  [
    'a trigger that writes to another table',
    boardWith(
      'CREATE TABLE other (a); CREATE TRIGGER writes AFTER UPDATE ON presence_events BEGIN INSERT INTO other VALUES (1); END',
    ),
    /it has the trigger "writes" on "presence_events"/,
  ],
  [
    'a trigger whose name has control characters',
    boardWith('CREATE TRIGGER "a\u001b[31m\nb" AFTER DELETE ON presence_claims BEGIN SELECT 1; END'),
    /it has the trigger "a\ufffd\[31m b" on/,
  ],
  [
    'a view that never ends in place of a table',
    instead(
      `CREATE VIEW presence_claims AS ${ENDLESS} SELECT ${COLUMNS.split(', ').map(each => `x AS ${each}`)} FROM e`,
    ),
    /it has the view "presence_claims"/,
  ],
  [
    'a view in place of a table, with a trigger',
    instead(
      `CREATE VIEW PRESENCE_EVENTS AS ${ENDLESS} SELECT x AS at FROM e; CREATE TRIGGER t INSTEAD OF INSERT ON PRESENCE_EVENTS BEGIN SELECT 1; END`,
      'presence_events',
    ),
    /it has the (view|trigger)/,
  ],
  [
    'a virtual table in place of a table',
    instead('CREATE VIRTUAL TABLE presence_claims USING fts5(a)'),
    /"presence_claims" is not like/,
  ],
  [
    'a generated column',
    boardWith(
      `ALTER TABLE presence_claims ADD COLUMN slow GENERATED ALWAYS AS (length(hex(zeroblob(100000000)))) VIRTUAL`,
    ),
    /its table "presence_claims" is not like/,
  ],
  [
    'a CHECK constraint',
    instead(claimsTable(', CHECK (length(hex(zeroblob(100000000))) > purpose)')),
    /its table "presence_claims" is not like/,
  ],
  [
    'a foreign key',
    instead(claimsTable(', FOREIGN KEY (user) REFERENCES presence_events (user) ON DELETE CASCADE')),
    /its table "presence_claims" is not like/,
  ],
  [
    'a default that is computed',
    boardWith(`ALTER TABLE presence_events ADD COLUMN d DEFAULT (abs(1))`),
    /its table "presence_events" is not like/,
  ],
  [
    'an index on an expression',
    boardWith('CREATE INDEX slow ON presence_claims (length(hex(zeroblob(100000000))))'),
    /its index "slow" is not like/,
  ],
  [
    'an index of a part',
    boardWith(`CREATE INDEX part ON presence_claims (purpose) WHERE purpose LIKE '%a%'`),
    /its index "part" is not like/,
  ],
  [
    'a schema that only the log has',
    async folder => {
      const file = await boardWith('SELECT 1')(folder)
      // The process is killed, so its log stays.
      const sql =
        'PRAGMA journal_mode = WAL; CREATE TRIGGER logged AFTER DELETE ON presence_claims BEGIN SELECT 1; END'
      const code = `const d = new (require('node:sqlite').DatabaseSync)(${JSON.stringify(file)}); d.exec(${JSON.stringify(sql)}); process.kill(process.pid, 'SIGKILL')`
      try {
        execFileSync(process.execPath, ['-e', code], { stdio: 'ignore' })
      } catch {
        // It was killed, as intended.
      }
      return file
    },
    /it has the trigger "logged"/,
  ],
]

/** Files that aren't a board, and stay as they are. */
export const OTHER_FILES: readonly (readonly [name: string, make: Make, told: RegExp])[] = [
  [
    "another program's database",
    databaseWith('CREATE TABLE notes (a); INSERT INTO notes VALUES (1)'),
    /another program's database/,
  ],
  [
    "another program's database in WAL mode",
    databaseWith('PRAGMA journal_mode = WAL; PRAGMA user_version = 9; CREATE TABLE notes (a)'),
    /another program's database/,
  ],
  [
    "another program's database without tables",
    databaseWith('PRAGMA application_id = 7'),
    /another program's database/,
  ],
  ["another program's view", databaseWith('CREATE VIEW v AS SELECT 1'), /another program's database/],
  [
    "another program's table that is named like presence's",
    databaseWith(
      'PRAGMA user_version = 3; CREATE TABLE presence_status (a); CREATE TABLE notes (presence_claims)',
    ),
    /another program's database/,
  ],
  [
    'only the 8-column table',
    databaseWith(
      'CREATE TABLE presence_claims (session_id, resource_label, purpose, claimed_at, expires_at, host, user, agent_name)',
    ),
    /another program's database/,
  ],
  ['60,000 tables', manyTables, /more tables, views or triggers than any board/],
  ['a text', textFile('my notes '.repeat(100)), /not an SQLite file/],
  ['one byte', textFile('x'), /not an SQLite file/],
  ['zeros', textFile('\0'.repeat(8_192)), /not an SQLite file/],
  [
    'a sparse file of 1 TB',
    folder => {
      const file = join(folder, 'sparse')
      writeFileSync(file, '')
      truncateSync(file, 2 ** 40)
      return file
    },
    /not an SQLite file/,
  ],
  ['/dev/zero', () => '/dev/zero', /it is a device/],
  ['/dev/full', () => '/dev/full', /it is a device/],
  ['a link to a device', linkTo('/dev/zero'), /it is a device/],
  ['a link to nothing', linkTo('/nowhere/at-all.db'), /link to a file that does not exist/],
  ['a pipe', pipe, /it is a pipe/],
  [
    'a link to a pipe',
    folder => {
      const target = pipe(folder)
      return linkTo(target as string)(folder)
    },
    /it is a pipe/,
  ],
  [
    'a socket',
    async folder => {
      const file = join(folder, 'socket')
      const server = createServer().listen(file)
      await new Promise(resolve => server.once('listening', resolve))
      server.unref()
      return file
    },
    /it is a socket/,
  ],
  [
    "a hard link to another program's database",
    async folder => {
      linkSync(await databaseWith('CREATE TABLE notes (a)')(folder), join(folder, 'board.db'))
      return join(folder, 'board.db')
    },
    /another program's database/,
  ],
  [
    "a link to another program's database",
    folder => linkTo(databaseWith('CREATE TABLE notes (a)')(folder) as string)(folder),
    /another program's database/,
  ],
]

/** What stands beside a board's file, in the place of what SQLite keeps there. */
export const HOSTILE_SIBLINGS: readonly (readonly [
  name: string,
  make: (path: string) => void,
  told: RegExp,
])[] = [
  ['a pipe', path => void execFileSync('mkfifo', [path]), /is a pipe/],
  ['a link', path => symlinkSync('/etc/hostname', path), /is a link/],
  ['a link to nothing', path => symlinkSync('/nowhere', path), /is a link/],
  ['a folder', path => void mkdirSync(path), /is a folder/],
]

function textFile(text: string): Make {
  return folder => {
    writeFileSync(join(folder, 'file'), text)
    return join(folder, 'file')
  }
}

function linkTo(target: string): Make {
  return folder => {
    symlinkSync(target, join(folder, 'link.db'))
    return join(folder, 'link.db')
  }
}

function pipe(folder: string): string {
  execFileSync('mkfifo', [join(folder, 'pipe')])
  return join(folder, 'pipe')
}

/** SQLite takes seconds to load these. */
function manyTables(folder: string): string {
  const file = join(folder, 'many.db')
  sqlite(
    file,
    `PRAGMA user_version = 9; CREATE TABLE presence_claims (a); PRAGMA writable_schema = ON; BEGIN;
     WITH RECURSIVE c(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM c WHERE i < 60000)
       INSERT INTO sqlite_schema SELECT 'table', 't' || i, 't' || i, 2, 'CREATE TABLE t' || i || '(a)' FROM c;
     COMMIT`,
    { defensive: false },
  )
  return file
}

/** A journal that makes some versions of SQLite delete the file that it names. */
export function journalNaming(file: string, victim: string): void {
  const magic = Buffer.from('d9d505f920a163d7', 'hex')
  const header = Buffer.alloc(512)
  magic.copy(header)
  for (const [at, value] of [
    [12, 1],
    [16, 1],
    [20, 512],
    [24, 4_096],
  ] as const)
    header.writeUInt32BE(value, at)
  const name = Buffer.from(victim)
  const sum = name.reduce((total, byte) => (total + (byte > 127 ? byte - 256 : byte)) | 0, 0)
  const end = Buffer.alloc(8)
  end.writeUInt32BE(name.length, 0)
  end.writeInt32BE(sum, 4)
  const page = Buffer.alloc(4)
  page.writeUInt32BE(0x40000000 / 4_096 + 1)
  writeFileSync(`${file}-journal`, Buffer.concat([header, page, name, end, magic]))
}
