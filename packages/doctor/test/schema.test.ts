import { migrate } from '@presence/core'
import { diagnose } from '@presence/doctor'
import { describe, expect, it } from 'vitest'
import { STEPS } from '../../../migrations/steps.ts'
import { CLIENT, migrateFurther } from '../../core/test/later.ts'
import { describeEachStore, type TestBoard } from '../../core/test/stores.ts'

const env = { HOME: '/nonexistent', XDG_CONFIG_HOME: '/nonexistent', PRESENCE_SESSION_ID: 'ana' }

const schemaOf = async ({ database }: TestBoard) => {
  const { findings } = await diagnose({ dsn: database, env, cwd: '/' })
  return findings.find(({ check }) => check === 'schema')
}

describeEachStore('a board', store => {
  describe.each([['presence_claims'], ['presence_replays'], ['presence_sessions'], ['presence_locks']])(
    'whose %s was dropped',
    table => {
      it('is reported as broken by doctor, and usable again after a migrate, which lists what it did', async () => {
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

  it('that a newer presence migrated is reported as ok by doctor if this version may still write, with both versions', async () => {
    await using board = await store.newBoard()
    await migrateFurther(board.database, 'adds')
    expect(await schemaOf(board)).toMatchObject({
      status: 'ok',
      message: expect.stringContaining(
        `version ${CLIENT + 1}, for clients from version ${STEPS.at(-1)?.oldestClient}; this presence has ${CLIENT}`,
      ),
    })
  })

  it('that a newer presence migrated is reported as broken by doctor if this version is locked out', async () => {
    await using board = await store.newBoard()
    await migrateFurther(board.database, 'raises')
    expect(await schemaOf(board)).toMatchObject({ status: 'broken', remedy: 'upgrade presence' })
  })
})
