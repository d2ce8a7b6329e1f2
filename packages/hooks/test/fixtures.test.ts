import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openBoard } from '@presence/core'
import type { GuardMode } from '@presence/core/internal'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { WIRING_AGENTS } from '../../cli/src/wiring/agents.ts'
import { ADAPTERS } from '../src/agents/index.ts'
import { guardTool } from '../src/guard/before-tool.ts'
import { LocalHost } from '../src/local-host.ts'
import { type Call, respond } from '../src/respond.ts'
import { ACCEPTED } from './accepted.ts'
import { BOARDS } from './boards.ts'
import { CASES, FIXTURES, partsOf, timeless } from './cases.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'presence-hooks-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

describe('a documented payload is answered as the fixture says, in a form that the agent accepts', () => {
  it.each(CASES)('$agent $event: $name', async ({ agent, event, name }) => {
    const { board, arguments: more, payload, me, answer: file } = partsOf({ agent, event, name })
    const adapter = ADAPTERS.get(agent)
    const known = adapter?.eventOf(event)
    if (!adapter || !known) throw new Error(`${agent} has no event ${event}`)
    const dsn = await BOARDS[board](folder, me)
    const env = {
      PRESENCE_DSN: dsn,
      XDG_STATE_HOME: folder,
      XDG_CONFIG_HOME: folder,
      HOME: folder,
      ...(event.match(/^(pre|Before)Tool|PreToolUse|Permission/) ? withTracker(folder) : {}),
    }

    const mode = more[more.indexOf('--guard') + 1] as GuardMode
    const answer = more.includes('--guard')
      ? (call: Call & { readonly host: LocalHost }) =>
          guardTool({ ...call, env, mode, startedAt: Date.now(), onWait: () => {} })
      : respond
    const output = await answer({
      adapter,
      event: known,
      name: event,
      payload,
      denyTaskTools: more.includes('--deny-task-tools'),
      host: new LocalHost({ adapter, env, taken: false, deadlineMs: 10_000 }),
    })
    const said = adapter.write(output, known, event)
    await expect(`${JSON.stringify(timeless(said ?? null), null, 2)}\n`).toMatchFileSnapshot(file)
    if (said) ACCEPTED[agent as keyof typeof ACCEPTED](said)
    if (known === 'SessionEnd' && board === 'co-claim') {
      await using asked = await openBoard({ dsn, env, session: me })
      const { claims } = await asked.list({ mine: true }).then(list => (list.ok ? list : { claims: [] }))
      expect(claims.length, 'the end of a session releases its claims, except after /clear').toBe(
        name === 'clear' ? 1 : 0,
      )
    }
  })
})

/** A project that keeps its tasks in a tracker. */
function withTracker(folder: string): { readonly CLAUDE_PROJECT_DIR: string; readonly PATH: string } {
  mkdirSync(join(folder, '.beads'))
  writeFileSync(join(folder, 'bd'), '#!/bin/sh\n', { mode: 0o755 })
  return { CLAUDE_PROJECT_DIR: folder, PATH: folder }
}

it('every event of a fixture is wired, and every wired event has a fixture', () => {
  const options = {
    user: false,
    denyTaskTools: true,
    releaseOnStop: true,
    statusLine: false,
    server: undefined,
    guard: 'off' as const,
    viaMcp: false,
  }
  for (const agent of WIRING_AGENTS)
    expect([...new Set(agent.wired(options).map(({ event }) => event))].sort()).toEqual(
      readdirSync(join(FIXTURES, agent.name)).sort(),
    )
})
