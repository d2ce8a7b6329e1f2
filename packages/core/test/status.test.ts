import { expect, it } from 'vitest'
import { accepted, refused } from './answers.ts'
import { describeEachStore } from './stores.ts'

describeEachStore('the status', store => {
  it('has claims, components, workflows with their items, unread messages and sessions', async () => {
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
