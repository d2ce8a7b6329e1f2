import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, onTestFinished } from 'vitest'
import { presence } from '../../../e2e/support/cli.ts'
import { scratchFolder } from '../../../e2e/support/scratch.ts'
import { type Running, serve } from '../../server/src/index.ts'

const BIN = join(import.meta.dirname, '../bin')

let project: string
let home: string
let server: Running
beforeEach(async () => {
  home = scratchFolder()
  project = join(home, 'project')
  mkdirSync(join(project, '.git'), { recursive: true })
  server = await serve({
    host: '127.0.0.1',
    port: 0,
    version: 'test',
    dsn: `sqlite:${home}/board.db`,
    env: {},
  })
})
afterEach(() => server.close())

const env = () => ({
  HOME: home,
  PATH: `${BIN}:${process.env['PATH']}`,
  PRESENCE_DSN: 'mysql://nobody@127.0.0.1:1/p',
})
const init = (...args: string[]) => presence(['init', ...args], { cwd: project, env: env() })
const doctor = () => presence(['doctor', '--hooks'], { cwd: project, env: env(), within: 20_000 })
const settings = () => readFileSync(join(project, '.claude/settings.json'), 'utf8')

describe('presence init --http', () => {
  it('wires Claude Code to the server on this machine, and has nothing to do the second time', async () => {
    const said = await init('--http')
    expect(said).toMatchObject({ status: 0 })
    expect(said.stderr).toContain('http://127.0.0.1:8787, where presence serve must run')
    expect(settings()).toContain('"url": "http://127.0.0.1:8787/hooks/claude-code"')
    expect((await init('--hooks', 'claude-code', '--http')).stdout).toMatch(
      /nothing to do in .*\n.*nothing to do in/,
    )
    await init('--hooks', 'claude-code')
    expect(settings()).not.toContain('8787')
    await init('--http', server.url)
    await init('--hooks', 'claude-code', '--remove')
    expect(existsSync(join(project, '.claude/settings.json'))).toBe(false)
  })

  it('writes no token, wherever it is set', async () => {
    await presence(['init', '--http'], {
      cwd: project,
      env: { ...env(), PRESENCE_SERVER_TOKEN: 'top-secret' },
    })
    expect(settings()).not.toContain('top-secret')
  })

  it.each(['codex', 'gemini-cli', 'cursor'])('refuses %s, whose hooks are commands', async agent => {
    const said = await init('--hooks', agent, '--http')
    expect(said).toMatchObject({ status: 2, stdout: '' })
    expect(said.stderr).toContain(`${agent} has no hooks over HTTP`)
  })

  it.each([
    ['http://presence.example', 'in the clear'],
    ['nonsense', 'takes the address'],
  ])('refuses the address %s', async (url, problem) => {
    expect(await init('--http', url)).toMatchObject({ status: 2, stderr: expect.stringContaining(problem) })
    expect(existsSync(join(project, '.claude'))).toBe(false)
  })

  it('refuses a status line, which would have nothing to show', async () => {
    expect(await init('--http', '--statusline')).toMatchObject({ status: 2 })
  })

  it('is checked by doctor --hooks, which makes each request and the start, and leaves nothing on the board', async () => {
    await init('--http', server.url)
    const proven = await doctor()
    expect(proven, proven.stdout).toMatchObject({ status: 0 })
    for (const event of ['SessionStart', 'SubagentStart', 'UserPromptSubmit', 'PostToolUse', 'SessionEnd'])
      expect(proven.stdout).toMatch(
        new RegExp(`ok {6}claude-code ${event}: takes \\d+ ms; the board answers; the hook's output is `),
      )
    const who = await presence(['who'], { env: { ...env(), PRESENCE_DSN: `sqlite:${home}/board.db` } })
    expect(who.stdout).toBe('presence: no sessions\n')
  })

  it('is reported as broken by doctor --hooks if nothing listens', async () => {
    await init('--http', 'http://127.0.0.1:1')
    const said = await doctor()
    expect(said.status).toBe(3)
    expect(said.stdout).toMatch(/broken {2}claude-code UserPromptSubmit: .* is not there: nothing listens/)
    expect(said.stdout).toMatch(/broken {2}claude-code SessionStart: .* the presence server is not there/)
  })

  it('lets the doctor send the token only to the address that it was given, not to another one in the settings', async () => {
    const seen: string[] = []
    const stranger = createServer((request, response) => {
      seen.push(String(request.headers.authorization))
      request.resume()
      response.writeHead(401).end('{}')
    }).listen(0, '127.0.0.1')
    await new Promise(resolve => stranger.once('listening', resolve))
    onTestFinished(() => void stranger.close())
    const { port } = stranger.address() as AddressInfo
    await init('--http', `http://127.0.0.1:${port}`)
    const { stdout: trusted } = await presence(['trust', '--list'], { env: env() })
    expect(trusted).toBe(`presence: ${project}: hooks http://127.0.0.1:${port}\n`)
    const asked = () =>
      presence(['doctor', '--hooks'], {
        cwd: project,
        env: { ...env(), PRESENCE_SERVER_TOKEN: 't' },
        within: 20_000,
      })
    expect((await asked()).stdout).toMatch(/broken .*answered 401/)
    expect(new Set(seen)).toEqual(new Set(['Bearer t']))
    const file = join(project, '.claude/settings.json')
    for (const url of [
      'https://presence.invalid',
      `http://localhost:${port}`,
      `http://127.0.0.1:${port}@[::1]:${port}`,
    ]) {
      seen.length = 0
      const before = settings()
      writeFileSync(file, before.replaceAll(/http:\/\/127.0.0.1:\d+/g, url))
      expect((await asked()).stdout, url).not.toMatch(/ok {6}claude-code/)
      expect(seen).toEqual([])
      writeFileSync(file, before)
    }
    expect((await asked()).stdout).toMatch(/broken .*answered 401/)
  })
})
