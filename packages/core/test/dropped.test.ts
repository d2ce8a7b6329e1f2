import { diagnose, migrate } from '@presence/core'
import { describe, expect, it } from 'vitest'
import { describeEachStore, type TestBoard } from './stores.ts'

const env = { HOME: '/nonexistent', XDG_CONFIG_HOME: '/nonexistent', PRESENCE_SESSION_ID: 'ana' }

const schemaOf = async ({ database }: TestBoard) => {
  const { findings } = await diagnose({ dsn: database, env, cwd: '/' })
  return findings.find(({ check }) => check === 'schema')
}

describeEachStore('a board', store => {
  describe.each([['presence_claims'], ['presence_replays'], ['presence_sessions'], ['presence_locks']])(
    'whose %s was dropped',
    table => {
      it('is broken for doctor, and usable again after a migrate, which lists what it did', async () => {
        await using board = await store.newBoard()
        const { present } = await migrate({ dsn: board.database, env, dryRun: true })
        await board.drop(table)

        expect(await schemaOf(board)).toMatchObject({
          status: 'broken',
          message: expect.stringContaining(table),
          remedy: 'run: presence migrate',
        })
        const would = await migrate({ dsn: board.database, env, dryRun: true })
        expect(would).toMatchObject({ present, applied: [], prepared: [expect.stringContaining(table)] })
        expect(await schemaOf(board)).toMatchObject({ status: 'broken' })
        expect(await migrate({ dsn: board.database, env })).toEqual(would)

        expect(await schemaOf(board)).toMatchObject({ status: 'ok' })
        const ana = await board.as('ana')
        expect(await ana.claim('node:a', { purpose: 'p', ttl: 120 })).toMatchObject({ ok: true })
        expect(await migrate({ dsn: board.database, env })).toMatchObject({
          present,
          applied: [],
          prepared: [],
        })
        expect(await board.rows()).toMatchObject([{ resource_label: 'node:a', ttl_seconds: 120 }])
      })
    },
  )

  it('without its claims table points every verb to migrate', async () => {
    await using board = await store.newBoard()
    await board.drop('presence_claims')
    const ana = await board.as('ana')
    const verbs = [() => ana.claim('node:a', { purpose: 'p' }), () => ana.heartbeat(), () => ana.list()]
    for (const verb of verbs)
      await expect(verb()).rejects.toMatchObject({
        code: 'schema_missing',
        remedy: expect.stringContaining('presence migrate'),
      })
  })
})
