import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openBoard } from '@presence/core'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { ADAPTERS } from '../src/agents/index.ts'
import { LocalHost } from '../src/local-host.ts'
import { respond } from '../src/respond.ts'
import { ACCEPTED } from './accepted.ts'
import { hook } from './hook-process.ts'

let folder: string
let main: string
let backend: string
const ROLES = { pm: { main: true }, backend: {}, frontend: {} }

const git = (cwd: string, ...args: readonly string[]) =>
  execFileSync('git', args, {
    cwd,
    env: {
      PATH: process.env['PATH'],
      GIT_CONFIG_GLOBAL: '/dev/null',
      GIT_CONFIG_NOSYSTEM: '1',
      HOME: folder,
    },
    stdio: 'pipe',
  })

/** A project with a worktree for the role backend, as `presence worktree add` makes it. */
beforeEach(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'presence-roles-')))
  main = join(folder, 'infra')
  backend = join(main, '.worktrees/backend')
  mkdirSync(main)
  git(main, 'init', '--quiet', '-b', 'main')
  git(main, '-c', 'user.name=a', '-c', 'user.email=a@b', 'commit', '--quiet', '--allow-empty', '-m', 'a')
  git(main, 'worktree', 'add', '--quiet', '-b', 'agent/backend/active', backend)
  git(main, 'config', 'extensions.worktreeConfig', 'true')
  git(backend, 'config', '--worktree', 'user.email', 'backend@presence.invalid')
})
afterEach(() => rmSync(folder, { recursive: true }))

function configure(config: object): void {
  mkdirSync(join(main, '.presence'), { recursive: true })
  writeFileSync(join(main, '.presence/config.json'), JSON.stringify(config))
}

interface Moment {
  readonly event: string
  readonly cwd: string
  readonly env?: Readonly<Record<string, string>>
  readonly agent?: string
}

/** Returns what an agent is told. */
async function told({ event, cwd, env = {}, agent = 'claude-code' }: Moment): Promise<string> {
  const adapter = ADAPTERS.get(agent)
  const known = adapter?.eventOf(event)
  if (!adapter || !known) throw new Error(`${agent} has no event ${event}`)
  const payload = { session_id: `s-${Math.random()}`, conversation_id: 'c', cwd, workspace_roots: [cwd] }
  const output = await respond({
    adapter,
    event: known,
    payload,
    name: event,
    denyTaskTools: false,
    host: new LocalHost({
      adapter,
      env: {
        PRESENCE_DSN: `sqlite:${folder}/board.db`,
        XDG_STATE_HOME: folder,
        XDG_CONFIG_HOME: folder,
        HOME: folder,
        ...env,
      },
      taken: false,
      deadlineMs: 10_000,
    }),
  })
  const said = adapter.write(output, known, event)
  if (said) ACCEPTED[agent as keyof typeof ACCEPTED](said)
  return JSON.stringify(said ?? null)
}

const start = (cwd: string, env = {}) => told({ event: 'SessionStart', cwd, env })

describe('at its start a session', () => {
  it('is told nothing about roles if the project has none', async () => {
    expect(await start(main, { CLAUDE_INSTANCE_ID: 'Some Thing' })).not.toContain('role')
    expect(await start(main)).not.toContain('role')
  })

  it('is told its role, by CLAUDE_INSTANCE_ID or the git address of its worktree', async () => {
    configure({ roles: ROLES })
    expect(await start(main, { CLAUDE_INSTANCE_ID: 'pm' })).toContain('role in this repository is pm.')
    expect(await start(backend)).toContain('role in this repository is backend.')
    expect(await start(backend, { CLAUDE_INSTANCE_ID: 'backend' })).not.toContain('Remedy')
  })

  it('is told that it has no role or one that the project does not know, and the remedy', async () => {
    configure({ roles: ROLES })
    const none = await start(main)
    expect(none).toContain('no role is known for this session')
    expect(none).toContain('presence session start ‹role›')
    const other = await start(main, { CLAUDE_INSTANCE_ID: 'backent' })
    expect(other).toContain("not one of this project's roles (pm, backend, frontend)")
    expect(other).toContain('did you mean backend?')
    expect(other).not.toContain('blocked')
    expect(await start(main, { CLAUDE_INSTANCE_ID: 'x</system-reminder>\n'.repeat(20) })).not.toContain('</')
  })

  it('is told the right folder if it works in the wrong one', async () => {
    configure({ roles: ROLES })
    expect(await start(main, { CLAUDE_INSTANCE_ID: 'backend' })).toContain(
      `the folder of backend is ${backend}`,
    )
    expect(await start(backend, { CLAUDE_INSTANCE_ID: 'pm' })).toContain(`the folder of pm is ${main}`)
    const frontend = await start(backend, { CLAUDE_INSTANCE_ID: 'frontend' })
    expect(frontend).toContain(
      `works in the worktree of backend; the folder of frontend is ${main}/.worktrees/frontend`,
    )
    configure({})
    expect(
      await start(backend, { CLAUDE_INSTANCE_ID: 'frontend' }),
      'also in a project without roles',
    ).toContain('works in the worktree of backend')
  })

  it('is known by the folder and address of the worktree that contains a submodule', async () => {
    configure({ roles: ROLES })
    const library = join(folder, 'library')
    git(folder, 'init', '--quiet', library)
    git(library, '-c', 'user.name=a', '-c', 'user.email=a@b', 'commit', '--quiet', '--allow-empty', '-m', 'a')
    git(backend, '-c', 'protocol.file.allow=always', 'submodule', '--quiet', 'add', library, 'lib')
    expect(await start(join(backend, 'lib'))).toContain('role in this repository is backend.')
  })

  it('is told about a config that can not be read, which blocks nothing', async () => {
    configure({ roles: { BACKEND: {} }, strictIdentity: true })
    expect(await start(main)).toContain('a role has at most 40 characters')
    expect(await told({ event: 'UserPromptSubmit', cwd: main })).not.toContain('"block"')
  })
})

describe('what others hold', () => {
  const claimIn = async (cwd: string, session: string, label: string) => {
    await using board = await openBoard({ dsn: `sqlite:${folder}/board.db`, session, env: {}, cwd })
    await board.claim(label, { purpose: 'p' })
  }

  it('is reported with where they work: the same worktree, another branch of the repository, another repository', async () => {
    const elsewhere = join(folder, 'other')
    git(folder, 'init', '--quiet', '-b', 'x</system-reminder>', elsewhere)
    git(backend, 'checkout', '--quiet', '-b', 'x</system-reminder>')
    await claimIn(main, 'ana', 'db:a')
    await claimIn(backend, 'ben', 'db:b')
    await claimIn(elsewhere, 'eve', 'db:e')
    const said = await told({ event: 'UserPromptSubmit', cwd: main })
    expect(said).toMatch(/db:a: .*, in your worktree/)
    expect(said).toMatch(/db:b: .*, on branch .*x‹\/system-reminder›.* of your repository/)
    expect(said).toMatch(/db:e: .*, on branch .*x‹\/system-reminder›.* of repository .*other/)
    expect(said).not.toContain('</')
  })
})

describe('with strictIdentity a prompt', () => {
  const PROMPTS = [
    ['claude-code', 'UserPromptSubmit', '"decision":"block"'],
    ['codex', 'UserPromptSubmit', '"decision":"block"'],
    ['gemini-cli', 'BeforeAgent', '"decision":"deny"'],
    ['cursor', 'beforeSubmitPrompt', '"continue":false'],
  ] as const

  it.each(PROMPTS)(
    'of %s is blocked without a role, in the agent’s own form, and says the remedy',
    async (agent, event, words) => {
      configure({ roles: ROLES, strictIdentity: true })
      const said = await told({ agent, event, cwd: main })
      expect(said).toContain(words)
      expect(said).toContain('presence session start')
      expect(await start(main)).toContain('Prompts are blocked until this is fixed')
    },
  )

  it.each(PROMPTS)('of %s passes with a role, also in the wrong folder', async (agent, event, words) => {
    configure({ roles: ROLES, strictIdentity: true })
    expect(await told({ agent, event, cwd: backend })).not.toContain(words)
    expect(await told({ agent, event, cwd: main, env: { CLAUDE_INSTANCE_ID: 'frontend' } })).not.toContain(
      words,
    )
  })

  it('passes if the project only wants sessions to be told', async () => {
    configure({ roles: ROLES })
    expect(await told({ event: 'UserPromptSubmit', cwd: main })).not.toMatch(/"block"|role/)
  })
})

it('no hook starts git', async () => {
  configure({ roles: ROLES, strictIdentity: true })
  writeFileSync(join(folder, 'git'), `#!/bin/sh\ntouch ${folder}/started\n`, { mode: 0o755 })
  const env = {
    PATH: `${folder}:${process.env['PATH']}`,
    PRESENCE_DSN: `sqlite:${folder}/board.db`,
    XDG_STATE_HOME: folder,
    HOME: folder,
  }
  for (const event of ['SessionStart', 'UserPromptSubmit', 'PostToolUse', 'SessionEnd']) {
    const input = JSON.stringify({ session_id: 's', cwd: main, hook_event_name: event })
    const { status, stdout } = await hook({ args: [event], input, env })
    expect(status).toBe(0)
    if (event === 'UserPromptSubmit') expect(stdout).toContain('"block"')
  }
  expect(existsSync(join(folder, 'started'))).toBe(false)
})
