import { SESSION_STALE_SECONDS, type Who } from '@presence/core'
import { expect, it } from 'vitest'
import { describeEachStore } from './stores.ts'

const told = ({ sessions }: Who) => sessions.map(({ session, stale }) => [session.id, stale])
/** A folder of this repository. */
const cwd = import.meta.dirname

describeEachStore('a session', store => {
  it('that registers is listed before it holds anything, with the place where it works', async () => {
    await using board = await store.newBoard()
    const ana = await board.as('ana', { cwd })
    await ana.register()
    const { sessions } = await (await board.as('bob')).who()
    expect(sessions).toMatchObject([
      { session: { id: 'ana', place: { worktree: expect.any(String) } }, holds: [] },
    ])
    expect(sessions[0]?.secondsSince).toBeLessThan(60)
    expect(sessions[0]?.session).toEqual(ana.session)
  })

  it('that only claims is listed too, and its claim shows where it works', async () => {
    await using board = await store.newBoard()
    const ana = await board.as('ana', { cwd })
    await ana.claim('node:a', { purpose: 'p' })
    expect(told(await ana.who())).toEqual([['ana', false]])
    const said = await ana.peek('node:a')
    expect(said.ok && said.claims[0]?.session).toEqual(ana.session)
  })

  it('that is registered stays live through its heartbeats, with or without claims', async () => {
    await using board = await store.newBoard()
    const [ana, bob] = [await board.as('ana'), await board.as('bob')]
    for (const each of [ana, bob]) await each.register()
    await bob.claim('node:b', { purpose: 'p', ttl: '1h' })
    await board.age(SESSION_STALE_SECONDS - 10)
    expect(told(await ana.who())).toEqual([
      ['bob', false],
      ['ana', false],
    ])
    await board.age(11)
    expect(told(await ana.who()).map(([, stale]) => stale)).toEqual([true, true])
    for (const each of [ana, bob]) await each.heartbeat()
    expect(told(await ana.who()).map(([, stale]) => stale)).toEqual([false, false])
  })

  it('that holds claims writes its heartbeats only to them', async () => {
    await using board = await store.newBoard()
    const ana = await board.as('ana')
    await ana.register()
    await ana.claim('node:a', { purpose: 'p', ttl: '1h' })
    await board.age(100)
    await ana.heartbeat()
    await ana.release('node:a')
    expect((await ana.who()).sessions[0]?.secondsSince).toBeGreaterThanOrEqual(100)
  })

  it('that deregisters is gone with all that it held, and starts again when it comes back', async () => {
    await using board = await store.newBoard()
    const ana = await board.as('ana')
    await ana.register()
    await ana.claim('node:a', { purpose: 'p' })
    expect(await ana.deregister()).toMatchObject({ ok: true, released: [{ label: 'node:a' }] })
    expect(told(await ana.who())).toEqual([])
    await ana.register()
    expect(told(await ana.who())).toEqual([['ana', false]])
  })

  it('that was never registered can deregister', async () => {
    await using board = await store.newBoard()
    expect(await (await board.as('ana')).deregister()).toMatchObject({ ok: true, released: [] })
  })

  it('that was not seen for a day is not shown', async () => {
    await using board = await store.newBoard()
    const ana = await board.as('ana')
    await ana.register()
    await board.age(86_401)
    expect(told(await ana.who())).toEqual([])
  })

  it('has its place kept as given, in any script, and cut to the length of the column', async () => {
    await using board = await store.newBoard()
    const { mkdtempSync, mkdirSync, rmSync, writeFileSync } = await import('node:fs')
    const { tmpdir } = await import('node:os')
    const { join } = await import('node:path')
    const folder = mkdtempSync(join(tmpdir(), 'presence-Δ’-'))
    mkdirSync(join(folder, '.git'))
    writeFileSync(join(folder, '.git/HEAD'), `ref: refs/heads/${'ж'.repeat(300)}\n`)
    writeFileSync(join(folder, '.git/config'), '[remote "origin"]\n\turl = https://p:w@host/a/\'b".git\n')
    const ana = await board.as('ana', { cwd: folder })
    await ana.register()
    await ana.claim('node:a', { purpose: 'p' })
    rmSync(folder, { recursive: true })
    const place = (await ana.who()).sessions[0]?.session.place
    expect(place).toMatchObject({ repo: expect.stringMatching(/^presence-Δ’-/), branch: 'ж'.repeat(255) })
    expect(place?.worktree).toContain('presence-Δ’-')
  })

  it('is live until 300 s, then stale, then inactive after its end or after a day', async () => {
    await using board = await store.newBoard()
    const [ana, bob, eve] = [await board.as('ana'), await board.as('bob'), await board.as('eve')]
    for (const each of [ana, bob]) await each.register()
    const states = async () =>
      (await eve.who({ all: true })).sessions.map(({ session, state }) => `${session.id} ${state}`).toSorted()
    expect(await states()).toEqual(['ana live', 'bob live'])
    await bob.deregister()
    expect(await states()).toEqual(['ana live', 'bob inactive'])
    expect((await eve.who()).sessions.map(({ session }) => session.id)).toEqual(['ana'])
    await board.age(SESSION_STALE_SECONDS + 1)
    expect(await states()).toEqual(['ana stale', 'bob inactive'])
    await board.age(86_400)
    expect(await states()).toEqual(['ana inactive', 'bob inactive'])
    await bob.register()
    expect(await states()).toEqual(['ana inactive', 'bob live'])
  })

  it('that is stale becomes live by a heartbeat, and an unknown one gets an answer, not a fault', async () => {
    await using board = await store.newBoard()
    const [ana, bob] = [await board.as('ana'), await board.as('bob')]
    await ana.register()
    await board.age(SESSION_STALE_SECONDS + 1)
    await ana.heartbeat()
    expect((await bob.who()).sessions).toMatchObject([{ session: { id: 'ana' }, state: 'live' }])
    expect(await bob.heartbeat()).toMatchObject({ mine: [], lapsed: [] })
    expect((await bob.who({ all: true })).sessions).toHaveLength(1)
  })

  it('shows its role, even if it was last seen by a claim', async () => {
    await using board = await store.newBoard()
    const ana = await board.as('ana', { env: { PRESENCE_ROLE: 'backend' } })
    await ana.register()
    await ana.claim('node:a', { purpose: 'p' })
    expect((await (await board.as('bob')).who()).sessions).toMatchObject([
      { session: { id: 'ana', place: { role: 'backend' } }, holds: [{ label: 'node:a' }] },
    ])
  })
})
