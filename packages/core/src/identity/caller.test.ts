import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { accepted } from '../../test/answers.ts'
import { type Environment, stateFolder } from '../config/folders.ts'
import { recordSession } from './agent-session.ts'
import { givenId } from './given.ts'
import { resolveIdentity } from './resolve.ts'
import { agentExports, agentSessionExports, runExports, seenIn } from './variables.ts'

// No process here is recorded, as on a system without /proc or in a sandbox with process ids of its own: only the
// variables tell which agent is the nearest, and what their hooks recorded under their ids.

let home: string
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'presence-test-'))
})
afterEach(() => rmSync(home, { recursive: true, force: true }))

const CLAUDE = { CLAUDE_CODE_SESSION_ID: 'claude-1', CLAUDECODE: '1' }
const CODEX = { CODEX_SESSION_ID: 'codex-1', CODEX_THREAD_ID: 'codex-1' }

/** What the start hook of an agent does in this environment. Returns what it exports to the agent's shell. */
function started(agent: string, id: string, env: Environment, session = id): Environment {
  recordSession(stateFolder({ HOME: home }), { agent, id, session, seen: seenIn(env) }, [])
  return Object.fromEntries(agentExports({ agent, id, session }, env))
}

const callerIn = (env: Environment) =>
  accepted(resolveIdentity(undefined, { HOME: home, ...env })).value.session

describe('a command in the shell of an agent that another agent started', () => {
  it('is Codex’s inside Claude Code, and Claude Code’s inside Codex', () => {
    const exported = started('claude-code', 'claude-1', CLAUDE)
    started('codex', 'codex-1', { ...CLAUDE, ...exported })
    expect(callerIn({ ...CLAUDE, ...exported, ...CODEX })).toMatchObject({ id: 'codex-1', agent: 'codex' })

    started('codex', 'codex-1', {})
    const inner = started('claude-code', 'claude-1', { ...CODEX, ...CLAUDE })
    expect(callerIn({ ...CODEX, ...CLAUDE, ...inner })).toMatchObject({
      id: 'claude-1',
      agent: 'claude-code',
    })
  })

  it('is the inner one’s also if only one of the two has hooks', () => {
    const exported = started('claude-code', 'claude-1', CLAUDE)
    expect(callerIn({ ...CLAUDE, ...exported, ...CODEX }).id).toBe('codex-1')
    expect(callerIn({ ...CLAUDE, ...CODEX }).id).toBe('codex-1')
    rmSync(home, { recursive: true, force: true })
    started('codex', 'codex-1', {})
    expect(callerIn({ ...CODEX, ...CLAUDE }).id).toBe('claude-1')
  })

  it('is the inner Claude Code’s inside Claude Code', () => {
    const outer = started('claude-code', 'claude-1', CLAUDE)
    const own = { ...CLAUDE, CLAUDE_CODE_SESSION_ID: 'claude-2' }
    expect(callerIn({ ...outer, ...own }).id, 'without hooks').toBe('claude-2')
    const inner = started('claude-code', 'claude-2', { ...outer, ...own })
    expect(callerIn({ ...outer, ...own, ...inner }).id).toBe('claude-2')
    expect(callerIn({ ...CLAUDE, ...outer }).id).toBe('claude-1')
  })

  it('does not speak as the session that was chosen for the outer one', () => {
    const chosen = { PRESENCE_SESSION_ID: 'chosen' }
    started('codex', 'codex-1', chosen, 'chosen')
    expect(callerIn({ ...chosen, ...CODEX }).id).toBe('chosen')
    const inner = { ...chosen, ...CODEX, ...CLAUDE }
    started('claude-code', 'claude-1', inner)
    expect(callerIn(inner).id).toBe('claude-1')
    expect(callerIn({ ...inner, PRESENCE_SESSION_ID: 'mine' }).id, 'named for this command').toBe('mine')
  })
})

describe('the mark of presence run', () => {
  it('counts for its command, and not for an agent that is started there', () => {
    const exported = started('claude-code', 'claude-1', CLAUDE)
    const inRun = { ...CLAUDE, ...exported, ...runExports('job', { ...CLAUDE, ...exported }) }
    expect(callerIn(inRun).id).toBe('job')
    expect(givenId(inRun, { agent: 'codex', id: 'codex-1', above: [] })).toBeUndefined()
    expect(callerIn({ ...inRun, ...CODEX }).id, 'without hooks').toBe('codex-1')
    started('codex', 'codex-1', inRun)
    expect(callerIn({ ...inRun, ...CODEX }).id).toBe('codex-1')
  })
})

describe('PRESENCE_SESSION_ID', () => {
  const asker = { agent: 'codex', id: 'codex-1', above: [] }

  it.each([
    ['without a mark, for the first agent', { PRESENCE_SESSION_ID: 's' }, 's'],
    ['that a hook exported', { PRESENCE_SESSION_ID: 's', PRESENCE_HOOK_SESSION_ID: 's' }, undefined],
    ['beside what a hook exported', { PRESENCE_SESSION_ID: 's', PRESENCE_HOOK_SESSION_ID: 'p' }, 's'],
    ['if another agent is between', { PRESENCE_SESSION_ID: 's', ...CLAUDE }, undefined],
    ['if only that agent’s presence is known', { PRESENCE_SESSION_ID: 's', GEMINI_CLI: '1' }, undefined],
    ['marked for this agent', { ...CLAUDE, ...agentSessionExports('s', CLAUDE) }, 's'],
    ['marked for an agent above', { ...agentSessionExports('s', {}), ...CLAUDE }, undefined],
    ['with a mark that is malformed', { PRESENCE_SESSION_ID: 's', PRESENCE_SESSION_FOR: 'agent x %' }, 's'],
    ['that is empty', { PRESENCE_SESSION_ID: '' }, undefined],
  ])('%s: %j', (_, env, given) => {
    expect(givenId(env, asker)).toBe(given)
  })

  it('counts for one agent only', () => {
    const env = { PRESENCE_SESSION_ID: 's' }
    const first = { agent: 'gemini-cli', id: 'g', session: 's', seen: seenIn(env) }
    expect(givenId(env, { ...asker, above: [first] })).toBeUndefined()
    expect(givenId({ PRESENCE_SESSION_ID: 'other' }, { ...asker, above: [first] })).toBe('other')
  })
})
