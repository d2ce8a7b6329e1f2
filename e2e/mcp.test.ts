import { expect, it } from 'vitest'
import { FaultyProxy } from './support/faulty-proxy.ts'
import { freePort } from './support/free-port.ts'
import { McpAgent } from './support/mcp-agent.ts'
import { scratchFolder } from './support/scratch.ts'
import { describeEachEngine, newBoardOn } from './support/servers.ts'
import { until } from './support/until.ts'

/** An agent on a board, with its own outbox. */
const agentOn = (dsn: string, session: string) =>
  McpAgent.start({ PRESENCE_DSN: dsn, PRESENCE_SESSION_ID: session, XDG_STATE_HOME: scratchFolder() })

/** Every tool that uses the board, with valid arguments. */
const CALLS = [
  ['claim', { label: 'node:a', purpose: 'p' }],
  ['claim', { label: 'node:a', purpose: 'p', exclusive: true }],
  ['claim', { label: 'node:a', purpose: 'p', exclusive: true, wait_seconds: 1 }],
  ['release', { label: 'node:a' }],
  ['release', { all: true }],
  ['list', {}],
  ['peek', { label: 'node:a' }],
  ['wait', { label: 'node:a', seconds: 0 }],
  ['coord_register_presence', { role: 'backend' }],
  ['coord_deregister_presence', {}],
  ['coord_heartbeat', {}],
  ['coord_get_presence', {}],
  ['coord_send_message', { subject: 's', body: 'b' }],
  ['coord_send_message', { to: 'bob', subject: 's', body: 'b' }],
  ['coord_check_messages', {}],
] as const

/**
 * G6 for every tool: an error that tells since when the state is unknown, and no answer that looks like an
 * empty board.
 */
async function expectUnknown(agent: McpAgent): Promise<void> {
  for (const [name, args] of CALLS) {
    const said = await agent.call(name, args)
    expect(said, name).toMatchObject({ isError: true, data: undefined })
    expect(said.text, name).toMatch(/does not answer: .* unknown since \d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC/)
  }
}

describeEachEngine('MCP', engine => {
  it('G1: two agents that claim one label at once are told about each other, and messages arrive', async () => {
    const { dsn } = await newBoardOn(engine.port)
    await using ana = await agentOn(dsn, 'ana')
    await using bob = await agentOn(dsn, 'bob')
    for (let at = 0; at < 10; at++) {
      const both = await Promise.all(
        [ana, bob].map(agent => agent.call('claim', { label: `node:n${at}`, purpose: 'drain' })),
      )
      expect(both.map(({ data }) => data.claimed)).toEqual([true, true])
      expect(both.some(({ data }) => data.others.length === 1)).toBe(true)
    }
    expect((await ana.call('list')).data).toMatchObject({ total: 20 })
    await ana.call('coord_send_message', { to: 'bob', subject: 'mine', body: 'leave n3 to me' })
    expect((await bob.call('coord_check_messages')).data.messages).toMatchObject([
      { from_session: 'ana', body: 'leave n3 to me' },
    ])
    expect((await bob.call('release', { all: true })).data.released).toHaveLength(10)
  })

  it('G4: of eight agents that claim a label exclusively one gets it, and the others are told which', async () => {
    const { dsn } = await newBoardOn(engine.port)
    const agents = await Promise.all([...'abcdefgh'].map(name => agentOn(dsn, name)))
    const ask = (label: string) =>
      Promise.all(agents.map(agent => agent.call('claim', { label, purpose: 'apply', exclusive: true })))
    let said = await ask('stack:gpu-0')
    // On a busy machine the first one may be told that the board was too slow: then no agent holds the label.
    for (let at = 1; at < 10 && said.some(({ isError }) => isError); at++) said = await ask(`stack:gpu-${at}`)
    const winners = said.filter(({ data }) => data?.claimed)
    expect(winners).toHaveLength(1)
    const winner = winners[0]?.data.claim.session_id
    for (const { data, isError, text } of said)
      if (!data?.claimed)
        expect(isError ? text : data.others[0]?.session_id).toEqual(isError ? expect.any(String) : winner)
    await Promise.all(agents.map(agent => agent.client.close()))
  })

  it('G6, G7: every tool reports a board that hangs as unknown, and works again later without a restart', async () => {
    const { dsn } = await newBoardOn(engine.port)
    await using proxy = await FaultyProxy.before(engine.port, 'silent')
    await using agent = await agentOn(dsn.replace(`:${engine.port}`, `:${proxy.port}`), 'ana')
    await expectUnknown(agent)
    proxy.behaviour = 'pass'
    const listed = await until('an answer', async () => {
      const said = await agent.call('list')
      return said.isError ? undefined : said
    })
    // The outbox was delivered in order in the meantime: the claim, then the releases.
    expect(listed.data).toMatchObject({ claims: [] })
    expect(
      (await agent.call('claim', { label: 'node:b', purpose: 'p', exclusive: true })).data,
    ).toMatchObject({
      claimed: true,
    })
  })
})

it('G6: every tool reports an unreachable board as unknown', async () => {
  await using agent = await agentOn(`mysql://ana:s3cret@127.0.0.1:${await freePort()}/board`, 'ana')
  await expectUnknown(agent)
  for (const [name, args] of CALLS) expect((await agent.call(name, args)).text).not.toContain('s3cret')
})

it('G4: an exclusive claim is never stored in the outbox, and never replaced by a shared one', async () => {
  await using agent = await agentOn(`mysql://ana@127.0.0.1:${await freePort()}/board`, 'ana')
  const shared = await agent.call('claim', { label: 'node:a', purpose: 'p' })
  expect(shared.text).toMatch(/is not on the board yet: it is queued/)
  const exclusive = await agent.call('claim', { label: 'node:a', purpose: 'p', exclusive: true })
  expect(exclusive.text).not.toMatch(/queued/)
  expect(exclusive.text).toMatch(/Nothing was granted: treat the call as not done/)
})
