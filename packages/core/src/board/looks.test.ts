import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, it, onTestFinished } from 'vitest'
import type { Change } from '../domain/change.ts'
import { API_VERSION } from '../remote/headers.ts'
import { openBoard } from './open-board.ts'

const NOW = Date.parse('2030-01-02T03:04:05Z')
const claimOn = (label: string) => ({
  resource_label: label,
  session_id: 'eve',
  user: 'u',
  host: 'h',
  agent_name: 'cli',
  mode: 'shared',
  token: null,
  purpose: 'p',
  claimed_at: new Date(NOW).toISOString(),
  expires_at: new Date(NOW + 900_000).toISOString(),
  ttl_seconds: 900,
})

/** A server from before `events_since` existed: it ignores that key and returns the live claims. */
async function olderServer(labels: () => readonly string[]): Promise<string> {
  let looks = 0
  const server = createServer((_, response) => {
    const as_of = new Date(NOW + ++looks * 500).toISOString()
    response
      .writeHead(200, { 'presence-version': '0.1.0', 'presence-api': String(API_VERSION) })
      .end(JSON.stringify({ ok: true, as_of, claims: labels().map(claimOn) }))
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

it('a watch on a server without events compares the live claims, and reports a release at once', async () => {
  let labels = ['node:a']
  const dsn = await olderServer(() => labels)
  const env = { HOME: '/nonexistent', XDG_CONFIG_HOME: '/nonexistent' }
  await using board = await openBoard({ dsn, session: 'ana', env, cwd: '/', deadlineMs: 20_000 })
  const changes = board.watch({ everyMs: 10 })[Symbol.asyncIterator]()
  const next = async () => {
    const { value } = (await changes.next()) as { value: Change }
    return 'claim' in value ? `${value.event} ${value.claim.label}` : value.event
  }
  expect([await next(), await next()]).toEqual(['known', 'present node:a'])
  labels = ['node:b']
  expect([await next(), await next()].toSorted()).toEqual(['claimed node:b', 'released node:a'])
  await changes.return?.()
})
