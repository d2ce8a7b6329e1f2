import { execFileSync } from 'node:child_process'
import { mkdirSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { openBoard } from '@presence/core'
import { describe, expect, it } from 'vitest'
import { answered } from '../../../e2e/support/answered.ts'
import { AgentLab, type AgentName, type StandInAgent } from '../../../e2e/support/stand-in-agent.ts'
import { until } from '../../../e2e/support/until.ts'

// The agents are stand-ins: see e2e/support/stand-in-agent.ts.

async function holders(dsn: string): Promise<Readonly<Record<string, string>>> {
  await using board = await openBoard({ dsn, session: 'eve', env: {} })
  const said = await board.list()
  if (!said.ok) throw new Error(said.refusal.message)
  return Object.fromEntries(said.claims.map(({ label, session }) => [label, session.id]))
}

async function claim(agent: StandInAgent, label: string, ...more: string[]) {
  const said = await agent.shell(`presence claim ${label} --purpose p --json ${more.join(' ')}`)
  expect(said).toMatchObject({ status: 0, stderr: '' })
  return JSON.parse(said.stdout).claim
}

const isCurrent = async (agent: StandInAgent, label: string, token: number) =>
  (await agent.shell(`presence verify ${label} --token ${token}`)).status === 0

async function clear(agent: StandInAgent, id: string, isEndSeen = true): Promise<string> {
  if (isEndSeen) await agent.hook('end', { reason: 'clear' })
  agent.id = id
  return (await agent.hook('start', { source: 'clear' })).stdout
}

async function end(agent: StandInAgent, dsn: string): Promise<void> {
  await until('everything to be released', async () => {
    await agent.hook('end')
    return Object.keys(await holders(dsn)).length === 0
  })
}

const EVENTS: Readonly<Record<AgentName, { readonly start: string; readonly end: string }>> = {
  'claude-code': { start: 'SessionStart', end: 'SessionEnd' },
  codex: { start: 'SessionStart', end: 'SessionEnd' },
  'gemini-cli': { start: 'SessionStart', end: 'SessionEnd' },
  cursor: { start: 'sessionStart', end: 'sessionEnd' },
}

const CLEARING: readonly AgentName[] = ['claude-code', 'codex', 'gemini-cli']
const WITHOUT = [[], ['CLAUDE_PID'], ['CLAUDE_PID', 'CLAUDE_CODE_SESSION_ID']] as const
const CLEARED = CLEARING.flatMap(agent =>
  WITHOUT.map(without => ({ agent, without, words: without.join(', ') || 'nothing missing' })),
)

describe('/clear', () => {
  it.each(CLEARED)('continues the session of $agent, with $words', async ({ agent: kind, without }) => {
    const lab = new AgentLab()
    const agent = await lab.agent(kind, 'first', {}, { without })
    await agent.hook('start')
    await agent.mcp()
    const { token } = await claim(agent, 'node:a', '--exclusive')
    expect(await clear(agent, 'second'), 'its own claim is not reported as another’s').not.toContain('node:a')
    expect(await isCurrent(agent, 'node:a', token)).toBe(true)
    expect((await claim(agent, 'node:b')).session_id).toBe('first')
    expect((await agent.call('claim', { label: 'node:c', purpose: 'p' })).claim.session_id).toBe('first')
    await clear(agent, 'third')
    expect((await claim(agent, 'node:d')).session_id).toBe('first')
    await end(agent, lab.dsn)
  })

  it.each(CLEARING)('continues the session of %s also if its end was not seen', async kind => {
    const lab = new AgentLab()
    const agent = await lab.agent(kind, 'first')
    await agent.hook('start')
    await claim(agent, 'node:a', '--exclusive')
    expect(await clear(agent, 'second', false)).not.toContain('node:a')
    expect((await claim(agent, 'node:b')).session_id).toBe('first')
    await end(agent, lab.dsn)
  })

  it('continues a session that was chosen, and each of two agents in one folder continues its own', async () => {
    const lab = new AgentLab()
    const chosen = await lab.agent('claude-code', 'a1', { PRESENCE_SESSION_ID: 'chosen' })
    const other = await lab.agent('claude-code', 'b1')
    for (const agent of [chosen, other]) await agent.hook('start')
    await Promise.all([chosen, other].map(agent => agent.hook('end', { reason: 'clear' })))
    other.id = 'b2'
    await other.hook('start', { source: 'clear' })
    chosen.id = 'a2'
    await chosen.hook('start', { source: 'clear' })
    expect((await claim(chosen, 'node:a')).session_id).toBe('chosen')
    expect((await claim(other, 'node:b')).session_id).toBe('b1')
  })

  it('of an inner agent leaves the session of the outer one alone', async () => {
    const lab = new AgentLab()
    const outer = await lab.agent('claude-code', 'outer')
    await outer.hook('start')
    const { token } = await claim(outer, 'node:o', '--exclusive')
    const inner = await outer.start('claude-code', 'inner', { without: ['CLAUDE_PID'] })
    await inner.hook('start')
    await clear(inner, 'inner-2')
    expect((await claim(inner, 'node:i')).session_id).toBe('inner')
    await inner.hook('end')
    expect(await isCurrent(outer, 'node:o', token)).toBe(true)
  })
})

describe('an agent that resumes a session', () => {
  it.each(['claude-code', 'codex', 'gemini-cli', 'cursor'] as const)(
    '%s has its claims again after it was killed',
    async kind => {
      const lab = new AgentLab()
      const before = await lab.agent(kind, 'same', { PRESENCE_SESSION_ID: 'chosen' })
      await before.hook('start')
      const { token } = await claim(before, 'node:a', '--exclusive')
      before.kill()
      const after = await lab.agent(kind, 'same')
      expect((await after.hook('start', { source: 'resume' })).stdout).not.toContain('node:a')
      expect((await claim(after, 'node:b')).session_id).toBe('chosen')
      expect(await isCurrent(after, 'node:a', token)).toBe(true)
      await end(after, lab.dsn)
    },
  )

  it('in the same process leaves the session before', async () => {
    const lab = new AgentLab()
    const agent = await lab.agent('gemini-cli', 'first')
    await agent.hook('start')
    await claim(agent, 'node:a')
    await end(agent, lab.dsn)
    agent.id = 'second'
    await agent.hook('start', { source: 'resume' })
    expect((await claim(agent, 'node:b')).session_id).toBe('second')
  })

  it('that another process still has is a session of its own', async () => {
    const lab = new AgentLab()
    const [one, other] = [await lab.agent('claude-code', 'same'), await lab.agent('claude-code', 'same')]
    await one.hook('start')
    await other.hook('start', { source: 'resume' })
    const { token } = await claim(one, 'node:a', '--exclusive')
    await other.mcp()
    const second = await claim(other, 'node:b')
    expect(second.session_id).toMatch(/^same-[0-9a-f]{8}$/)
    expect((await other.call('claim', { label: 'node:c', purpose: 'p' })).claim.session_id).toBe(
      second.session_id,
    )
    await other.hook('tool')
    await until('the other to hold nothing', async () => {
      await other.hook('end')
      return Object.keys(await holders(lab.dsn)).length === 1
    })
    expect(await isCurrent(one, 'node:a', token)).toBe(true)
  })
})

describe('two sessions whose hooks have one parent, as a script that calls them has', () => {
  const INNER = ['claude-code', 'codex', 'gemini-cli', 'cursor'] as const

  it.each(INNER)('are two: Claude Code, and %s with the variables of the first', async kind => {
    const lab = new AgentLab()
    const script = await lab.agent('claude-code', 'OUTER')
    const { end, start } = EVENTS[kind]
    const fire = (event: string, id: string, agent: string, more: object) =>
      answered(async () => {
        const payload = { session_id: id, cwd: lab.home, at: performance.now(), ...more }
        const hook = `presence hook ${event} --agent ${agent}`
        return (await script.shell(`echo '${JSON.stringify(payload)}' | ${hook}`)).stdout
      })
    await fire('SessionStart', 'OUTER', 'claude-code', { source: 'startup' })
    const { token, session_id: session } = await claim(script, 'node:o', '--exclusive')
    expect(session).toBe('OUTER')
    await fire(start, 'INNER', kind, { source: 'startup' })
    expect((await claim(script, 'node:o2')).session_id).toBe('OUTER')
    await fire(end, 'INNER', kind, { reason: 'other' })
    expect(await holders(lab.dsn)).toEqual({ 'node:o': 'OUTER', 'node:o2': 'OUTER' })
    expect(await isCurrent(script, 'node:o', token)).toBe(true)
    await until('the release', async () => {
      await fire('SessionEnd', 'OUTER', 'claude-code', { reason: 'other' })
      return Object.keys(await holders(lab.dsn)).length === 0
    })
  })
})

describe('a payload without a session', () => {
  it.each(['codex', 'gemini-cli', 'cursor', 'claude-code'] as const)(
    'of %s inside Claude Code neither releases nor registers anything',
    async kind => {
      const lab = new AgentLab()
      const outer = await lab.agent('claude-code', 'outer', { PRESENCE_SESSION_ID: 'chosen' })
      await outer.hook('start')
      await claim(outer, 'node:o')
      const inner = await outer.start(kind, 'inner', { without: ['CLAUDE_CODE_SESSION_ID'] })
      for (const event of ['start', 'tool', 'end'] as const)
        await inner.hook(event, { session_id: undefined, conversation_id: undefined })
      expect(await holders(lab.dsn)).toEqual({ 'node:o': 'chosen' })
      await using board = await openBoard({ dsn: lab.dsn, session: 'eve', env: {} })
      expect((await board.who()).sessions.map(({ session }) => session.id)).toEqual(['chosen'])
    },
  )
})

describe('an id that looks like another one’s', () => {
  it.each([
    ['claude-code', 'codex'],
    ['codex', 'claude-code'],
    ['gemini-cli', 'codex'],
    ['cursor', 'gemini-cli'],
  ] as const)(
    '%s outside, and %s inside with the same id, are two sessions',
    async (outerKind, innerKind) => {
      const lab = new AgentLab()
      const outer = await lab.agent(outerKind, 'same')
      await outer.hook('start')
      const { token } = await claim(outer, 'node:o', '--exclusive')
      const inner = await outer.start(innerKind, 'same')
      await inner.hook('start')
      await inner.mcp()
      expect((await claim(inner, 'node:i')).session_id).toBe(`${innerKind}-same`)
      const { claim: served } = await inner.call('claim', { label: 'node:s', purpose: 'p' })
      expect(served.session_id).toBe(`${innerKind}-same`)
      await inner.hook('tool')
      await until('the inner one to hold nothing', async () => {
        await inner.hook('end')
        return Object.keys(await holders(lab.dsn)).length === 1
      })
      expect(await isCurrent(outer, 'node:o', token)).toBe(true)
    },
  )

  it('is the same session if Cursor also runs Claude Code’s hooks', async () => {
    const lab = new AgentLab()
    const agent = await lab.agent('cursor', 'conv')
    await agent.hook('start')
    const input = JSON.stringify({ session_id: 'conv', cwd: lab.home, source: 'startup' })
    await agent.shell(`echo '${input}' | presence hook SessionStart`)
    expect((await claim(agent, 'node:a')).session_id).toBe('conv')
    await until('the release', async () => {
      await agent.shell(`echo '${input}' | presence hook SessionEnd`)
      return Object.keys(await holders(lab.dsn)).length === 0
    })
  })
})

describe('Cursor, with many conversations in one process,', () => {
  it('has commands that are known only by words, and servers whose agent registers', async () => {
    const lab = new AgentLab()
    const agent = await lab.agent('cursor', 'conv-1')
    await agent.hook('start')
    await agent.mcp()
    expect((await agent.call('claim', { label: 'node:a', purpose: 'p' })).claim.session_id).toBe('conv-1')
    agent.id = 'conv-2'
    await agent.hook('start')
    expect((await claim(agent, 'node:b')).session_id).toMatch(/@/)
    expect((await claim(agent, 'node:c', '--session', 'conv-2')).session_id).toBe('conv-2')
    expect((await agent.call('claim', { label: 'node:d', purpose: 'p' })).claim.session_id).toMatch(/@/)
    await until('the end of the second', async () => {
      await agent.hook('end')
      return (await claim(agent, 'node:e')).session_id === 'conv-1'
    })
  })
})

describe('a record of a process', () => {
  const NOTHING = [
    '',
    'garbage',
    '{"agent":1}',
    '{"agent":"gemini-cli","id":"x","session":"a\\nb","seen":[]}',
  ]
  const spoil: Record<string, (file: string, lab: AgentLab) => void> = {
    'is a link': (file, { home }) => {
      const session = { agent: 'gemini-cli', id: 'x', session: 'stranger', seen: [] }
      writeFileSync(join(home, 'planted'), JSON.stringify(session))
      symlinkSync(join(home, 'planted'), file)
    },
    'is a folder': file => mkdirSync(file),
    'is a pipe': file => execFileSync('mkfifo', [file]),
    'is garbage': file => writeFileSync(file, NOTHING.join('\n')),
    'is huge': file => writeFileSync(file, '{}\n'.repeat(200_000)),
  }
  const asRoot = process.getuid?.() === 0
  if (asRoot)
    spoil['belongs to another user'] = file => {
      writeFileSync(file, '{"agent":"gemini-cli","id":"x","session":"stranger","seen":[]}', { mode: 0o666 })
      execFileSync('chown', ['12345', file])
    }

  it.each(Object.keys(spoil))('decides nothing if it %s, and the next start writes it anew', async how => {
    const lab = new AgentLab()
    const agent = await lab.agent('gemini-cli', 'g1')
    await agent.hook('start')
    const hooks = join(lab.home, '.local/state/presence/hooks')
    const file = join(hooks, readdirSync(hooks).find(name => name.startsWith(`process-${agent.pid}-`)) ?? '')
    rmSync(file)
    spoil[how]?.(file, lab)
    expect((await claim(agent, 'node:a')).session_id).not.toBe('stranger')
    await agent.hook('start', { source: 'compact' })
    expect((await claim(agent, 'node:b')).session_id).toBe('g1')
  })
})
