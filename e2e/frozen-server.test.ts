import { migrate, openBoard } from '@presence/core'
import { expect, it } from 'vitest'
import { PresenceServer } from './support/presence-server.ts'
import { scratchFolder } from './support/scratch.ts'

it('a server that was frozen makes no call of a client that gave up meanwhile', async () => {
  const dsn = `sqlite:${scratchFolder()}/board.db`
  await migrate({ dsn, env: {} })
  await using server = await PresenceServer.start(dsn)
  await using ana = await openBoard({ dsn: server.url, session: 'ana', outbox: false, deadlineMs: 1_000 })
  await ana.claim('node:held', { purpose: 'p' })

  server.freeze()
  const given = await Promise.allSettled([
    ana.claim('node:shared', { purpose: 'p' }),
    ana.claimExclusively('node:exclusive', { purpose: 'p' }),
    ana.release('node:held'),
  ])
  server.thaw()
  expect(given.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected'])

  // The server reads its connections in the order in which they came, so it has dealt with the earlier ones.
  await using bob = await openBoard({ dsn: server.url, session: 'bob', outbox: false, deadlineMs: 20_000 })
  const said = await bob.list()
  expect(said.ok && said.claims.map(({ label }) => label)).toEqual(['node:held'])
  const log = await bob.log()
  expect(log.ok && log.events.map(({ event, label }) => `${event} ${label}`)).toEqual(['claim node:held'])
})
