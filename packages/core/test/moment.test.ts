import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { openBoard } from '@presence/core'
import { expect, it } from 'vitest'
import { accepted } from './answers.ts'

/** This many shared claims are read before the exclusive ones, which takes some hundredths of a second. */
const SHARED = 20_000
/** One exclusive claim ends in every hundredth of a second from now on. */
const EXCLUSIVE = 2_000

/** Copies the only row of a table, with other values where they are given. `n` counts from 1. */
function copies(
  db: DatabaseSync,
  table: string,
  many: number,
  values: Readonly<Record<string, string>>,
): void {
  const names = db
    .prepare('SELECT name FROM pragma_table_info(?)')
    .all(table)
    .map(({ name }) => String(name))
  db.exec(`
    WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < ${many})
    INSERT INTO ${table} (${names.join(', ')})
    SELECT ${names.map(name => values[name] ?? name).join(', ')} FROM (SELECT * FROM ${table} LIMIT 1) CROSS JOIN numbers`)
}

it('G2: a read of a file shows what is live at its own time, and nothing else, however long it takes', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'presence-moment-'))
  try {
    const file = join(folder, 'board.db')
    const as = (session: string) =>
      openBoard({ session, env: { HOME: folder }, cwd: '/', dsn: `sqlite://${file}` })
    await using ana = await as('ana')
    await using bob = await as('bob')
    accepted(await ana.claim('node:a', { purpose: 'p', ttl: 3600 }))
    accepted(await bob.claimExclusively('node:b', { purpose: 'p', ttl: 3600 }))
    const db = new DatabaseSync(file)
    copies(db, 'presence_claims', SHARED, { session_id: "'s' || n" })
    copies(db, 'presence_claims', EXCLUSIVE, { session_id: "'ana'", resource_label: "'node:' || n" })
    copies(db, 'presence_locks', EXCLUSIVE, {
      resource_label: "'node:' || n",
      expires_at: "CAST(unixepoch('subsec') * 1000 AS INTEGER) + n * 10",
    })
    const locks = db
      .prepare("SELECT expires_at AS at FROM presence_locks WHERE resource_label <> 'node:b'")
      .all()
    db.close()
    for (let round = 0; round < 5; round++) {
      const { coClaims, asOf } = accepted(await ana.list({ mine: true }))
      const exclusive = coClaims.flatMap(({ others }) => others.filter(({ token }) => token !== undefined))
      const live = locks.map(({ at }) => Number(at)).filter(at => at > asOf.getTime())
      expect(live.length, 'some are left').toBeGreaterThan(0)
      expect(exclusive.map(({ expiresAt }) => expiresAt.getTime()).toSorted((a, b) => a - b)).toEqual(live)
    }
  } finally {
    rmSync(folder, { recursive: true })
  }
})
