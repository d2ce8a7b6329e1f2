import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { type AddressInfo, createServer } from 'node:net'
import { join } from 'node:path'
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest'
import type { Agent } from '../support/agents/agent.ts'
import { installPlugin } from '../support/agents/claude-code.ts'
import { AGENTS } from '../support/agents/index.ts'
import { newPlace, PATH, type Place } from '../support/agents/place.ts'
import { type Ran, runAgent, runOnce } from '../support/agents/run.ts'

interface Event {
  readonly event: string
  readonly session_id: string
  readonly note: string | null
}

/** A kubectl that writes down with what it was called. */
const KUBECTL = `#!/bin/sh
echo "$*" >>"$PWD/kubectl.log"
echo "ran $1"
`

/** A database that accepts connections and says nothing, as one that hangs. */
async function frozen(): Promise<number> {
  const server = createServer(socket => socket.on('error', () => {}))
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void server.close())
  return (server.address() as AddressInfo).port
}

for (const agent of AGENTS)
  describe.skipIf(!agent.isHere)('the guard of a real agent:', () => {
    let place: Place
    beforeEach(() => {
      place = newPlace()
      mkdirSync(join(place.home, 'bin'))
      writeFileSync(join(place.home, 'bin/kubectl'), KUBECTL, { mode: 0o755 })
    })

    const run = (turns: Parameters<typeof runAgent>[1]['turns'], more = {}): Promise<Ran> =>
      runAgent(agent, {
        place,
        turns,
        sandbox: 'everything',
        env: { PATH: `${join(place.home, 'bin')}:${PATH}` },
        ...more,
      })
    const kubectlRan = () => readFileSync(join(place.project, 'kubectl.log'), 'utf8').trim().split('\n')
    const events = async (): Promise<readonly Event[]> =>
      JSON.parse((await place.presence(['log', 'node:k8s-1', '--json'])).stdout)
    const kubectl = (verb: string, of: Agent = agent) => of.shell(`kubectl ${verb} k8s-1`)
    /** An agent that has drained the node without a claim by hand, and is still there. */
    const drained = () =>
      run([kubectl('drain'), { text: 'drained' }], { end: { when: 1, signal: 'SIGKILL' } })

    it(`${agent.name} is paused once with the other’s command, goes through at the second try, and both see it`, async () => {
      await place.presence(['init', '--hooks', agent.name])
      await drained()
      const { id, news } = await run([
        kubectl('cordon'),
        agent.shell('sleep 3.5'),
        kubectl('cordon'),
        { text: 'cordoned' },
      ])
      expect(news[1], 'the refusal').toContain('kubectl drain k8s-1')
      expect(news[1]).not.toContain('ran cordon')
      expect(news[3]).toContain('ran cordon')
      expect(kubectlRan()).toEqual(['drain k8s-1', 'cordon k8s-1'])
      const happened = await events()
      const ofB = happened.filter(({ session_id }) => session_id === id).map(({ event }) => event)
      expect(ofB).toEqual(expect.arrayContaining(['paused', 'proceeded']))
      expect(happened[0]).toMatchObject({ event: 'claim', auto: true })
      const [row] = JSON.parse((await place.presence(['compliance', '--json'])).stdout)
      expect(row).toMatchObject({
        kind: 'node',
        changed: 2,
        automatic: 2,
        paused: 1,
        heeded: 0,
        proceeded: 1,
      })
    })

    it(`${agent.name} runs a command while the database is frozen, and is told that nobody knows who is there`, async () => {
      await place.presence(['init', '--hooks', agent.name])
      const port = await frozen()
      const env = {
        PATH: `${join(place.home, 'bin')}:${PATH}`,
        PRESENCE_DSN: `mysql://presence@127.0.0.1:${port}/presence`,
      }
      const turns = [kubectl('drain'), { text: 'done' }]
      const { asked, news } = await runOnce(agent, { place, turns, sandbox: 'everything', env })
      expect(kubectlRan()).toEqual(['drain k8s-1'])
      expect(news[1]).toContain('ran drain')
      expect(asked.at(-1)).toContain(
        'the command changes node:k8s-1, and nobody knows who else works on that',
      )
    })

    // Only Claude Code has plugins and hooks that call a tool.
    if (agent.name === 'claude-code') {
      it(`${agent.name}’s plugin pauses two calls of one message alike`, async () => {
        await installPlugin(place)
        await drained()
        const both = { calls: [kubectl('cordon'), kubectl('uncordon')] }
        const { news } = await run([both, { text: 'asked' }])
        expect(news[1]?.split('kubectl drain k8s-1').length ?? 0).toBeGreaterThanOrEqual(3)
        expect(kubectlRan()).toEqual(['drain k8s-1'])
      })

      it.each([
        ['with', true],
        ['by its command without', false],
      ])('claude-code is paused --via mcp %s a server', async (_, hasServer) => {
        await place.presence(['init', '--hooks', agent.name, '--via', 'mcp'])
        if (hasServer) await place.presence(['init', '--mcp', agent.name])
        await drained()
        const marks = agent.shell('sleep 3.5; ls ~/.local/state/presence/hooks')
        const again = [marks, kubectl('cordon')]
        const { news } = await run([kubectl('cordon'), ...again, { text: 'cordoned' }])
        expect(news[1], 'the refusal').toContain('kubectl drain k8s-1')
        expect(kubectlRan()).toEqual(['drain k8s-1', 'cordon k8s-1'])
        expect(news[2]?.includes('.mcp')).toBe(hasServer)
        expect((await events()).filter(({ event }) => event === 'paused')).toHaveLength(1)
      })
    }

    it(`${agent.name} runs without a word what changes nothing`, async () => {
      await place.presence(['init', '--hooks', agent.name])
      const { news } = await run([kubectl('get node'), { text: 'seen' }])
      expect(news[1]).toContain('ran get')
      expect(await events()).toEqual([])
      rmSync(join(place.project, 'kubectl.log'))
    })
  })
