import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync } from 'node:fs'
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

/** The server as a bare process, with what it wrote. */
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

  /** @throws where standard output holds anything but messages */
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
    '%s says nothing but messages on standard output, and ends when standard input does',
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
    'ends at %s, and its claims stand until they expire',
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

  it('ends when nobody reads it any more', async () => {
    const server = start(scratchFolder())
    server.send(HELLO)
    await server.answer(1)
    server.child.stdout.destroy()
    server.send(LIST, { ...LIST, id: 3 })
    expect(await ended(server.child)).toBe(0)
  })

  it.each([
    ['no JSON', 'hello'],
    ['no message', '[]'],
    ['half a message', '{"jsonrpc": "2.0", "id": '],
    ['bytes', '\0\u0001\ufffd'],
    ['a method that is none', '{"jsonrpc":"2.0","id":7,"method":"__proto__"}'],
    ['a tool that is none', '{"jsonrpc":"2.0","id":8,"method":"tools/call","params":{"name":"__proto__"}}'],
    [
      'prototype keys',
      '{"jsonrpc":"2.0","id":9,"method":"tools/call","params":{"name":"list","arguments":{"__proto__":{"mine":true},"constructor":1}}}',
    ],
  ])('goes on after %s on standard input', async (_, garbage) => {
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
  ] as const)('speaks with clients of %s', async (_, settings, version) => {
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

  it('makes no file and says nothing before it is asked something', async () => {
    const folder = scratchFolder()
    const server = start(folder)
    server.send(HELLO)
    await server.answer(1)
    server.child.stdin.end()
    await ended(server.child)
    expect(existsSync(join(folder, 'board.db'))).toBe(false)
  })
})

describe('who an agent’s server speaks as', () => {
  const home = () => {
    const folder = scratchFolder()
    const dsn = `sqlite:${folder}/board.db`
    return { folder, env: { HOME: folder, PRESENCE_DSN: dsn, XDG_STATE_HOME: join(folder, 'state') } }
  }

  it('is the id that the agent gave it', async () => {
    const { env } = home()
    await using agent = await McpAgent.start({ ...env, CLAUDE_CODE_SESSION_ID: 'first' })
    expect((await agent.call('coord_register_presence')).data).toEqual({ session_id: 'first' })
  })

  it('stays the session that the agent’s hooks go on with, after /clear and after another was resumed', async () => {
    const { folder, env } = home()
    // This process is the agent: it starts the server, and its hooks.
    const hook = (event: string, id: string, more: object) =>
      execFileSync('sh', ['-c', `exec ${PRESENCE} hook ${event}`], {
        input: JSON.stringify({ session_id: id, cwd: folder, ...more }),
        env: { PATH: process.env['PATH'], ...env, CLAUDE_CODE_SESSION_ID: id, CLAUDE_PID: `${process.pid}` },
      })
    mkdirSync(join(folder, 'state'))
    await using agent = await McpAgent.start({ ...env, CLAUDE_CODE_SESSION_ID: 'first' })
    const me = async () =>
      (await agent.call('claim', { label: 'node:a', purpose: 'p' })).data.claim.session_id
    hook('SessionStart', 'first', { source: 'startup' })
    expect(await me()).toBe('first')
    hook('SessionEnd', 'first', { reason: 'clear' })
    hook('SessionStart', 'second', { source: 'clear' })
    expect(await me()).toBe('first')
    hook('SessionEnd', 'second', { reason: 'resume' })
    hook('SessionStart', 'third', { source: 'resume' })
    expect(await me()).toBe('third')
    hook('SessionEnd', 'third', { reason: 'exit' })
  })

  it('is none that the hooks of the agent exported from whose shell this one was started', async () => {
    const { env } = home()
    await using agent = await McpAgent.start({
      ...env,
      PRESENCE_SESSION_ID: 'parent',
      PRESENCE_HOOK_SESSION_ID: 'parent',
      GEMINI_SESSION_ID: 'child',
    })
    expect((await agent.call('coord_register_presence')).data).toEqual({ session_id: 'child' })
  })

  it('is one that its client names, where nothing else says who it is', async () => {
    const { env } = home()
    await using agent = await McpAgent.start(env)
    const unnamed = (await agent.call('claim', { label: 'node:a', purpose: 'p' })).data.claim
    expect(unnamed).toMatchObject({
      agent_name: 'agent',
      session_id: expect.stringMatching(/@.*@[0-9a-f]{8}$/),
    })
    await agent.call('coord_register_presence', { session_id: 'cursor-7' })
    expect((await agent.call('claim', { label: 'node:b', purpose: 'p' })).data.claim.session_id).toBe(
      'cursor-7',
    )
    const bad = await agent.call('coord_register_presence', { session_id: 'a\nb' })
    expect(bad).toMatchObject({
      isError: true,
      text: expect.stringMatching(/control character; give a short id/),
    })
  })

  it('works where its worktree is, on the board of the folder that it was started in', async () => {
    const { folder, env } = home()
    const tree = join(folder, 'tree')
    execFileSync('git', ['init', '-q', '-b', 'agent/backend/active', tree])
    await using agent = await McpAgent.start({ ...env, PRESENCE_SESSION_ID: 'ana' })
    await agent.call('coord_register_presence', { worktree_path: tree })
    const { claim } = (await agent.call('claim', { label: 'node:a', purpose: 'p' })).data
    expect(claim).toMatchObject({ repo: 'tree', branch: 'agent/backend/active' })
  })
})
