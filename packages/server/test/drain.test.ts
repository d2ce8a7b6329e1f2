import { connect } from 'node:net'
import { join } from 'node:path'
import { openBoards } from '@presence/core/internal'
import { describe, expect, it, onTestFinished } from 'vitest'
import { presence } from '../../../e2e/support/cli.ts'
import { freePort } from '../../../e2e/support/free-port.ts'
import { Running } from '../../../e2e/support/running.ts'
import { scratchFolder } from '../../../e2e/support/scratch.ts'
import { until } from '../../../e2e/support/until.ts'
import { createApp } from '../src/app.ts'
import type { AddRoutes } from '../src/route.ts'
import { newBoardInFile, startServer } from './support/server.ts'

/** A route that answers only when the test tells it to. */
function slowRoute() {
  let [answer, asked] = [() => {}, 0]
  const going = new Promise<void>(resolve => {
    answer = resolve
  })
  const add: AddRoutes = app => {
    app.get('/test/slow', async c => {
      asked++
      await going
      return c.text('done')
    })
  }
  return { add, answer: () => answer(), asked: () => asked }
}

function isRefused(port: number): Promise<boolean> {
  return new Promise(resolve => {
    const socket = connect(port, '127.0.0.1')
    socket.on('error', () => resolve(true))
    socket.on('connect', () => {
      socket.destroy()
      resolve(false)
    })
  })
}

async function serving(...args: string[]) {
  const dsn = await newBoardInFile()
  const running = new Running(['serve', '--port', '0', '--dsn', dsn, ...args], {})
  onTestFinished(() => running[Symbol.asyncDispose]())
  const line = await running.line(/serving on/)
  return { running, dsn, url: line.replace(/.*(http\S+)/, '$1') }
}

describe('a server that is closing', () => {
  it('accepts no new connections, and finishes running requests', async () => {
    const slow = slowRoute()
    const server = await startServer({ routes: [slow.add] })
    const asked = server.get('/test/slow')
    await until('the request', () => slow.asked() === 1)
    const closed = server.close()
    await until('the port to be closed', () => isRefused(server.port))
    slow.answer()

    const answer = await asked
    expect([answer.status, await answer.text(), answer.headers.get('Connection')]).toEqual([
      200,
      'done',
      'close',
    ])
    await closed
  })

  it('reports that it is not ready', async () => {
    const boards = await openBoards({ dsn: await newBoardInFile(), env: {} })
    onTestFinished(() => boards.close())
    const app = createApp({ boards, version: '0', draining: AbortSignal.abort() })
    const answer = await app.request('/ready')
    expect([answer.status, await answer.json()]).toEqual([
      503,
      { status: 'not_ready', database: 'connected', draining: true },
    ])
  })

  it('exits with 0 after SIGTERM and Ctrl-C, even with event listeners', async () => {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) {
      const { running, url } = await serving()
      const answer = await fetch(`${url}/events`)
      const ended = answer.text()
      const { status, stdout } = await running.end(signal)
      expect([status, stdout.split('\n').length]).toEqual([0, 2])
      expect(await ended).toMatch(/event: closing\n/)
    }
  })

  it('exits at once on a second signal, even with running requests', async () => {
    const { running, url } = await serving()
    const port = Number(new URL(url).port)
    const socket = connect(port, '127.0.0.1')
    onTestFinished(() => void socket.destroy())
    socket.on('error', () => {})
    // The body never comes, so this request runs for as long as a client may take.
    socket.write(
      `POST /health HTTP/1.1\r\nHost: localhost:${port}\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{`,
    )
    await until('an answer', async () => (await fetch(`${url}/health`)).status === 200)
    const first = running.end('SIGTERM')
    await until('the port to be closed', () => isRefused(port))
    void running.end('SIGTERM')
    // The second signal killed the process, so there is no exit status.
    expect((await first).status).toBeNull()
  })
})

describe('presence serve', () => {
  it('says what is wrong with its options, and what to do', async () => {
    const { url, dsn } = await serving()
    const taken = new URL(url).port
    const free = `${await freePort()}`
    const cases = [
      [['--port', taken], 3, /something listens on 127\.0\.0\.1:\d+ already/],
      [['--port', free, '--host', '192.0.2.1', '--token-file', '/nonexistent'], 2, /token file/],
      [['--port', free, '--host', '0.0.0.0'], 2, /--token-file|presence token add/],
      [['--port', '70000'], 2, /a port is 0 to 65535/],
      [['--port', free, '--log', 'xml'], 2, /text, json, none/],
      [['--port', free, '--rate-limit', 'many'], 2, /a limit is/],
    ] as const
    for (const [args, status, said] of cases) {
      const result = await presence(['serve', '--dsn', dsn, ...args])
      expect([args, result.status]).toEqual([args, status])
      expect(result.stderr).toMatch(said)
      expect(result.stdout).toBe('')
    }
    const file = join(scratchFolder(), 'tokens')
    await presence(['token', 'add', 'ana', '--as', '*', '--file', file])
    const notHere = await presence([
      'serve',
      '--dsn',
      dsn,
      '--port',
      free,
      '--host',
      '192.0.2.1',
      '--token-file',
      file,
    ])
    expect([notHere.status, notHere.stderr]).toEqual([
      2,
      expect.stringMatching(/192\.0\.2\.1 is not an address of this machine/),
    ])
  })

  it('logs a line for each request in the given format, or nothing', async () => {
    const { running, url } = await serving('--log', 'json')
    await fetch(`${url}/health?secret=x`)
    const line = await until('the line', () =>
      running.stderr.split('\n').find(each => each.includes('"request"')),
    )
    expect(JSON.parse(line)).toMatchObject({
      event: 'request',
      method: 'GET',
      route: '/health',
      status: 200,
      token: null,
    })
    expect(running.stderr).not.toContain('secret')
    const quiet = await serving('--log', 'none')
    await fetch(`${quiet.url}/health`)
    expect((await quiet.running.end()).stderr).toBe('')
  })

  it('accepts the tokens that presence token adds, until they are removed', async () => {
    const file = join(scratchFolder(), 'deep/tokens')
    const token = (...args: string[]) => presence(['token', ...args, '--file', file])
    const added = await token('add', 'ana', '--as', 'ana@*', 'ci-*')
    expect(added.status).toBe(0)
    expect(added.stdout).toMatch(/^presence_[\w-]{43}\n$/)
    expect((await token('add', 'ana', '--as', 'x')).status).toBe(2)
    expect((await token('add', 'bob')).stdout).toMatch(/^presence_[\w-]{43}\n$/)
    const { url } = await serving('--token-file', file)
    const ask = async () =>
      (await fetch(`${url}/metrics`, { headers: { Authorization: `Bearer ${added.stdout.trim()}` } })).status
    expect((await fetch(`${url}/metrics`)).status).toBe(401)
    expect(await ask()).toBe(200)
    expect((await token('list')).stdout).toBe('ana  ana@*  ci-*\nbob  its own sessions\n')
    expect(JSON.parse((await token('list', '--json')).stdout)).toMatchObject([
      { name: 'ana', as: ['ana@*', 'ci-*'] },
      { name: 'bob', as: null },
    ])
    expect((await token('remove', 'ana')).stdout).toBe('presence: removed the token ana\n')
    expect((await token('remove', 'ana')).status).toBe(2)
    await until('the end of the token', async () => (await ask()) === 401)
  })
})
