import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { presence } from '../cli.ts'
import { newDatabaseName } from '../dolt.ts'
import { freePort } from '../free-port.ts'
import { mariadb } from '../mariadb.ts'
import { canForbidConnect, withoutConnect, withReadOnly } from '../sandbox.ts'
import { scratchFolder } from '../scratch.ts'
import { newBoardOn } from '../servers.ts'
import { account, answering, boardOfRoot, NO_SERVER_VERBS, onMariadb } from './boards.ts'
import type { Fault } from './fault.ts'

const isRoot = process.getuid?.() === 0
const NOBODY = 65_534
const hasServer = mariadb !== undefined

/** Boards that can't be used until somebody fixes something. */
export const TO_FIX: Readonly<Record<string, Fault>> = {
  'a malformed DSN': {
    nature: 'fix',
    code: 'invalid_dsn',
    says: /the DSN has no scheme/,
    hint: /mysql:\/\//,
    make: () => ({ env: { PRESENCE_DSN: 'board' } }),
  },
  'a malformed config file': {
    nature: 'fix',
    code: 'invalid_config',
    says: /unknown key "dns"/,
    hint: /its keys are/,
    make: () => ({ env: {}, config: '{"dns": "x"}' }),
  },
  'a project’s board that this user hasn’t trusted': {
    nature: 'fix',
    code: 'untrusted',
    says: /trusted/,
    hint: /presence trust/,
    make: () => ({ env: {}, config: '{"dsn": "mysql://presence@db.example/presence"}' }),
  },
  'a wrong password': {
    nature: 'fix',
    code: 'access_denied',
    says: /denies access: wrong user or password/,
    hint: /check user and password/,
    when: hasServer,
    make: async () => {
      const { name, where } = await account()
      return { env: { PRESENCE_DSN: `mysql://${name}:wrong@${where}` } }
    },
  },
  'no password': {
    nature: 'fix',
    code: 'access_denied',
    says: /denies access: no password was given/,
    hint: /set PRESENCE_PASSWORD_FILE/,
    when: hasServer,
    make: async () => {
      const { name, where } = await account()
      return { env: { PRESENCE_DSN: `mysql://${name}@${where}` } }
    },
  },
  'a server that answers 401': {
    nature: 'fix',
    code: 'access_denied',
    says: /denies access/,
    hint: /PRESENCE_SERVER_TOKEN/,
    others: NO_SERVER_VERBS,
    make: async () => ({ env: { PRESENCE_DSN: await answering(401, 'unauthorized') } }),
  },
  'a server that answers 403': {
    nature: 'fix',
    code: 'access_denied',
    says: /denies access/,
    hint: /ask/,
    others: NO_SERVER_VERBS,
    make: async () => ({ env: { PRESENCE_DSN: await answering(403, 'forbidden') } }),
  },
  'a database without a board': {
    nature: 'fix',
    code: 'schema_missing',
    says: /has no (tables|schema) yet|missing: there is no board/,
    hint: /presence migrate/,
    when: hasServer,
    // It is the remedy.
    others: { migrate: 0 },
    make: async () => {
      const database = newDatabaseName()
      await onMariadb(connection => connection.query(`CREATE DATABASE ${database}`))
      return { env: { PRESENCE_DSN: `mysql://root@127.0.0.1:${mariadb?.port}/${database}` } }
    },
  },
  'a board of an older schema': {
    nature: 'fix',
    code: 'schema_older',
    says: /has schema version \d+; this presence needs|older than this presence/,
    hint: /presence migrate/,
    when: hasServer,
    others: { migrate: 0 },
    make: async () => {
      const { dsn, database } = await newBoardOn(mariadb?.port ?? 0)
      await onMariadb(connection =>
        connection.query(`DELETE FROM ${database}.presence_migrations ORDER BY version DESC LIMIT 1`),
      )
      return { env: { PRESENCE_DSN: dsn } }
    },
  },
  'a board of a newer schema': {
    nature: 'fix',
    code: 'schema_newer',
    says: /schema version 98|newer than this presence/,
    hint: /upgrade presence/,
    make: async () => {
      const file = join(scratchFolder(), 'board.db')
      await presence(['list'], { env: { PRESENCE_DSN: `sqlite:${file}` } })
      const db = new DatabaseSync(file)
      db.exec('PRAGMA user_version = 99')
      db.close()
      return { env: { PRESENCE_DSN: `sqlite:${file}` } }
    },
  },
  'a board’s file that may not be written': {
    nature: 'fix',
    code: 'read_only',
    says: /is read-only/,
    hint: /./,
    when: isRoot,
    make: async () => ({ env: { PRESENCE_DSN: `sqlite:${await boardOfRoot(0o444)}` }, uid: NOBODY }),
  },
  'a board’s file that may not be read': {
    nature: 'fix',
    code: 'not_writable',
    says: /can't be opened: the mode of board\.db is 600/,
    hint: /ask its owner/,
    when: isRoot,
    make: async () => ({ env: { PRESENCE_DSN: `sqlite:${await boardOfRoot(0o600)}` }, uid: NOBODY }),
  },
  'a file that is no board': {
    nature: 'fix',
    code: 'damaged',
    says: /not an SQLite file/,
    hint: /name another file/,
    make: () => {
      const file = join(scratchFolder(), 'notes.txt')
      writeFileSync(file, 'my notes '.repeat(100))
      return { env: { PRESENCE_DSN: `sqlite:${file}` } }
    },
  },
  'a sandbox that forbids connections': {
    nature: 'fix',
    code: 'sandboxed',
    says: /Codex's sandbox doesn't let this process connect to the board .*\(EPERM\)/,
    hint: /MCP tools.*network_access = true/,
    when: canForbidConnect,
    make: async () => ({
      env: {
        PRESENCE_DSN: `mysql://ana@127.0.0.1:${await freePort()}/board`,
        CODEX_SANDBOX_NETWORK_DISABLED: '1',
      },
      inside: withoutConnect,
    }),
  },
  'a sandbox in which the home is read-only': {
    nature: 'fix',
    code: 'sandboxed',
    says: /Codex's sandbox doesn't let this process write the board .*\(EROFS\)/,
    hint: /MCP tools.*writable_roots = \["\//,
    when: isRoot,
    make: () => {
      const folder = scratchFolder()
      return {
        env: { PRESENCE_DSN: `sqlite:${folder}/state/board.db`, CODEX_THREAD_ID: 't' },
        inside: withReadOnly(folder),
      }
    },
  },
}
