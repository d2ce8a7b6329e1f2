import { rmSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import { openBoard } from '@presence/core'
import mysql from 'mysql2/promise'
import { expect, it } from 'vitest'
import { scratchFolder } from '../../../e2e/support/scratch.ts'
import { describeEachEngine, newBoardOn } from '../../../e2e/support/servers.ts'
import { accepted, holders } from './answers.ts'
import { describeEachStore, type TestBoard } from './stores.ts'

const COLUMNS = '(session_id, resource_label, purpose, claimed_at, expires_at, host, user, agent_name)'

/** Writes a row that no client of this code would write. */
async function write(board: TestBoard, values: string): Promise<void> {
  const insert = `INSERT INTO presence_claims ${COLUMNS} VALUES (${values})`
  if (board.database.startsWith('sqlite:')) {
    using db = new DatabaseSync(board.database.slice('sqlite:'.length))
    db.exec(insert)
    return
  }
  const connection = await mysql.createConnection({ uri: board.database })
  await connection.query(`SET sql_mode = '', autocommit = 1`)
  await connection.query(insert)
  connection.destroy()
}

describeEachStore('a row that another client wrote', store => {
  it('with invalid times is shown, and hides no other session’s row', async () => {
    await using board = await store.newBoard()
    const isFile = board.database.startsWith('sqlite:')
    const [zero, far] = isFile
      ? ['-9e15', '9007199254740993']
      : [`'0000-00-00 00:00:00'`, `'9999-12-31 23:59:59.999'`]
    await (await board.as('ana')).claim('node:a', { purpose: 'p' })
    await write(board, `'odd', 'node:a', 'p', ${zero}, ${far}, 'h', 'u', NULL`)
    const bob = await board.as('bob')

    expect(holders(accepted(await bob.list()).claims).toSorted()).toEqual(['ana', 'odd'])
    expect(holders(accepted(await bob.claim('node:a', { purpose: 'p' })).others).toSorted()).toEqual([
      'ana',
      'odd',
    ])
    const odd = await board.as('odd')
    expect((await odd.heartbeat()).mine).toHaveLength(1)
    expect(accepted(await odd.release('node:a')).released).toHaveLength(1)
  })

  it('with a label that would be refused is listed as it is', async () => {
    await using board = await store.newBoard()
    const now = board.database.startsWith('sqlite:') ? `unixepoch() * 1000` : 'UTC_TIMESTAMP(3)'
    const end = board.database.startsWith('sqlite:')
      ? `unixepoch() * 1000 + 900000`
      : 'DATE_ADD(UTC_TIMESTAMP(3), INTERVAL 900 SECOND)'
    await write(board, `'old', 'no kind at all', 'p', ${now}, ${end}, 'h', 'u', NULL`)

    const { claims } = accepted(await (await board.as('ana')).list())

    expect(claims).toMatchObject([{ label: 'no kind at all', session: { agent: '' }, ttlSeconds: 900 }])
  })
})

it('G1: a board whose file was replaced while it was open continues with the new file', async () => {
  // The folder is deleted after the test, because a board that closes later would leave its last files
  // behind.
  const folder = scratchFolder()
  const dsn = `sqlite:${folder}/board/board.db`
  await using ana = await openBoard({ dsn, session: 'ana', env: {} })
  await ana.claim('node:a', { purpose: 'p' })
  rmSync(`${folder}/board`, { recursive: true })
  await using bob = await openBoard({ dsn, session: 'bob', env: {} })
  await bob.claim('node:b', { purpose: 'p' })

  expect(holders(accepted(await ana.claim('node:b', { purpose: 'p' })).others)).toEqual(['bob'])
})

describeEachEngine('one session’s commands at once on one label', engine => {
  it('all succeed: a lost race is repeated', async () => {
    const { dsn } = await newBoardOn(engine.port)
    const boards = await Promise.all(
      Array.from({ length: 8 }, () =>
        openBoard({ dsn, session: 'ana', env: {}, outbox: false, deadlineMs: 20_000 }),
      ),
    )
    for (let round = 0; round < 10; round++) {
      const said = await Promise.all(boards.map(board => board.claim('node:a', { purpose: 'p' })))
      expect(said.map(each => each.ok)).toEqual(Array(8).fill(true))
    }
    await Promise.all(boards.map(board => board.close()))
  })
})
