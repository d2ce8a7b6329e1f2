import { shellWord } from '@presence/core/internal'
import { beforeEach, describe, expect, it } from 'vitest'
import type { Agent, AgentName } from '../support/agents/agent.ts'
import { AGENTS } from '../support/agents/index.ts'
import { newPlace, type Place } from '../support/agents/place.ts'
import { type Ready, readyAgent, runAgent } from '../support/agents/run.ts'

/** The command line that starts an agent from a shell. */
function lineOf({ program, args, env }: Ready): string {
  const set = Object.entries(env).map(([name, value]) => `${name}=${shellWord(value)}`)
  return ['env', ...set, ...[program, ...args].map(shellWord)].join(' ')
}

interface Event {
  readonly event: string
  readonly session_id: string
}

/** Tests every agent that this one starts from its shell. */
export function testNestedIn(name: AgentName): void {
  const outer = AGENTS.find(agent => agent.name === name) as Agent
  describe.skipIf(AGENTS.some(({ isHere }) => !isHere))(
    'a real agent that another one starts from its shell:',
    () => {
      let place: Place
      beforeEach(() => {
        place = newPlace()
      })

      const eventsOn = async (label: string): Promise<readonly Event[]> =>
        JSON.parse((await place.presence(['log', label, '--json', '--since', '1h'])).stdout)

      async function started(inner: Agent): Promise<void> {
        for (const { name } of new Set([outer, inner]))
          for (const wiring of ['--hooks', '--mcp']) await place.presence(['init', wiring, name])
        const ready = await readyAgent(inner, {
          place,
          sandbox: 'everything',
          turns: [
            inner.shell('presence claim node:inner --purpose inner'),
            inner.mcp('claim', { label: 'node:inner-mcp', purpose: 'inner' }),
            { text: 'done inside' },
          ],
        })
        const { id, news } = await runAgent(outer, {
          place,
          sandbox: 'everything',
          turns: [
            outer.shell('presence claim node:outer --exclusive --purpose outer'),
            outer.shell(lineOf(ready)),
            outer.shell('presence list --json'),
            { text: 'done' },
          ],
        })
        expect(news[2], 'the inner agent ended').toContain('done inside')
        const [claimed, released] = await eventsOn('node:inner')
        expect(released).toEqual({ ...claimed, event: 'release', at: expect.any(String) })
        expect(claimed?.session_id).not.toBe(id)
        const throughMcp = await eventsOn('node:inner-mcp')
        expect(throughMcp.map(({ event, session_id }) => [event, session_id])).toEqual([
          ['claim', claimed?.session_id],
          ['release', claimed?.session_id],
        ])
        // Only the outer agent's claim is left after the inner one's end, and it is the outer one's own.
        expect(news[3]).toContain('node:outer')
        expect(news[3]).not.toContain('node:inner')
        const outers = await eventsOn('node:outer')
        expect(outers.map(({ event, session_id }) => [event, session_id])).toEqual([
          ['claim', id],
          ['release', id],
        ])
      }

      for (const inner of AGENTS)
        it(`${inner.name} in ${outer.name} is a session of its own, and its end leaves the claim of the outer one`, () =>
          started(inner))
    },
  )
}
