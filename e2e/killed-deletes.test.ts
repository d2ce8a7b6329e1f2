import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type mysql from 'mysql2/promise'
import { expect, it } from 'vitest'
import { fill } from '../packages/core/src/store/mysql/literal.ts'
import { claimsSql, outboxSql } from '../packages/core/src/store/mysql/sql/claims.ts'
import { historySql } from '../packages/core/src/store/mysql/sql/history.ts'
import { SCHEMA } from '../packages/core/src/store/mysql/sql/terms.ts'
import { describeEachEngine, newBoardOn } from './support/servers.ts'
import { SqlServer } from './support/sql-server.ts'

/**
 * How many deletes must fail because they were killed. On MariaDB, for 46 deletes from one table alone that fail,
 * one gives no error and deletes nothing.
 */
const KILLED = { MariaDB: 600, Dolt: 30 }

const DELETES = {
  'of all claims of a session': claimsSql.removeAll,
  'of a claim': claimsSql.remove,
  'of a claim none of whose writes is left': claimsSql.removeUnclaimed,
  'of a lapsed claim, in a resolution': historySql.resolve[4],
  'of a claim, replayed from the outbox': outboxSql.apply.release[1],
  'of all claims of a session, replayed from the outbox': outboxSql.apply.releaseAll[1],
}

const CLAIM = `INSERT IGNORE INTO presence_claims
  (session_id, resource_label, purpose, claimed_at, expires_at, host, user, ttl_seconds, write_keys)
  VALUES ('ana', 'node:a', 'p', UTC_TIMESTAMP(3), UTC_TIMESTAMP(3) + INTERVAL 1 DAY, 'h', 'u', 900, '')`

const LATER = '9999-01-01 00:00:00'

/** Ends a connection's running statement, again and again. */
function killing(by: mysql.Connection, id: number) {
  let isOver = false
  const loop = (async () => {
    while (!isOver) {
      await by.query(`KILL QUERY ${id}`)
      await new Promise(resolve => setTimeout(resolve, Math.random()))
    }
  })()
  return {
    [Symbol.asyncDispose]: async () => {
      isOver = true
      await loop
    },
  }
}

describeEachEngine('G2: a release whose query is killed', engine => {
  it.each(Object.entries(DELETES))('%s either fails or has deleted everything', async (_, statement) => {
    const { database } = await newBoardOn(engine.port)
    const connect = () => SqlServer.connectTo(engine.port, { database })
    const [own, other, killer] = [await connect(), await connect(), await connect()]
    const values = { session_id: 'ana', resource_label: 'node:a', said_at: LATER, as_of: LATER, ...SCHEMA }
    const sql = fill(statement ?? '', values)
    const done = { deleted: 0, failed: 0, 'neither failed nor deleted': 0 }
    {
      await using _ = killing(killer, own.threadId ?? 0)
      // Which ends first is chance: on a busy machine it is seldom the delete.
      while (done.failed < KILLED[engine.name] || done.deleted === 0) {
        await other.query(CLAIM)
        const error = await own.query(sql).then(
          () => undefined,
          (thrown: unknown) => thrown,
        )
        const [[left]] = await other.query<mysql.RowDataPacket[][]>(
          'SELECT COUNT(*) AS many FROM presence_claims',
        )
        const isThere = Number((left as unknown as { many: number }).many) > 0
        done[error ? 'failed' : isThere ? 'neither failed nor deleted' : 'deleted']++
      }
    }
    for (const connection of [own, other, killer]) connection.destroy()
    expect(done['neither failed nor deleted']).toBe(0)
  })
})

it('a delete that joins no second table always has a limit, like the deletes of pruning, on which no answer depends', () => {
  const folder = join(import.meta.dirname, '../packages/core/src/store/mysql/sql')
  const text = readdirSync(folder)
    .map(file => readFileSync(join(folder, file), 'utf8'))
    .join('\n')
  const deletes = [...text.matchAll(/`\s*DELETE FROM [^`]*`/g)].map(([sql]) => sql)
  expect(deletes.length).toBeGreaterThan(0)
  expect(deletes.filter(sql => !sql.includes('LIMIT :rows'))).toEqual([])
})
