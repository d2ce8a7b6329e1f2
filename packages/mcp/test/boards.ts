import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { openBoard } from '@presence/core'
import { McpAgent } from '../../../e2e/support/mcp-agent.ts'
import { scratchFolder } from '../../../e2e/support/scratch.ts'

/** Makes a board in a file, with functions to start agents on it and to read and change its rows. */
export function newBoard() {
  const folder = scratchFolder()
  const file = join(folder, 'board.db')
  return {
    as: (session: string, cwd = '/') =>
      McpAgent.start(
        { PRESENCE_DSN: `sqlite:${file}`, PRESENCE_SESSION_ID: session, XDG_STATE_HOME: folder },
        { cwd },
      ),
    resolve: async (session: string, label: string, note: string) => {
      await using board = await openBoard({ dsn: `sqlite:${file}`, session, env: {}, cwd: '/' })
      await board.resolve(label, note)
    },
    /** Claims a label without the checks of the tool. */
    claim: async (session: string, label: string) => {
      await using board = await openBoard({ dsn: `sqlite:${file}`, session, env: {}, cwd: '/' })
      await board.claim(label, { purpose: 'p' })
    },
    query: (sql: string) => {
      const database = new DatabaseSync(file, { timeout: 5_000 })
      try {
        return database.prepare(sql).all()
      } finally {
        database.close()
      }
    },
    run: (sql: string) => {
      const database = new DatabaseSync(file, { timeout: 5_000 })
      database.exec(sql)
      database.close()
    },
  }
}

/** Every string in a value, at any depth. */
export function strings(value: unknown): readonly string[] {
  if (typeof value === 'string') return [value]
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(strings) : []
}
