import { execFileSync, spawnSync } from 'node:child_process'
import { chownSync, existsSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { PRESENCE, presence } from '../../../e2e/support/cli.ts'
import { McpAgent } from '../../../e2e/support/mcp-agent.ts'
import { hook } from '../../hooks/test/hook-process.ts'
import { newProject, newStranger, written } from './untrusted.ts'

const isRoot = process.geteuid?.() === 0
const mayMount = isRoot && spawnSync('unshare', ['-m', 'true']).status === 0
const STRANGER = 12_345
const UNTRUSTED =
  /(?:you have|this user has) not trusted the project's board "127\.0\.0\.1:\d+", which \S+config\.json names/
/** What an agent must not be told: how to do without the trust. */
const AROUND = /PRESENCE_TRUST|PRESENCE_DSN/

describe.each([
  ['mysql', (port: number) => `mysql://presence@127.0.0.1:${port}/presence?ssl=required`],
  ['http', (port: number) => `http://127.0.0.1:${port}`],
])('G9: until this user trusts the %s server that a project names', (_, dsnAt) => {
  it.each([
    ['claim', ['claim', 'queue:a', '--purpose', 'p']],
    ['claim --exclusive', ['claim', 'queue:a', '--exclusive', '--purpose', 'p']],
    ['release', ['release', 'queue:a']],
    ['heartbeat', ['heartbeat']],
    ['list', ['list', '--json']],
    ['who', ['who']],
    ['sync', ['sync']],
    ['message send', ['message', 'send', 'b', '--subject', 's', '--project', 'shop']],
    ['migrate', ['migrate']],
    ['serve', ['serve', '--port', '0']],
    ['run --exclusive', ['run', '--claim', 'queue:a', '--exclusive', '--purpose', 'p', '--', 'touch', 'ran']],
    ['run --strict', ['run', '--strict', '--claim', 'queue:a', '--purpose', 'p', '--', 'touch', 'ran']],
  ])('presence %s exits 2 with the remedy, asks no server, and queues nothing', async (_verb, args) => {
    const { port, heard } = await newStranger()
    const { home, project, run } = newProject({ dsn: dsnAt(port), kinds: ['queue'] })
    const said = await run(args)
    expect(said.status).toBe(2)
    expect(said.stderr).toMatch(UNTRUSTED)
    expect(said.stderr).toMatch(/presence trust.*PRESENCE_TRUST=127\.0\.0\.1.*PRESENCE_DSN/)
    expect(heard).toEqual([])
    expect(written(home).filter(path => /queue|board\.db|outbox/.test(path))).toEqual([])
    expect(existsSync(join(project, 'ran'))).toBe(false)
  })

  it('a shared run runs its command, and says why there is no claim', async () => {
    const { port, heard } = await newStranger()
    const { run } = newProject({ dsn: dsnAt(port) })
    const said = await run([
      'run',
      '--claim',
      'node:a',
      '--purpose',
      'p',
      '--',
      'sh',
      '-c',
      'echo ran; exit 7',
    ])
    expect(said).toMatchObject({ status: 7, stdout: 'ran\n', stderr: expect.stringMatching(UNTRUSTED) })
    expect(heard).toEqual([])
  })

  it('doctor names it, completion knows the kinds, and the status line is unknown', async () => {
    const { port, heard } = await newStranger()
    const { env, run, project } = newProject({ dsn: dsnAt(port), kinds: ['queue'] })
    const looked = await run(['doctor'])
    expect(looked.status).toBe(2)
    expect(looked.stdout).toMatch(
      new RegExp(`broken {2}dsn: ${UNTRUSTED.source}.*to fix it: .*presence trust`),
    )
    expect((await run(['complete', '--', 'claim', 'qu'])).stdout).toBe('queue:\ta new one\n')
    const payload = { session_id: 's1', hook_event_name: 'UserPromptSubmit', cwd: project, prompt: 'x' }
    await hook({ args: ['UserPromptSubmit'], input: JSON.stringify(payload), env })
    expect((await run(['statusline', '--agent-session', 's1'])).stdout).toBe('presence: unknown\n')
    expect(heard).toEqual([])
  })

  it('a hook tells the agent that the board is unknown, why, and who can change that', async () => {
    const { port, heard } = await newStranger()
    const { env, project } = newProject({ dsn: dsnAt(port), roles: { pm: {} }, strictIdentity: true })
    for (const event of ['SessionStart', 'UserPromptSubmit', 'PostToolUse', 'SessionEnd']) {
      const payload = {
        session_id: 's1',
        hook_event_name: event,
        cwd: project,
        prompt: 'x',
        source: 'startup',
      }
      const said = await hook({ args: [event], input: JSON.stringify(payload), env })
      expect(said, event).toMatchObject({ status: 0, stderr: '' })
      if (!['SessionStart', 'UserPromptSubmit'].includes(event)) continue
      const { additionalContext: context } = JSON.parse(said.stdout).hookSpecificOutput
      expect(context).toMatch(UNTRUSTED)
      expect(context).toContain('To fix it: ask the user to run presence trust in a terminal of their own.')
      expect(context).not.toMatch(AROUND)
      expect(said.stdout, 'a stranger’s file blocks no prompt').not.toContain('block')
    }
    expect(heard).toEqual([])
  })

  it('a command in an agent’s session asks for the user', async () => {
    const { port } = await newStranger()
    const { run } = newProject({ dsn: dsnAt(port) })
    for (const more of [[], ['--json']]) {
      const said = await run(['claim', 'node:a', '--purpose', 'p', ...more], { CLAUDECODE: '1' })
      expect(said.stdout + said.stderr).toContain(
        'ask the user to run presence trust in a terminal of their own',
      )
      expect(said.stdout + said.stderr).not.toMatch(AROUND)
    }
  })

  it('an agent’s tools answer with an error', async () => {
    const { port, heard } = await newStranger()
    const { env, project } = newProject({ dsn: dsnAt(port) })
    await using agent = await McpAgent.start(env, { cwd: project })
    for (const [tool, args] of [
      ['list', {}],
      ['claim', { label: 'node:a', purpose: 'p' }],
    ] as const) {
      const said = await agent.call(tool, args)
      expect(said).toMatchObject({ isError: true, text: expect.stringMatching(UNTRUSTED) })
      expect(said.text).toContain('ask the user to run presence trust in a terminal of their own')
      expect(said.text).not.toMatch(AROUND)
    }
    expect(heard).toEqual([])
  })
})

describe.skipIf(!isRoot)('a config file of another user', () => {
  it('above the folder is not obeyed, whatever it names', async () => {
    for (const config of [{ dsn: 'sqlite:board.db' }, { kinds: ['queue'] }]) {
      const { project, file, run } = newProject(config)
      chownSync(file, STRANGER, STRANGER)
      const said = await run(['list'])
      expect(said).toMatchObject({ status: 2, stdout: '' })
      expect(said.stderr).toContain(
        `you have not trusted ${file}: it belongs to another user (user id 12345)`,
      )
      expect(existsSync(join(project, 'board.db'))).toBe(false)
      expect((await run(['list'], { PRESENCE_DSN: `sqlite:${project}/mine.db` })).status).toBe(0)
    }
  })

  it.skipIf(!mayMount)('on a read-only mount is trusted once, like any other', async () => {
    const { project, home, file, env } = newProject({ dsn: 'sqlite:/nowhere/board.db' })
    const mounted = `printf '{"dsn": "sqlite:${home}/team.db"}' > ${file} && mount --bind ${project} ${project} && mount -o remount,ro,bind ${project}`
    const within = (script: string) =>
      execFileSync('unshare', ['-m', 'sh', '-c', script], {
        cwd: '/',
        env: { PATH: process.env['PATH'], ...env },
        encoding: 'utf8',
      })
    const said = within(`${mounted} && cd ${project} && { ${PRESENCE} list 2>&1; echo $?; }`)
    expect(said).toMatch(/a file outside the project[\s\S]*\n2\n$/)
    const init = await presence(['init', '--dsn', `sqlite:${home}/team.db`], { cwd: project, env })
    expect(init.status).toBe(0)
    expect(within(`${mounted} && cd ${project} && ${PRESENCE} list`)).toBe('presence: no active claims\n')
  })
})
