import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { CASES, partsOf } from '../../packages/hooks/test/cases.ts'
import type { Agent } from '../support/agents/agent.ts'
import { AGENTS } from '../support/agents/index.ts'
import type { Seen } from '../support/agents/probe.ts'
import { ROWS, runsOf } from './rows.ts'

const PAGE = readFileSync(join(import.meta.dirname, '../../docs/agents.md'), 'utf8')
const TABLE = PAGE.split('\n')
  .filter(line => line.startsWith('|'))
  .map(line =>
    line
      .split('|')
      .slice(1, -1)
      .map(cell => cell.trim()),
  )
const [HEAD = [], , ...BODY] = TABLE

/** What the table says about an agent, by row. */
function columnOf({ title, version }: Agent): Readonly<Record<string, string>> {
  const at = HEAD.indexOf(`${title} ${version}`)
  if (at < 0) throw new Error(`docs/agents.md has no column ${title} ${version}`)
  return Object.fromEntries(BODY.map(row => [row[0], row[at]]))
}

const ONLY_IN_SUBAGENTS: ReadonlySet<string> = new Set(['agent_id', 'agent_type'])

/** Whether the fixtures of the hooks have only fields that the agent really sends, with the same types. */
function checkFixtures({ name }: Agent, sent: Seen['payload']): void {
  const ofEvent = CASES.filter(each => each.agent === name && each.event === sent['hook_event_name'])
  for (const { payload } of ofEvent.map(partsOf))
    for (const [key, value] of Object.entries(payload).filter(([key]) => !ONLY_IN_SUBAGENTS.has(key)))
      expect.soft(typeof sent[key], `${key} of ${name} ${sent['hook_event_name']}`).toBe(typeof value)
}

describe('the table in docs/agents.md', () => {
  for (const agent of AGENTS)
    it.skipIf(!agent.isHere)(
      `says what ${agent.title} ${agent.version} does, and the fixtures what it sends`,
      async () => {
        const runs = await runsOf(agent)
        const seen = Object.fromEntries(Object.entries(ROWS).map(([row, look]) => [row, look(runs)]))
        expect(columnOf(agent)).toEqual(seen)
        const sent = [runs.answers, runs.commands].flatMap(({ probe }) => probe.seen)
        for (const { payload } of sent) checkFixtures(agent, payload)
      },
    )
})
