import { KINDS } from '@presence/core'
import { quickList } from '@presence/core/internal'
import { expect, it } from 'vitest'
import { describeEachStore } from './stores.ts'

const env = { HOME: '/nonexistent', XDG_CONFIG_HOME: '/nonexistent' }

describeEachStore('a quick list', store => {
  it('returns the live claims, the kinds and the session’s id', async () => {
    await using board = await store.newBoard()
    await (await board.as('ana')).claim('node:a', { purpose: 'p' })

    const seen = await quickList({ dsn: board.dsn, session: 'bob', env, cwd: '/', deadlineMs: 20_000 })

    expect(seen).toMatchObject({ kinds: KINDS, sessionId: 'bob', claims: [{ label: 'node:a' }] })
  })

  it('G6: returns unknown, not empty, and never fails, if the board gives no answer', async () => {
    for (const dsn of ['mysql://127.0.0.1:1/board', 'nothing'])
      expect(await quickList({ dsn, session: 'bob', env, cwd: '/' })).toMatchObject({ claims: undefined })
    await using board = await store.newBoard()
    expect(await quickList({ dsn: board.dsn, session: '', env, cwd: '/' })).toMatchObject({
      claims: undefined,
    })
  })
})
