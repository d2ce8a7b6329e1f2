import { DatabaseSync } from 'node:sqlite'
import { describe, expect, it } from 'vitest'
import { presence } from '../../../e2e/support/cli.ts'
import { AGENT_NAMES, AgentLab, type StandInAgent } from '../../../e2e/support/stand-in-agent.ts'
import { until } from '../../../e2e/support/until.ts'

// The agents are stand-ins: see e2e/support/stand-in-agent.ts.

const list = async (lab: AgentLab, ...args: string[]) =>
  (await presence(['list', ...args], { env: { PRESENCE_DSN: lab.dsn, PRESENCE_SESSION_ID: 'eve' } })).stdout
const labels = async (lab: AgentLab) =>
  JSON.parse(await list(lab, '--json')).map((each: { resource_label: string }) => each.resource_label)

async function claimForever(agent: StandInAgent, label: string) {
  return (await agent.call('claim', { label, purpose: 'p', exclusive: true, ttl: 'never' })).claim
}

describe('what an MCP server claimed', () => {
  it.each(AGENT_NAMES)(
    'is released when the session of %s ends, even a claim that never expires',
    async kind => {
      const lab = new AgentLab()
      const agent = await lab.agent(kind, 'a1')
      await agent.hook('start')
      await agent.mcp()
      expect((await claimForever(agent, 'node:a')).session_id).toBe('a1')
      await until('the release', async () => {
        await agent.hook('end')
        return (await labels(lab)).length === 0
      })
      await agent.closeMcp()
    },
  )

  it.each(AGENT_NAMES)('is released when %s closes the server, if it has no hooks', async kind => {
    const lab = new AgentLab()
    const agent = await lab.agent(kind, 'a1')
    await agent.mcp()
    await claimForever(agent, 'node:a')
    await agent.call('claim', { label: 'node:b', purpose: 'p' })
    await agent.closeMcp()
    expect(await labels(lab)).toEqual([])
  })

  it.each(AGENT_NAMES)('stands if %s has hooks and only closes the server', async kind => {
    const lab = new AgentLab()
    const agent = await lab.agent(kind, 'a1')
    await agent.hook('start')
    await agent.mcp()
    await claimForever(agent, 'node:a')
    await agent.closeMcp()
    expect(await labels(lab)).toEqual(['node:a'])
  })

  it('G3: stands if the agent was killed, and is listed as idle', async () => {
    const lab = new AgentLab()
    const agent = await lab.agent('claude-code', 'a1')
    await agent.hook('start')
    await agent.mcp()
    await claimForever(agent, 'node:a')
    agent.kill()
    const database = new DatabaseSync(lab.dsn.slice('sqlite:'.length), { timeout: 10_000 })
    const ago = 3 * 3_600_000
    database.exec(
      `UPDATE presence_locks SET active_at = active_at - ${ago}, claimed_at = claimed_at - ${ago}`,
    )
    database.close()
    expect(await list(lab)).toMatch(/idle/)
    expect(JSON.parse(await list(lab, '--json'))).toMatchObject([
      { resource_label: 'node:a', stale: true, session_id: 'a1' },
    ])
  })

  it('stands if the client named its session itself, because it may be started again', async () => {
    const lab = new AgentLab()
    const agent = await lab.agent('cursor', 'conv')
    await agent.mcp()
    await agent.call('coord_register_presence', { session_id: 'mine' })
    await agent.call('claim', { label: 'node:a', purpose: 'p' })
    await agent.closeMcp()
    expect(await labels(lab)).toEqual(['node:a'])
  })
})

describe('without hooks', () => {
  it.each(['claude-code', 'codex', 'gemini-cli'] as const)(
    'the commands and the server of %s are one session, also inside another agent',
    async kind => {
      const lab = new AgentLab()
      const outer = await lab.agent('claude-code', 'outer')
      await outer.hook('start')
      for (const agent of [await lab.agent(kind, 'own'), await outer.start(kind, 'inner')]) {
        await agent.mcp()
        const { session_id: id } = (await agent.call('claim', { label: 'node:a', purpose: 'p' })).claim
        const said = await agent.shell('presence claim node:b --purpose p --json')
        expect(JSON.parse(said.stdout).claim).toMatchObject({ session_id: id, agent_name: kind })
        expect(id).toMatch(kind === 'gemini-cli' ? /^gemini-cli@/ : new RegExp(`^${agent.id}$`))
        await agent.shell('presence release --all-mine')
        await agent.closeMcp()
      }
    },
  )

  it('two processes of Gemini CLI are two sessions', async () => {
    const lab = new AgentLab()
    const agents = [await lab.agent('gemini-cli', 'a'), await lab.agent('gemini-cli', 'b')]
    const ids = agents.map(async agent => {
      const said = await agent.shell('presence claim node:a --purpose p --json')
      return JSON.parse(said.stdout).claim.session_id
    })
    expect(new Set(await Promise.all(ids)).size).toBe(2)
  })
})
