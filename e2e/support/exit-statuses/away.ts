import { type AddressInfo, createServer } from 'node:net'
import { onTestFinished } from 'vitest'
import { freePort } from '../free-port.ts'
import { answering, NO_SERVER_VERBS } from './boards.ts'
import type { Fault } from './fault.ts'

/** Boards that don't answer. */
export const AWAY: Readonly<Record<string, Fault>> = {
  'a database server that refuses connections': {
    nature: 'away',
    code: 'unreachable',
    says: /unreachable at .*: connection refused/,
    hint: /check that the server runs|queued/,
    make: async () => ({ env: { PRESENCE_DSN: `mysql://ana:s3cret@127.0.0.1:${await freePort()}/board` } }),
  },
  'a presence server that refuses connections': {
    nature: 'away',
    code: 'unreachable',
    says: /unreachable at .*: connection refused/,
    hint: /check that the server runs|queued/,
    others: NO_SERVER_VERBS,
    make: async () => ({ env: { PRESENCE_DSN: `http://127.0.0.1:${await freePort()}` } }),
  },
  'a server that hangs': {
    nature: 'away',
    code: 'unreachable',
    says: /unreachable at .*: .*answer/,
    hint: /check that the server runs|queued/,
    make: async () => {
      const server = createServer(() => {}).listen(0, '127.0.0.1')
      await new Promise(resolve => server.once('listening', resolve))
      onTestFinished(() => void server.close())
      return {
        env: { PRESENCE_DSN: `mysql://ana@127.0.0.1:${(server.address() as AddressInfo).port}/board` },
      }
    },
  },
  'a presence server that answers 503': {
    nature: 'away',
    code: 'unreachable',
    says: /answers 503/,
    hint: /check that the server runs|queued/,
    others: NO_SERVER_VERBS,
    make: async () => ({ env: { PRESENCE_DSN: await answering(503, 'unreachable') } }),
  },
  'a presence server whose own database denies it': {
    nature: 'away',
    code: 'unreachable',
    says: /answers 50[03].*denies/,
    hint: /check that the server runs|queued/,
    others: NO_SERVER_VERBS,
    make: async () => ({
      env: { PRESENCE_DSN: await answering(500, 'access_denied', 'the database denies it') },
    }),
  },
  'a TLS connection that can’t be made as asked': {
    nature: 'away',
    code: 'tls_failed',
    says: /TLS with it failed/,
    hint: /check the DSN's host and tls-ca/,
    others: NO_SERVER_VERBS,
    make: async () => ({
      env: { PRESENCE_DSN: (await answering(200, 'none')).replace('http:', 'https:') },
    }),
  },
}
