import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { PRESENCE, presence } from '../../../e2e/support/cli.ts'
import { McpAgent } from '../../../e2e/support/mcp-agent.ts'
import { scratchFolder } from '../../../e2e/support/scratch.ts'
import { until } from '../../../e2e/support/until.ts'

const ONE_FILE = join(import.meta.dirname, '../../../dist/presence')

const HELLO = {
  jsonrpc: '2.0',
  id: 1,
  method: 'initialize',
  params: { protocolVersion: '2025-06-18', capabilities: {}, clientInfo: { name: 'raw', version: '1' } },
}
const LIST = { jsonrpc: '2.0', id: 2, method: 'tools/call', params: { name: 'list', arguments: {} } }

/** Starts the server as a bare process and collects its output. */
function start(folder: string, command = PRESENCE) {
  const { PATH } = process.env
  const child = spawn(command, ['mcp'], {
    env: { PATH, HOME: folder, PRESENCE_DSN: `sqlite:${folder}/board.db`, PRESENCE_SESSION_ID: 'ana' },
    cwd: folder,
  })
  let [stdout, stderr] = ['', '']
  child.stdout.setEncoding('utf8').on('data', text => {
    stdout += text
  })
  child.stderr.setEncoding('utf8').on('data', text => {
    stderr += text
  })
  return {
    child,
    send: (...messages: readonly (object | string)[]) =>
      child.stdin.write(
        messages.map(each => `${typeof each === 'string' ? each : JSON.stringify(each)}\n`).join(''),
      ),
    answer: (id: number) =>
      until(`an answer to ${id} in ${stdout}${stderr}`, () =>
        lines().find(({ id: answered }) => answered === id),
      ),
    lines,
    stderr: () => stderr,
  }

  /** @throws if standard output contains anything but messages */
  function lines() {
    return stdout
      .split('\n')
      .slice(0, -1)
      .map(line => JSON.parse(line))
  }
}

async function ended(child: ChildProcess): Promise<number | null> {
  if (child.exitCode !== null || child.signalCode !== null) return child.exitCode
  const [status] = await once(child, 'exit')
  return status
}

describe('presence mcp', () => {
  it.each([
    ['the command', PRESENCE],
    ['the command of one file', ONE_FILE],
  ])(
    '%s writes nothing but messages to standard output, and exits when standard input ends',
    async (_, command) => {
      const server = start(scratchFolder(), command)
      server.send(HELLO, LIST)
      expect(await server.answer(1)).toMatchObject({ result: { serverInfo: { name: 'presence' } } })
      expect(await server.answer(2)).toMatchObject({ result: { structuredContent: { claims: [] } } })
      server.child.stdin.end()
      expect(await ended(server.child)).toBe(0)
      expect(server.lines()).toHaveLength(2)
      expect(server.stderr()).toBe('')
    },
  )

  it.each(['SIGTERM', 'SIGINT'] as const)(
    'exits on %s and keeps its claims until they expire',
    async signal => {
      const folder = scratchFolder()
      const server = start(folder)
      const params = { name: 'claim', arguments: { label: 'node:a', purpose: 'p' } }
      server.send(HELLO, { ...LIST, params })
      await server.answer(2)
      server.child.kill(signal)
      expect(await ended(server.child)).toBe(0)
      expect((await presence(['list', '--dsn', `sqlite:${folder}/board.db`])).stdout).toMatch(/node:a/)
    },
  )

  it('exits when its standard output is closed', async () => {
    const server = start(scratchFolder())
    server.send(HELLO)
    await server.answer(1)
    server.child.stdout.destroy()
    server.send(LIST, { ...LIST, id: 3 })
    expect(await ended(server.child)).toBe(0)
  })

  it.each([
    ['text that is not JSON', 'hello'],
    ['JSON that is not a message', '[]'],
    ['half a message', '{"jsonrpc": "2.0", "id": '],
    ['bytes', '\0\u0001\ufffd'],
    ['an unknown method', '{"jsonrpc":"2.0","id":7,"method":"__proto__"}'],
    ['an unknown tool', '{"jsonrpc":"2.0","id":8,"method":"tools/call","params":{"name":"__proto__"}}'],
    [
      'prototype keys',
      '{"jsonrpc":"2.0","id":9,"method":"tools/call","params":{"name":"list","arguments":{"__proto__":{"mine":true},"constructor":1}}}',
    ],
  ])('continues after %s on standard input', async (_, garbage) => {
    const server = start(scratchFolder())
    server.send(HELLO, garbage, LIST)
    expect(await server.answer(2)).toMatchObject({ result: { structuredContent: { claims: [] } } })
    server.child.stdin.end()
    expect(await ended(server.child)).toBe(0)
  })

  it.each([
    ['the handshake of 2025-06-18', { supportedProtocolVersions: ['2025-06-18'] }, '2025-06-18'],
    ['the newest handshake', { versionNegotiation: { mode: 'legacy' } }, '2025-11-25'],
    ['the newest protocol', { versionNegotiation: { mode: { pin: '2026-07-28' } } }, '2026-07-28'],
  ] as const)('works with clients that use %s', async (_, settings, version) => {
    const folder = scratchFolder()
    await using agent = await McpAgent.start(
      { PRESENCE_DSN: `sqlite:${folder}/board.db`, PRESENCE_SESSION_ID: 'ana' },
      { settings: settings as object },
    )
    expect(agent.client.getNegotiatedProtocolVersion()).toBe(version)
    expect((await agent.client.listTools()).tools.length).toBeGreaterThan(8)
    expect((await agent.call('claim', { label: 'node:a', purpose: 'p' })).data).toMatchObject({
      claimed: true,
    })
  })

  it('creates no file before the first tool call', async () => {
    const folder = scratchFolder()
    const server = start(folder)
    server.send(HELLO)
    await server.answer(1)
    server.child.stdin.end()
    await ended(server.child)
    expect(existsSync(join(folder, 'board.db'))).toBe(false)
  })
})
