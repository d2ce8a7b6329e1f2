import { tmpdir } from 'node:os'
import { Deadline } from '@presence/core/internal'
import { diagnose, type Finding } from '@presence/doctor'
import { expect, it } from 'vitest'
import { describeEachStore, storeOf } from '../../core/test/stores.ts'

const env = {
  HOME: '/nonexistent',
  XDG_CONFIG_HOME: '/nonexistent',
  // An outbox that could not be created would be a finding.
  XDG_STATE_HOME: tmpdir(),
  PRESENCE_SESSION_ID: 'ana',
}

/** Findings other than ok, as `status check`. */
function amiss(findings: readonly Finding[]): readonly string[] {
  return findings.filter(({ status }) => status !== 'ok').map(({ status, check }) => `${status} ${check}`)
}

describeEachStore('a diagnosis', store => {
  it('finds no fault with a migrated board in use, and changes nothing on it', async () => {
    await using board = await store.newBoard()
    await (await board.as('ana')).claim('node:a', { purpose: 'p' })
    const before = await board.rows()

    const { findings, broken } = await diagnose({ dsn: board.dsn, env, cwd: '/' })

    // A server that doesn't run in UTC matters only to clients of the 8-column table, so it is only a note.
    const odd = store.name === 'mariadb-odd' ? ['note zone'] : []
    expect(amiss(findings)).toEqual(odd)
    expect(broken).toBe(0)
    expect(await board.rows()).toEqual(before)
  })

  it('counts live claims, lapsed claims and claims that can be pruned', async () => {
    await using board = await store.newBoard()
    // Writes directly to the store: a claim through a board may prune what is due.
    const raw = await storeOf(board)
    const session = { id: 'ana', user: 'u', host: 'h', agent: 'a' }
    const put = (label: string, ttlSeconds: number) =>
      raw.put({ session, label, purpose: 'p', ttlSeconds }, 'key-of-ana', Deadline.after(5_000))
    await put('node:old', 1)
    await board.age(86_402)
    await put('node:lapsed', 1)
    await board.age(2)
    await put('node:live', 900)
    await raw.close()

    const { findings } = await diagnose({ dsn: board.database, env, cwd: '/' })

    expect(findings.find(({ check }) => check === 'room')?.message).toMatch(
      /^3 shared claims: 1 live, 2 lapsed, 1 of/,
    )
  })

  it('names the rule that determined the session, and reports an invalid id as broken', async () => {
    await using board = await store.newBoard()
    const by = async (session?: string) => {
      const options = session === undefined ? {} : { session }
      const { findings } = await diagnose({ dsn: board.dsn, env, cwd: '/', ...options })
      return findings.find(({ check }) => check === 'identity')
    }
    expect(await by()).toMatchObject({
      status: 'ok',
      message: expect.stringContaining('PRESENCE_SESSION_ID'),
    })
    expect(await by('bob')).toMatchObject({ status: 'ok', message: expect.stringContaining('--session') })
    expect(await by('a\nb')).toMatchObject({ status: 'broken', remedy: expect.any(String) })
  })

  it('gives every finding that isn’t ok a remedy', async () => {
    await using board = await store.newBoard()
    const dsns = [
      board.dsn,
      'nothing',
      'mysql://ana:s3cret@127.0.0.1:1/board',
      'http://127.0.0.1:1',
      'sqlite:/proc/board.db',
    ]
    for (const dsn of dsns) {
      const { findings } = await diagnose({ dsn, session: ' ', env, cwd: '/' })
      expect(findings.length).toBeGreaterThan(3)
      for (const finding of findings)
        expect(finding.status === 'ok', JSON.stringify(finding)).toBe(finding.remedy === undefined)
      expect(JSON.stringify(findings)).not.toContain('s3cret')
    }
  })
})
