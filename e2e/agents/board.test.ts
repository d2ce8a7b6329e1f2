import { join } from 'node:path'
import { beforeEach, describe, expect, it } from 'vitest'
import { AGENTS } from '../support/agents/index.ts'
import { newPlace, type Place } from '../support/agents/place.ts'
import { type Ran, runAgent } from '../support/agents/run.ts'

interface Claim {
  readonly session_id: string
  readonly resource_label: string
}

for (const agent of AGENTS)
  describe.skipIf(!agent.isHere)(
    'a real agent, with a stand-in for its model that plays scripted turns:',
    () => {
      const bob = { PRESENCE_SESSION_ID: 'bob' }
      let place: Place
      beforeEach(async () => {
        place = newPlace()
        for (const wiring of ['--hooks', '--mcp']) await place.presence(['init', wiring, agent.name])
        await place.presence(['claim', 'node:k8s-1', '--purpose', 'restart the kubelet'], bob)
      })

      const claims = async (): Promise<readonly Claim[]> =>
        JSON.parse((await place.presence(['list', '--json'])).stdout)
      /** The sessions that claimed a label, from the history: at the end of a run its claims are released. */
      const claimers = async (label: string) => {
        const log: readonly Claim[] = JSON.parse(
          (await place.presence(['log', label, '--json', '--since', '1h'])).stdout,
        )
        return new Set(log.map(({ session_id }) => session_id))
      }
      const claim = agent.shell('presence claim node:k8s-2 --purpose drain; presence list --json --mine')
      const bobsClaim = expect.objectContaining({ session_id: 'bob', resource_label: 'node:k8s-1' })

      it(`${agent.name} is told who is there, claims by command as its own session, and its end releases its claims`, async () => {
        const { id, asked, news } = await runAgent(agent, { place, turns: [claim, { text: 'drained' }] })
        expect(asked[0]).toContain('node:k8s-1: \\"restart the kubelet\\" by bob')
        expect(news[1]).toContain('claimed node:k8s-2')
        expect(await claimers('node:k8s-2')).toEqual(new Set([id]))
        expect(await claims()).toEqual([bobsClaim])
      })

      it(`${agent.name} claims through MCP as the session of its hooks, and its end releases these claims`, async () => {
        const lasting = { label: 'node:k8s-3', purpose: 'drain', exclusive: true, ttl: 'never' }
        const { id, news } = await runAgent(agent, {
          place,
          turns: [claim, agent.mcp('claim', lasting), { text: 'drained' }],
        })
        expect(news[2]).toMatch(/Claimed node:k8s-3|claimed\W+true/)
        expect(await claimers('node:k8s-3')).toEqual(new Set([id]))
        expect(await claims()).toEqual([bobsClaim])
      })

      it(`${agent.name} gives presence mcp the variables that name a secret’s file`, async () => {
        const env = { PRESENCE_SERVER_TOKEN_FILE: join(place.home, 'no-token') }
        const turns = [agent.mcp('list', {}), { text: 'seen' }]
        const { news } = await runAgent(agent, {
          place,
          turns,
          env: { ...env, PRESENCE_DSN: 'http://127.0.0.1:9' },
        })
        expect(news[1]).toMatch(/PRESENCE_SERVER_TOKEN_FILE .*no-token can't be read/)
      })

      it(`${agent.name} continues its session after a resume: its claims are its own, and its end releases them`, async () => {
        await claimedAndKilled()
        const [id] = await claimers('node:k8s-2')
        await place.presence(['claim', 'node:k8s-9', '--purpose', 'replace a disk'], bob)
        expect(await claims()).toHaveLength(3)
        const { asked, news } = await runAgent(agent, {
          place,
          resume: id ?? '',
          prompt: 'go on',
          turns: [agent.shell('presence list --json --mine'), { text: 'drained' }],
        })
        expect(asked[0], 'it is told what came meanwhile').toContain('node:k8s-9: \\"replace a disk')
        expect(asked[0], 'its own claim is not shown as another’s').not.toMatch(/drain[\\"]* by /)
        expect(news[1]).toContain('node:k8s-2')
        expect((await claims()).map(({ session_id }) => session_id)).toEqual(['bob', 'bob'])
      })

      /** A run that is killed after it has claimed: no hook sees its end. */
      const claimedAndKilled = (): Promise<Ran> =>
        runAgent(agent, { place, turns: [claim], end: { when: 1, signal: 'SIGKILL' } })
    },
  )
