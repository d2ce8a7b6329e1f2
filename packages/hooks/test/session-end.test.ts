import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { createServer, type Server } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openBoard } from '@presence/core'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { hook, ONE_FILE } from './hook-process.ts'

const NODE = join(import.meta.dirname, '../../../node_modules/node/bin/node')

let home: string
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'presence-hook-home-'))
})
afterEach(() => rmSync(home, { recursive: true, force: true }))

/** Ends a session with a Node that takes this long to start, as on a busy machine. */
async function end(dsn: string, startMs: number): Promise<void> {
  const bin = join(home, 'bin')
  mkdirSync(bin, { recursive: true })
  writeFileSync(join(bin, 'slow.cjs'), `const end = Date.now() + ${startMs}; while (Date.now() < end);`)
  writeFileSync(join(bin, 'node'), `#!/bin/sh\nexec '${NODE}' --require '${bin}/slow.cjs' "$@"\n`)
  chmodSync(join(bin, 'node'), 0o755)
  const { status } = await hook({
    args: ['SessionEnd'],
    input: JSON.stringify({ session_id: 's1', cwd: '/', reason: 'other' }),
    env: { HOME: home, PATH: `${bin}:/usr/bin:/bin`, PRESENCE_DSN: dsn },
    launcher: ONE_FILE,
    killedAfterMs: 5_000,
  })
  expect(status).toBe(0)
}

function queued(): string {
  const folder = join(home, '.local/state/presence/queue')
  if (!existsSync(folder)) return ''
  return readdirSync(folder)
    .filter(name => name.endsWith('.jsonl'))
    .map(name => readFileSync(join(folder, name), 'utf8'))
    .join('')
}

/** A server that accepts connections and never answers. */
async function listening(): Promise<{ readonly server: Server; readonly dsn: string }> {
  const server = createServer(() => {}).listen(0, '127.0.0.1')
  await new Promise(resolve => server.once('listening', resolve))
  const address = server.address()
  return { server, dsn: `mysql://u@127.0.0.1:${typeof address === 'object' && address ? address.port : 0}/p` }
}

describe.each([0, 300, 700, 1_100])(
  'the release of a session that ends, with a Node that starts %i ms late,',
  ms => {
    it('is made on a board in a file', async () => {
      const dsn = `sqlite:${home}/board.db`
      await using mine = await openBoard({ dsn, session: 's1', env: {} })
      await mine.claim('node:a', { purpose: 'p' })
      await end(dsn, ms)
      expect((await mine.heartbeat()).mine).toEqual([])
    })

    it('goes into the outbox if the server hangs', async () => {
      const { server, dsn } = await listening()
      await end(dsn, ms)
      expect(queued()).toMatch(/"verb":"release"/)
      server.close()
    })

    it('goes into the outbox if nothing listens', async () => {
      await end('mysql://u@127.0.0.1:1/p', ms)
      expect(queued()).toMatch(/"verb":"release"/)
    })
  },
)
