import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { openBoard } from '@presence/core'
import { beforeEach, describe, expect, it } from 'vitest'
import { PRESENCE } from './support/cli.ts'
import { git, newRepository, type Repository, write } from './support/repository.ts'
import { until } from './support/until.ts'

let repository: Repository
/** For these tests: without the id of a terminal or an agent around them. */
const OWN = { PRESENCE_SESSION_ID: undefined }
beforeEach(() => {
  repository = newRepository()
})

const session = (...args: readonly string[]) => repository.presenceIn(repository.top, OWN, 'session', ...args)

function boardAs(id: string, cwd = repository.top) {
  return openBoard({ env: repository.env, cwd, session: id })
}

async function sessions() {
  await using board = await boardAs('onlooker')
  return (await board.who({ all: true })).sessions
}

/** The broadcasts, the latest first. */
async function said() {
  await using board = await boardAs('onlooker')
  const inbox = await board.messages.inbox()
  return inbox.ok
    ? inbox.rows.map(({ kind, from, subject, body, project }) => ({ kind, from, subject, body, project }))
    : []
}

describe('presence session start with an agent', () => {
  it('runs it in the role’s worktree, as its session, and ends the session together with it', async () => {
    const told =
      'pwd; echo "$PRESENCE_SESSION_ID $PRESENCE_ROLE $CLAUDE_INSTANCE_ID"; git config user.email; presence who --json; exit 7'
    const env = { ...OWN, PATH: `${join(PRESENCE, '..')}:${process.env['PATH']}` }
    const { status, stdout } = await repository.presenceIn(
      repository.top,
      env,
      'session',
      'start',
      'dns',
      '--',
      'sh',
      '-c',
      told,
    )
    expect(status, 'the status is the agent’s').toBe(7)
    const [cwd, variables = '', email, who = ''] = stdout.split('\n')
    const [id, ...roles] = variables.split(' ')
    expect(cwd).toBe(repository.folder('dns'))
    expect(id).toMatch(/^dns@[^@]+@[0-9a-f]{8}$/)
    expect(roles).toEqual(['dns', 'dns'])
    expect(email).toBe('dns@presence.invalid')
    expect(JSON.parse(who)).toMatchObject([
      { session_id: id, role: 'dns', is_me: true, place: { worktree: cwd } },
    ])

    expect(await sessions()).toMatchObject([{ session: { id }, state: 'inactive' }])
    expect(await said()).toMatchObject([
      { kind: 'SESSION_END', from: id, subject: 'dns has ended', project: 'infra' },
      { kind: 'SESSION_START', from: id, subject: 'dns has started', project: 'infra' },
    ])
    expect((await said())[0]?.body).toContain('branch agent/dns/active')
  })

  it('releases what the agent left, passes signals on, and reports its end as a shell does', async () => {
    const ready = join(repository.top, '../ready')
    const script = `trap 'echo got TERM; exit 3' TERM; "${PRESENCE}" claim db:orders --purpose migrate >/dev/null; touch ${ready}; while :; do sleep 0.1; done`
    const child = spawn(PRESENCE, ['session', 'start', 'dns', '--', 'sh', '-c', script], {
      cwd: repository.top,
      env: { PATH: process.env['PATH'], ...repository.env, ...OWN },
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    let stdout = ''
    child.stdout.on('data', text => {
      stdout += text
    })
    await until('the agent to claim', () => existsSync(ready))
    child.kill('SIGTERM')
    await once(child, 'close')
    expect(child.exitCode).toBe(3)
    expect(stdout).toBe('got TERM\n')
    await using board = await boardAs('onlooker')
    expect(await board.list()).toMatchObject({ claims: [] })
    expect((await session('start', 'dns', '--', 'sh', '-c', 'kill -9 $$')).status).toBe(137)
    expect((await session('start', 'dns', '--', 'no-such-agent')).status).toBe(127)
    for (const each of await sessions()) expect(each.state).toBe('inactive')
  })

  it('makes the agent’s hooks use the same session', async () => {
    const payload = '{"session_id":"agents-own","cwd":"."}'
    const script = `echo '${payload}' | "${PRESENCE}" hook SessionStart >/dev/null; "${PRESENCE}" who --json`
    const { stdout } = await session('start', 'dns', '--', 'sh', '-c', script)
    expect(JSON.parse(stdout).map(({ session_id }: { session_id: string }) => session_id)).toEqual([
      expect.stringMatching(/^dns@/),
    ])
  })
})

describe('presence session start', () => {
  it('prints the lines that make a shell the session, so that its other commands belong to it', async () => {
    const script = `eval "$("${PRESENCE}" session start dns)" && pwd && "${PRESENCE}" claim db:orders --purpose p >/dev/null && "${PRESENCE}" session end`
    const stdout = execFileSync('sh', ['-c', script], {
      cwd: repository.top,
      env: { PATH: process.env['PATH'], ...repository.env, PRESENCE_SESSION_ID: '' },
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    })
    expect(stdout).toMatch(
      new RegExp(`^${repository.folder('dns')}\npresence: ended dns@\\S+, released db:orders\n$`),
    )
    expect((await said()).map(({ kind }) => kind)).toEqual(['SESSION_END', 'SESSION_START'])
  })

  it('shows the messages to the role since its last session, made safe to show', async () => {
    const { stdout } = await session('start', 'dns', '--json')
    const { session_id: id } = JSON.parse(stdout)
    await session('end', 'dns')
    {
      await using board = await boardAs('web')
      await board.messages.send({ to: id, subject: 'the zone', body: 'is done\u001b[2J' })
      await board.messages.send({ kind: 'STATUS_UPDATE', subject: 'deployed', body: 'v2', project: 'infra' })
      await board.messages.send({ kind: 'SESSION_START', subject: 'web has started', body: 'x' })
    }
    const again = await session('start', 'dns', '--', 'true')
    expect(again.status).toBe(0)
    expect(again.stdout, 'that belongs to the agent').toBe('')
    expect(again.stderr).toContain('unread messages: ')
    for (const part of ['1 MESSAGE', '1 STATUS_UPDATE', 'MESSAGE FROM web — the zone', 'is done', 'v2'])
      expect(again.stderr).toContain(part)
    expect(again.stderr).not.toContain('\u001b')
    expect(again.stderr, 'starts and ends are only counted').not.toContain('web has started')
    await using board = await boardAs(id)
    const unread = await board.messages.inbox({ unreadOnly: true })
    expect(unread.ok && unread.rows.length, 'all of it is still unread').toBe(3)
  })

  it('gives a second session of a role its own id, and names the first', async () => {
    const first = JSON.parse((await session('start', 'dns', '--json')).stdout)
    const second = await session('start', 'dns', '--json')
    expect(second.status).toBe(0)
    expect(second.stderr).toContain(`${first.session_id} already works as dns in ${first.path}, last seen `)
    expect(JSON.parse(second.stdout).session_id).not.toBe(first.session_id)
    const env = { PRESENCE_SESSION_ID: first.session_id, CLAUDE_INSTANCE_ID: 'dns' }
    const own = await repository.presenceIn(repository.top, env, 'session', 'start', 'dns', '--json')
    expect(JSON.parse(own.stdout).session_id, 'in its own shell it is the same').toBe(first.session_id)
    const ended = await session('end', 'dns', '--json')
    expect(JSON.parse(ended.stdout)).toHaveLength(2)
    expect((await session('start', 'dns', '--json')).stdout).toContain(first.session_id)
  })

  it('continues if the board does not answer, but not with --strict', async () => {
    const env = { ...OWN, PRESENCE_DSN: 'mysql://nobody@127.0.0.1:1/presence' }
    const run = (...more: readonly string[]) =>
      repository.presenceIn(repository.top, env, ...more, 'session', 'start', 'dns', '--', 'echo', 'worked')
    expect(await run()).toMatchObject({ status: 0, stdout: 'worked\n' })
    expect((await run()).stderr).toContain('warning: ')
    expect(await run('--strict')).toMatchObject({ status: 3, stdout: '' })
  })

  it('resolves a board’s file relative to the current folder', async () => {
    const args = ['--dsn', 'sqlite:own.db', 'session', 'start', 'dns', '--', PRESENCE, 'who', '--json']
    const { stdout } = await repository.presenceIn(repository.top, OWN, ...args)
    expect(JSON.parse(stdout)).toMatchObject([{ role: 'dns' }])
    expect(existsSync(join(repository.top, 'own.db'))).toBe(true)
    expect(existsSync(repository.folder('dns', 'own.db'))).toBe(false)
  })
})

describe('roles of the project', () => {
  beforeEach(() => {
    write(
      join(repository.top, '.presence/config.json'),
      '{"roles": {"pm": {"main": true}, "backend": {}}, "strictIdentity": true}',
    )
  })

  it('with access to the main worktree start there', async () => {
    const { status, stdout } = await session('start', 'pm', '--', 'pwd')
    expect({ status, stdout }).toEqual({ status: 0, stdout: `${repository.top}\n` })
    expect(git(repository.top, 'worktree', 'list').split('\n')).toHaveLength(1)
    await session('start', 'pm')
    await session('start', 'backend')
    const ended = await session('end', 'pm', '--json')
    expect(JSON.parse(ended.stdout), 'only its own').toHaveLength(1)
  })

  it('that do not exist are refused, and nothing is created or run', async () => {
    for (const role of ['ops', '../x', '']) {
      const { status, stdout } = await session('start', role, '--', 'echo', 'ran')
      expect({ status, stdout }).toEqual({ status: 2, stdout: '' })
    }
    expect(existsSync(join(repository.top, '.worktrees'))).toBe(false)
    expect(await sessions()).toEqual([])
  })

  it('are not mixed up with the shell’s role, which is an error only in a strict project', async () => {
    const env = { ...OWN, CLAUDE_INSTANCE_ID: 'pm', PRESENCE_SESSION_ID: 'pm-1' }
    const args = [
      'session',
      'start',
      'backend',
      '--',
      'sh',
      '-c',
      'echo $CLAUDE_INSTANCE_ID $PRESENCE_SESSION_ID',
    ]
    const strict = await repository.presenceIn(repository.top, env, ...args)
    expect(strict).toMatchObject({ status: 1, stdout: '' })
    expect(strict.stderr).toContain('CLAUDE_INSTANCE_ID says "pm", but this session is for backend')
    write(join(repository.top, '.presence/config.json'), '{"roles": {"pm": {"main": true}, "backend": {}}}')
    const told = await repository.presenceIn(repository.top, env, ...args)
    expect(told.status).toBe(0)
    expect(told.stdout, 'not under the other role’s id').toMatch(/^backend backend@/)
    expect(told.stderr).toContain('for this session it is set to backend')
  })
})

describe('presence session end', () => {
  it('of a role asks before it releases live claims, and leaves the worktree', async () => {
    await session('start', 'dns')
    const [{ session: { id = '' } = {} } = {}] = await sessions()
    {
      await using board = await boardAs(id, repository.folder('dns'))
      await board.claim('db:orders', { purpose: 'migrate' })
    }
    const refused = await session('end', 'dns')
    expect(refused.status).toBe(1)
    expect(refused.stderr).toContain(`db:orders by ${id} (migrate)`)
    const ended = await session('end', 'dns', '--yes', '--json')
    expect(JSON.parse(ended.stdout)).toEqual([{ session_id: id, released: ['db:orders'] }])
    expect(existsSync(repository.folder('dns'))).toBe(true)
    expect((await session('end', 'dns')).status, 'there is no session left').toBe(1)
  })

  it('is also reported to the others when the worktree is removed', async () => {
    await session('start', 'dns')
    const removed = await repository.presence('worktree', 'remove', 'dns', '--json')
    expect(JSON.parse(removed.stdout)).toMatchObject({ deregistered: [expect.stringMatching(/^dns@/)] })
    expect((await said())[0]).toMatchObject({ kind: 'SESSION_END', subject: 'dns has ended' })
    expect((await said())[0]?.body, 'where it worked').toContain(repository.folder('dns'))
  })
})
