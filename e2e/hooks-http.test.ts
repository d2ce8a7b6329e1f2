import { mkdirSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { openBoard } from '@presence/core'
import { expect, it } from 'vitest'
import { accepted } from '../packages/core/test/answers.ts'
import { hook } from '../packages/hooks/test/hook-process.ts'
import { answered } from './support/answered.ts'
import { presenceOn } from './support/cli.ts'
import { FaultyProxy } from './support/faulty-proxy.ts'
import { isInTime } from './support/patience.ts'
import { Running } from './support/running.ts'
import { scratchFolder } from './support/scratch.ts'
import { describeEachEngine, newBoardOn } from './support/servers.ts'
import { until } from './support/until.ts'

/**
 * How long an agent waits for a hook, in milliseconds, as configured. At the end of a session, all of its
 * hooks share the second value.
 */
const ALLOWED_MS = 3_000
const END_ALLOWED_MS = 1_500

async function serving(dsn: string): Promise<{ readonly server: Running; readonly url: string }> {
  const server = new Running(['serve', '--port', '0'], { PRESENCE_DSN: dsn })
  const url = (await server.line(/serving on/)).replace(/^.* /, '')
  return { server, url: `${url}/hooks/claude-code` }
}

let moments = 0

/** Sends an event as the agent would, until the board answers. Returns what the agent is told. */
const send = (url: string, event: string, more: object = {}) => answered(() => sendOnce(url, event, more))

/** The same, once and with the agent's timeout: also if the board gives no answer. */
async function sendOnce(url: string, event: string, more: object = {}): Promise<string> {
  const gone = new AbortController()
  const answer = fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-presence-user': 'ana', 'x-presence-host': 'laptop' },
    body: JSON.stringify({ session_id: 'ana', hook_event_name: event, prompt_id: moments++, ...more }),
    signal: gone.signal,
  })
  if (!(await isInTime(answer, event === 'SessionEnd' ? END_ALLOWED_MS : ALLOWED_MS))) gone.abort()
  const response = await answer
  expect(response.status).toBe(200)
  const said = (await response.json()) as { hookSpecificOutput?: { additionalContext: string } }
  return said.hookSpecificOutput?.additionalContext ?? ''
}

const claim = (dsn: string, session: string, label: string) =>
  presenceOn(dsn, session)('claim', label, '--purpose', `by ${session}`)

describeEachEngine('an agent whose hooks a server answers', engine => {
  it('sees the others and their messages, is seen, and releases its claims at its end', async () => {
    const { dsn } = await newBoardOn(engine.port)
    const { server, url } = await serving(dsn)
    await using _ = server
    await using bob = await openBoard({ dsn, session: 'bob', env: {} })
    await bob.claim('node:a', { purpose: 'drain' })
    await bob.messages.send({ subject: 'hands off', body: 'until noon', to: 'ana' })
    expect(await send(url, 'SessionStart', { source: 'startup' })).toMatch(
      /from bob to this session: "hands off": "until noon"\n[\s\S]*node:a: "drain" by bob/,
    )
    expect((await bob.who()).sessions.map(({ session }) => session.id)).toContain('ana')
    await claim(dsn, 'ana', 'node:a')
    expect(await send(url, 'PostToolUse', { tool_name: 'Bash' }), 'its claim has just reported it').toBe('')
    const said = await send(url, 'UserPromptSubmit', { prompt: 'go on' })
    expect(said).toContain('node:a, which you hold, is also claimed')
    expect(said).not.toContain('hands off')
    // On a busy machine the server's time for it may be over before the board has answered.
    await until('the release', async () => {
      await send(url, 'SessionEnd', { reason: 'other' })
      return accepted(await bob.list()).claims.every(({ session }) => session.id === 'bob')
    })
    expect(accepted(await bob.list()).claims).toHaveLength(1)
  })

  it('is told of no co-claim twice, by the command at its start and by a request after a tool', async () => {
    const { dsn } = await newBoardOn(engine.port)
    const { server, url } = await serving(dsn)
    await using _ = server
    const home = scratchFolder()
    mkdirSync(join(home, 'web/.git'), { recursive: true })
    await claim(dsn, 'ana', 'node:a')
    await claim(dsn, 'bob', 'node:a')
    const said = await answered(async () => {
      const started = await hook({
        args: ['SessionStart', '--http', url],
        input: JSON.stringify({
          session_id: 'ana',
          cwd: join(home, 'web'),
          source: 'startup',
          prompt_id: moments++,
        }),
        env: { HOME: home, PRESENCE_TRUST: '127.0.0.1' },
      })
      expect(started).toMatchObject({ status: 0, stderr: '' })
      return started.stdout
    })
    expect(said).toContain('by bob')
    expect(await send(url, 'PostToolUse', { tool_name: 'Bash' })).toBe('')
    await using eve = await openBoard({ dsn, session: 'eve', env: {} })
    const ana = (await eve.who()).sessions.find(({ session }) => session.id === 'ana')
    expect(ana?.session.place?.repo, 'its machine reported where it works').toBe('web')
  })

  it('continues as the same session after /clear, because its start hook tells the server', async () => {
    const { dsn } = await newBoardOn(engine.port)
    const { server, url } = await serving(dsn)
    await using _ = server
    const env = {
      HOME: scratchFolder(),
      CLAUDE_PID: String(process.pid),
      PRESENCE_TRUST: '127.0.0.1',
    }
    const start = (session_id: string, source: string) =>
      answered(async () => {
        const input = JSON.stringify({ session_id, source, prompt_id: moments++ })
        return (await hook({ args: ['SessionStart', '--http', url], input, env })).stdout
      })
    await start('before', 'startup')
    await claim(dsn, 'before', 'db:orders')
    await send(url, 'SessionEnd', { session_id: 'before', reason: 'clear' })
    await start('after', 'clear')
    expect(await send(url, 'UserPromptSubmit', { session_id: 'after' }), 'its own claim').toBe('')
    await until('the release', async () => {
      await send(url, 'SessionEnd', { session_id: 'after', reason: 'other' })
      return (await presenceOn(dsn, 'eve')('list')).stdout === 'presence: no active claims\n'
    })
  })

  it('gets answers in time if the database is unreachable, hangs or is slow, and is told that the state is unknown', async () => {
    const database = await engine.start()
    const { dsn } = await newBoardOn(database.port)
    await claim(dsn, 'ana', 'node:a')
    await using proxy = await FaultyProxy.before(database.port, 'silent')
    const slow = await serving(dsn.replace(`:${database.port}`, `:${proxy.port}`))
    const direct = await serving(dsn)
    await using _slow = slow.server
    await using _direct = direct.server
    const everyEventIsAnswered = async (url: string) => {
      expect(await sendOnce(url, 'SessionStart', { source: 'resume' })).toMatch(/unknown since \d{4}-/)
      expect(await sendOnce(url, 'UserPromptSubmit')).toMatch(/unknown since \d{4}-/)
      expect(await sendOnce(url, 'PostToolUse', { tool_name: 'Bash' })).toBe('')
      expect(await sendOnce(url, 'Stop')).toBe('')
      expect(await sendOnce(url, 'SessionEnd', { reason: 'other' })).toBe('')
    }
    await everyEventIsAnswered(slow.url)
    expect(await send(direct.url, 'UserPromptSubmit')).toContain('no other session has a claim')
    expect(
      (await presenceOn(dsn, 'bob')('message', 'send', '--to', 'ana', '--subject', 'x', 'y')).stdout,
    ).toContain('sent to ana')
    database.freeze()
    await everyEventIsAnswered(direct.url)
    database.thaw()
    await expect
      .poll(() => send(direct.url, 'UserPromptSubmit'), { timeout: 20_000 })
      .toMatch(/from bob to this session/)
    database.freeze()
    await database.stop()
    await everyEventIsAnswered(direct.url)
  })
})

it('an agent continues if its server is unreachable or hangs, and is told so at its start', async () => {
  const silent = createServer(() => {}).listen(0, '127.0.0.1')
  await new Promise(resolve => silent.once('listening', resolve))
  const address = silent.address()
  const port = typeof address === 'object' && address ? address.port : 0
  const env = { HOME: scratchFolder(), PRESENCE_TRUST: '127.0.0.1' }
  for (const at of [1, port]) {
    const input = JSON.stringify({ session_id: `s${at}`, source: 'startup' })
    const said = await hook({
      args: ['SessionStart', '--http', `http://127.0.0.1:${at}/hooks/claude-code`],
      input,
      env,
    })
    expect(said).toMatchObject({ status: 0, stderr: '' })
    expect(said.stdout).toMatch(
      /unknown since .*(the presence server (is not there|gave no answer)|the hook ran out of time)/,
    )
  }
  silent.close()
})
