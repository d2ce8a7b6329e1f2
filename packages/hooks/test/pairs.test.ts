import { openBoard } from '@presence/core'
import { describe, expect, it } from 'vitest'
import {
  AGENT_NAMES,
  AgentLab,
  type AgentName,
  type Exports,
  type StandInAgent,
} from '../../../e2e/support/stand-in-agent.ts'
import { until } from '../../../e2e/support/until.ts'

// The agents are stand-ins: see e2e/support/stand-in-agent.ts.

interface Variant {
  readonly name: string
  /** What the agents export. */
  readonly exports: Exports
  /** What was set before the outer agent was started. */
  readonly before?: Readonly<Record<string, string>>
  /** Only if the outer agent is this one. */
  readonly of?: AgentName
}

const IDS = ['CLAUDE_CODE_SESSION_ID', 'CODEX_SESSION_ID', 'CODEX_THREAD_ID', 'GEMINI_SESSION_ID']
const FLAGS = ['CLAUDECODE', 'GEMINI_CLI', 'CURSOR_AGENT']
const VARIANTS: readonly Variant[] = [
  { name: 'all variables are exported', exports: {} },
  { name: 'CLAUDE_PID is not exported', exports: { without: ['CLAUDE_PID'] }, of: 'claude-code' },
  { name: 'no session id is exported', exports: { without: IDS }, of: 'claude-code' },
  { name: 'nothing is exported', exports: { without: [...IDS, ...FLAGS, 'CLAUDE_PID'], envFile: false } },
  {
    name: 'a session was chosen for the outer one',
    exports: {},
    before: { PRESENCE_SESSION_ID: 'chosen' },
    of: 'claude-code',
  },
  {
    name: 'a session was chosen, and nothing is exported',
    exports: { without: [...IDS, ...FLAGS, 'CLAUDE_PID'], envFile: false },
    before: { PRESENCE_SESSION_ID: 'chosen' },
  },
]
const CASES = AGENT_NAMES.flatMap(outer =>
  AGENT_NAMES.flatMap(inner =>
    VARIANTS.filter(({ of = outer }) => of === outer).map(variant => ({
      ...variant,
      outer,
      inner,
    })),
  ),
)

/** Who holds what. */
async function holders(dsn: string): Promise<Readonly<Record<string, string>>> {
  await using board = await openBoard({ dsn, session: 'eve', env: {} })
  const said = await board.list()
  if (!said.ok) throw new Error(said.refusal.message)
  return Object.fromEntries(said.claims.map(({ label, session }) => [label, session.id]))
}

async function claim(agent: StandInAgent, label: string, ...more: string[]) {
  const said = await agent.shell(`presence claim ${label} --purpose p --json ${more.join(' ')}`)
  expect(said.stderr).toBe('')
  expect(said.status).toBe(0)
  return JSON.parse(said.stdout).claim
}

/** Ends a session until it holds nothing: on a busy machine a hook may have no time to release. */
async function end(agent: StandInAgent, dsn: string, session: string): Promise<void> {
  await until(`${session} to hold nothing`, async () => {
    await agent.hook('end')
    return !Object.values(await holders(dsn)).includes(session)
  })
}

describe('an agent, and another one started from its shell', () => {
  it.for(CASES)('are two sessions: $outer, $inner, if $name', async kinds => {
    const { exports, before = {} } = kinds
    const lab = new AgentLab()
    const outer = await lab.agent(kinds.outer, 'outer-id', before, exports)
    await outer.hook('start')
    const held = await claim(outer, 'node:outer', '--exclusive')
    expect(held.session_id).toBe(before['PRESENCE_SESSION_ID'] ?? 'outer-id')

    const inner = await outer.start(kinds.inner, 'inner-id', exports)
    await inner.hook('start')
    expect((await claim(inner, 'node:inner')).session_id).toBe('inner-id')
    await inner.hook('tool')
    await inner.mcp()
    const { claim: served } = await inner.call('claim', {
      label: 'node:served',
      purpose: 'p',
      ttl: 'never',
      exclusive: true,
    })
    expect(served.session_id).toBe('inner-id')
    const mine = JSON.parse((await inner.shell('presence list --mine --json')).stdout)
    expect(mine.map((each: { resource_label: string }) => each.resource_label).toSorted()).toEqual([
      'node:inner',
      'node:served',
    ])
    expect((await claim(outer, 'node:later')).session_id).toBe(held.session_id)

    await end(inner, lab.dsn, 'inner-id')
    expect(await holders(lab.dsn)).toEqual({ 'node:outer': held.session_id, 'node:later': held.session_id })
    const verified = await outer.shell(`presence verify node:outer --token ${held.token}`)
    expect(verified.status).toBe(0)

    if (before['PRESENCE_SESSION_ID']) return
    const second = await outer.start(kinds.inner, 'second-id', exports)
    await second.hook('start')
    await claim(second, 'node:second', '--exclusive')
    await end(outer, lab.dsn, held.session_id)
    expect(await holders(lab.dsn)).toEqual({ 'node:second': 'second-id' })
    expect((await claim(second, 'node:second', '--exclusive')).session_id).toBe('second-id')
  })
})
