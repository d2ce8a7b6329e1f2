import { execFileSync } from 'node:child_process'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { describe, expect, it } from 'vitest'
import { PRESENCE } from '../../../e2e/support/cli.ts'
import { McpAgent } from '../../../e2e/support/mcp-agent.ts'
import { scratchFolder } from '../../../e2e/support/scratch.ts'
import { until } from '../../../e2e/support/until.ts'

describe('the session that an agent’s server speaks as', () => {
  const home = () => {
    const folder = scratchFolder()
    const dsn = `sqlite:${folder}/board.db`
    return { folder, env: { HOME: folder, PRESENCE_DSN: dsn, XDG_STATE_HOME: join(folder, 'state') } }
  }

  it('is the id that the agent gave it', async () => {
    const { env } = home()
    await using agent = await McpAgent.start({ ...env, CLAUDE_CODE_SESSION_ID: 'first' })
    expect((await agent.call('coord_register_presence')).data).toEqual({ session_id: 'first' })
  })

  it('follows the session that the agent’s hooks use, after /clear and after another session is resumed', async () => {
    const { folder, env } = home()
    // This process plays the agent: it starts the server and runs the hooks.
    const hook = (event: string, id: string, more: object) =>
      execFileSync('sh', ['-c', `exec ${PRESENCE} hook ${event}`], {
        input: JSON.stringify({ session_id: id, cwd: folder, ...more }),
        env: { PATH: process.env['PATH'], ...env, CLAUDE_CODE_SESSION_ID: id, CLAUDE_PID: `${process.pid}` },
      })
    mkdirSync(join(folder, 'state'))
    await using agent = await McpAgent.start({ ...env, CLAUDE_CODE_SESSION_ID: 'first' })
    const me = async () =>
      (await agent.call('claim', { label: 'node:a', purpose: 'p' })).data.claim.session_id
    hook('SessionStart', 'first', { source: 'startup' })
    expect(await me()).toBe('first')
    hook('SessionEnd', 'first', { reason: 'clear' })
    hook('SessionStart', 'second', { source: 'clear' })
    expect(await me()).toBe('first')
    hook('SessionEnd', 'second', { reason: 'resume' })
    // On a busy machine a hook's time may be over before it has read its event.
    await until('the third session', async () => {
      hook('SessionStart', 'third', { source: 'resume' })
      return (await me()) === 'third'
    })
    hook('SessionEnd', 'third', { reason: 'exit' })
  })

  it('is never an id exported by the hooks of another agent from whose shell this agent was started', async () => {
    const { env } = home()
    await using agent = await McpAgent.start({
      ...env,
      PRESENCE_SESSION_ID: 'parent',
      PRESENCE_HOOK_SESSION_ID: 'parent',
      GEMINI_SESSION_ID: 'child',
    })
    expect((await agent.call('coord_register_presence')).data).toEqual({ session_id: 'child' })
  })

  it('is the id that its client registers, if nothing else identifies it', async () => {
    const { env } = home()
    await using agent = await McpAgent.start(env)
    const unnamed = (await agent.call('claim', { label: 'node:a', purpose: 'p' })).data.claim
    expect(unnamed).toMatchObject({
      agent_name: 'agent',
      session_id: expect.stringMatching(/@.*@[0-9a-f]{8}-[0-9a-f]{6}$/),
    })
    await agent.call('coord_register_presence', { session_id: 'cursor-7' })
    expect((await agent.call('claim', { label: 'node:b', purpose: 'p' })).data.claim.session_id).toBe(
      'cursor-7',
    )
    const bad = await agent.call('coord_register_presence', { session_id: 'a\nb' })
    expect(bad).toMatchObject({
      isError: true,
      text: expect.stringMatching(/control character; give a short id/),
    })
  })

  it('reports the registered worktree’s repository and branch, on the board of the start folder', async () => {
    const { folder, env } = home()
    const tree = join(folder, 'tree')
    execFileSync('git', ['init', '-q', '-b', 'agent/backend/active', tree])
    await using agent = await McpAgent.start({ ...env, PRESENCE_SESSION_ID: 'ana' })
    await agent.call('coord_register_presence', { worktree_path: tree })
    const { claim } = (await agent.call('claim', { label: 'node:a', purpose: 'p' })).data
    expect(claim).toMatchObject({ place: { repo: 'tree', branch: 'agent/backend/active' } })
  })

  it('differs between two clients of one terminal, and stays the same while the process lives', async () => {
    const { env } = home()
    await using ana = await McpAgent.start(env)
    await using bob = await McpAgent.start(env)
    const claim = (agent: McpAgent, label: string) =>
      agent.call('claim', { label, purpose: 'p', exclusive: true })
    const held = await claim(ana, 'stack:gpu')
    expect(held.data).toMatchObject({ claimed: true, token: 1 })
    expect((await claim(bob, 'stack:gpu')).data).toMatchObject({ claimed: false })
    expect((await bob.call('release', { all: true })).data.released).toEqual([])
    await claim(bob, 'stack:cpu')
    const me = held.data.claim.session_id
    expect((await claim(ana, 'stack:other')).data.claim.session_id).toBe(me)
    expect((await ana.call('release', { all: true })).data.released.toSorted()).toEqual([
      'stack:gpu',
      'stack:other',
    ])
    expect((await bob.call('list', { mine: true })).data.total).toBe(1)
  })

  it('can be an id that is in use, but the caller is told who uses it, since when, and what it holds', async () => {
    const { env } = home()
    await using ana = await McpAgent.start(env)
    await using bob = await McpAgent.start(env)
    const named = { session_id: 'cursor-7' }
    expect((await ana.call('coord_register_presence', named)).data.notes).toBeUndefined()
    await ana.call('claim', { label: 'node:a', purpose: 'p' })
    expect(
      (await ana.call('coord_register_presence', { ...named, role: 'backend' })).data.notes,
    ).toBeUndefined()
    const second = await bob.call('coord_register_presence', named)
    expect(second).toMatchObject({ isError: false, data: named })
    expect(second.text).toMatch(
      /note: cursor-7 \(agent, .*\) has been in use since 2.* UTC, last seen \d s ago, holding node:a\. If that was you/,
    )
    expect((await bob.call('coord_register_presence', named)).data.notes).toBeUndefined()
  })

  it('is the same after a restart with the same registered id, and keeps its claims', async () => {
    const { env } = home()
    const named = { session_id: 'cursor-7' }
    {
      await using before = await McpAgent.start(env)
      await before.call('coord_register_presence', named)
      await before.call('claim', { label: 'node:a', purpose: 'p' })
    }
    await using after = await McpAgent.start(env)
    expect((await after.call('coord_register_presence', named)).text).toMatch(
      /If that was you, there is nothing to do/,
    )
    expect((await after.call('release', { all: true })).data.released).toEqual(['node:a'])
    await after.call('coord_deregister_presence')
    await using later = await McpAgent.start(env)
    expect((await later.call('coord_register_presence', named)).data.notes).toBeUndefined()
  })

  it('leaves its claims behind when it registers another id, and the answer lists them', async () => {
    const { env } = home()
    await using agent = await McpAgent.start(env)
    const before = (await agent.call('claim', { label: 'node:a', purpose: 'p' })).data.claim.session_id
    const said = await agent.call('coord_register_presence', { session_id: 'cursor-7' })
    expect(said.text).toContain(
      `session ${before} still holds your claims: node:a; to release them, register as ${before} again, and then call release with all: true`,
    )
    await agent.call('coord_register_presence', { session_id: before })
    expect((await agent.call('release', { all: true })).data.released).toEqual(['node:a'])
  })

  it('does not change when a registration is refused', async () => {
    const { env } = home()
    await using agent = await McpAgent.start(env)
    const me = async () =>
      (await agent.call('claim', { label: 'node:a', purpose: 'p' })).data.claim.session_id
    const before = await me()
    await agent.call('coord_register_presence', { session_id: 'cursor-7', worktree_path: '/no/such/folder' })
    expect(await me()).toBe(before)
  })
  it('does not change when a registration gets no answer, and the next one still warns that the id is in use', async () => {
    const { folder, env } = home()
    await using ana = await McpAgent.start({ ...env, PRESENCE_SESSION_ID: 'ana' })
    await ana.call('claim', { label: 'node:anas', purpose: 'p' })
    await using bob = await McpAgent.start(env)
    const unnamed = (await bob.call('claim', { label: 'node:bobs', purpose: 'p' })).data.claim
    const named = { session_id: 'ana', role: 'backend', worktree_path: folder }
    {
      using _ = hanging(join(folder, 'board.db'))
      const said = await bob.call('coord_register_presence', named)
      expect(said).toMatchObject({ isError: true, text: expect.stringMatching(/treat the call as not done/) })
    }
    expect((await bob.call('peek', { label: 'node:anas' })).text).toMatch(/by ana \(/)
    expect(await bob.call('release', { label: 'node:anas' })).toMatchObject({
      data: { released: [], holders: [{ session_id: 'ana', is_me: false }] },
    })
    const again = (await bob.call('claim', { label: 'node:bobs', purpose: 'p' })).data.claim
    expect({ ...again, expires_at: '' }).toEqual({ ...unnamed, expires_at: '' })
    await bob.call('coord_register_presence')
    const { sessions } = (await bob.call('coord_get_presence', { of: unnamed.session_id })).data
    expect(sessions).toMatchObject([{ is_me: true }])
    expect(sessions[0]).not.toHaveProperty('role')
    expect((await bob.call('coord_register_presence', named)).text).toMatch(
      /note: ana \(.* has been in use since/,
    )
    expect((await bob.call('peek', { label: 'node:anas' })).data.claims).toMatchObject([{ is_me: true }])
  })
})

/** Blocks writes to the board's file until disposed, as another program's open transaction would. */
function hanging(file: string): Disposable {
  const database = new DatabaseSync(file, { timeout: 5_000 })
  database.exec('BEGIN IMMEDIATE')
  return { [Symbol.dispose]: () => database.close() }
}
