import { expect, it } from 'vitest'
import { accepted, refused } from './answers.ts'
import { describeEachStore } from './stores.ts'

describeEachStore('the status', store => {
  it('contains claims, components, workflows with their items, unread messages and sessions', async () => {
    await using board = await store.newBoard()
    const [ana, bob] = [await board.as('ana'), await board.as('bob')]
    await ana.register()
    await ana.claim('node:a', { purpose: 'p', ttl: '1h' })
    await ana.claimExclusively('stack:gpu', { purpose: 'q', ttl: '1h' })
    for (const project of ['shop', 'bank'])
      await ana.components.set({ project, component: 'server', state: 'built' })
    const { workflow } = accepted(await ana.workflows.add({ project: 'shop', name: 'w', status: 'active' }))
    await ana.workflows.add({ project: 'shop', name: 'ended', status: 'completed' })
    for (const status of ['pending', 'pending', 'blocked'])
      await ana.items.add({ workflow: workflow.id, title: 't', status })
    await ana.messages.send({ project: 'shop', subject: 's', body: 'b' })
    await ana.messages.send({ project: 'bank', subject: 's', body: 'b' })

    const status = accepted(await bob.status({ project: 'shop' }))
    expect(status.claims.map(({ label, token }) => [label, token])).toEqual([
      ['node:a', undefined],
      ['stack:gpu', 1],
    ])
    expect(status.claims[1]?.activeAt).toBeInstanceOf(Date)
    expect(status.components).toMatchObject([{ project: 'shop', component: 'server', state: 'built' }])
    expect(status.workflows).toEqual([
      { workflow, items: { pending: 2, in_progress: 0, blocked: 1, completed: 0, cancelled: 0 } },
    ])
    expect(status).toMatchObject({ unread: 1, sessions: { live: 1, stale: 0, inactive: 0 }, project: 'shop' })
    const everywhere = accepted(await bob.status())
    expect([everywhere.components.length, everywhere.unread]).toEqual([2, 2])
    expect(refused(await bob.status({ project: 'A B' })).code).toBe('invalid_project')
  })

  it('counts sessions by state as `who` does', async () => {
    await using board = await store.newBoard()
    const as = (id: string) => board.as(id)
    await (await as('gone-a-day')).register()
    await board.age(85_000)
    await (await as('claims-only-stale')).claim('node:a', { purpose: 'p', ttl: '1d' })
    await (await as('exclusive-stale')).claimExclusively('node:b', { purpose: 'p', ttl: '1d' })
    await (await as('registered-stale')).register()
    const ended = await as('ended')
    await ended.register()
    await ended.deregister()
    const claimsOnce = await as('heard-by-its-claim')
    await claimsOnce.register()
    await board.age(1_450)
    await claimsOnce.claim('node:c', { purpose: 'p' })
    await (await as('exclusive-live')).claimExclusively('node:d', { purpose: 'p' })
    await (await as('claims-only-live')).claim('node:e', { purpose: 'p' })
    const back = await as('ended-and-back')
    await back.register()
    await back.deregister()
    await back.claim('node:f', { purpose: 'p' })

    const { sessions } = accepted(await (await as('reader')).status())
    const states = async (state: 'live' | 'stale' | 'inactive') =>
      (await (await as('reader')).who({ state })).sessions.length
    expect(sessions).toEqual({
      live: await states('live'),
      stale: await states('stale'),
      inactive: await states('inactive'),
    })
    expect(sessions).toEqual({ live: 4, stale: 3, inactive: 2 })
  })

  it('shows the latest claims of a full board, plus the session’s own, and how many more there are', async () => {
    await using board = await store.newBoard()
    const ana = await board.as('ana')
    await ana.claim('node:mine', { purpose: 'p', ttl: 600 })
    const bob = await board.as('bob')
    for (let each = 0; each < 205; each++) await bob.claim(`node:n${each}`, { purpose: 'p', ttl: '1h' })
    const { claims, moreClaims } = accepted(await ana.status())
    expect(claims.map(({ label }) => label)).toContain('node:mine')
    expect([claims.length, moreClaims]).toEqual([201, 5])
  })

  it('of an empty board is empty', async () => {
    await using board = await store.newBoard()
    expect(accepted(await (await board.as('ana')).status())).toMatchObject({
      claims: [],
      components: [],
      workflows: [],
      unread: 0,
      sessions: { live: 0, stale: 0, inactive: 0 },
    })
  })
})
