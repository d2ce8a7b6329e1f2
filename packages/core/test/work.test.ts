import type { Board } from '@presence/core'
import { expect, it } from 'vitest'
import { accepted, refused } from './answers.ts'
import { describeEachStore } from './stores.ts'

const DAY = 86_400
const flow = { project: 'shop', name: 'Discovery, phase 1' }
const add = async (board: Board, title: string, more = {}) =>
  accepted(await board.items.add({ project: 'shop', title, ...more })).item

describeEachStore('a workflow', store => {
  it('is added, listed by project and status, and moved to an allowed status', async () => {
    await using board = await store.newBoard()
    const [ana, bob] = [await board.as('ana'), await board.as('bob')]
    const { workflow } = accepted(await ana.workflows.add({ ...flow, description: 'two\nlines' }))
    expect(workflow).toMatchObject({ ...flow, status: 'planning', createdBy: 'ana', movedBy: 'ana' })
    await ana.workflows.add({ project: 'bank', name: 'other', status: 'active' })
    expect(accepted(await bob.workflows.list({ project: 'shop' })).rows).toEqual([workflow])
    expect(accepted(await bob.workflows.list({ statuses: ['active'] })).rows).toMatchObject([
      { name: 'other' },
    ])
    const { id } = workflow
    expect(refused(await bob.workflows.set({ id, status: 'completed' }))).toMatchObject({
      code: 'not_moved',
      from: 'planning',
      to: 'completed',
      by: 'ana',
      allowed: ['active', 'blocked', 'cancelled'],
    })
    expect(accepted(await bob.workflows.set({ id, status: 'active', name: 'new' })).workflow).toMatchObject({
      name: 'new',
      status: 'active',
      description: 'two\nlines',
      createdBy: 'ana',
      movedBy: 'bob',
    })
    expect(accepted(await ana.workflows.get(id)).workflow.status).toBe('active')
    expect(accepted(await ana.workflows.set({ id, description: ' ' })).workflow).toMatchObject({
      description: undefined,
      movedBy: 'bob',
    })
  })

  it('that has ended continues only if the caller asks to reopen it', async () => {
    await using board = await store.newBoard()
    const ana = await board.as('ana')
    const { id } = accepted(await ana.workflows.add({ ...flow, status: 'active' })).workflow
    accepted(await ana.workflows.set({ id, status: 'completed' }))
    expect(refused(await ana.workflows.set({ id, status: 'active' }))).toMatchObject({
      code: 'not_moved',
      remedy: expect.stringContaining('reopen it as'),
      allowed: [],
    })
    expect(refused(await ana.workflows.set({ id, status: 'blocked', reopen: true })).code).toBe('not_moved')
    expect(accepted(await ana.workflows.set({ id, status: 'active', reopen: true })).workflow.status).toBe(
      'active',
    )
  })

  it('that is added again is stored once, even if it was moved in the meantime; the same id with other content, or from another session, is refused', async () => {
    await using board = await store.newBoard()
    const [ana, bob] = [await board.as('ana'), await board.as('bob')]
    const first = { ...flow, id: 'one' }
    for (let time = 0; time < 2; time++) accepted(await ana.workflows.add(first))
    const others = [{ name: 'B' }, { project: 'bank' }, { description: 'd' }, { status: 'active' }]
    for (const other of others)
      expect(refused(await ana.workflows.add({ ...first, ...other })), JSON.stringify(other)).toMatchObject({
        code: 'id_taken',
      })
    accepted(await bob.workflows.set({ id: 'one', status: 'active' }))
    expect(accepted(await ana.workflows.add(first)).workflow.status).toBe('active')
    for (const again of [ana.workflows.add({ ...first, name: 'B' }), bob.workflows.add(first)])
      expect(refused(await again).code).toBe('id_taken')
  })

  it('that does not exist is refused with its id, and so are invalid values', async () => {
    await using board = await store.newBoard()
    const ana = await board.as('ana')
    for (const said of [
      await ana.workflows.set({ id: 'none', status: 'active' }),
      await ana.workflows.get('none'),
    ])
      expect(refused(said)).toMatchObject({ code: 'not_found', id: 'none' })
    expect(refused(await ana.items.add({ workflow: 'none', title: 't' }))).toMatchObject({
      code: 'not_found',
    })
    expect(refused(await ana.workflows.add({ ...flow, status: 'plan' }))).toMatchObject({
      code: 'invalid_work',
    })
    expect(refused(await ana.workflows.list({ statuses: ['complete'] }))).toMatchObject({
      nearest: 'completed',
    })
    for (const bad of [
      { name: '' },
      { name: 'n'.repeat(256) },
      { description: 'd'.repeat(4_001) },
      { project: '..' },
    ])
      expect(refused(await ana.workflows.add({ ...flow, ...bad })).code).toMatch(/^invalid_/)
  })
})

describeEachStore('a work item', store => {
  it('that many sessions take at once is moved by one of them, and the others are told by whom', async () => {
    await using board = await store.newBoard()
    const ana = await board.as('ana')
    const sessions = await Promise.all(
      Array.from({ length: 8 }, (_, at) => board.as(`s${at}`, { deadlineMs: 20_000 })),
    )
    for (let round = 0; round < 5; round++) {
      const { id } = await add(ana, `round ${round}`)
      const said = await Promise.all(sessions.map(each => each.items.set({ id, status: 'in_progress' })))
      const winners = said.flatMap(each => (each.ok ? [each.item.movedBy] : []))
      expect(winners).toHaveLength(1)
      const losers = said.filter(each => !each.ok)
      expect(losers).toHaveLength(7)
      for (const each of losers)
        expect(refused(each)).toMatchObject({ code: 'not_moved', from: 'in_progress', by: winners[0] })
    }
  })

  it('keeps all changes if many sessions change different fields at once', async () => {
    await using board = await store.newBoard()
    const ana = await board.as('ana')
    const { id } = await add(ana, 'shared')
    const changes = [{ title: 'renamed' }, { priority: 99 }, { assignedTo: 's2' }, { description: 'more' }]
    await Promise.all(
      changes.map(async (change, at) => {
        const each = await board.as(`s${at}`, { deadlineMs: 20_000 })
        accepted(await each.items.set({ id, ...change }))
      }),
    )
    const { item } = accepted(await ana.items.get(id))
    expect(item).toMatchObject(Object.assign({}, ...changes, { status: 'pending', movedBy: 'ana' }))
  })

  it('that its own session moves again is accepted: the answer may have been lost', async () => {
    await using board = await store.newBoard()
    const [ana, bob] = [await board.as('ana'), await board.as('bob')]
    const { id } = await add(ana, 'once')
    for (let time = 0; time < 2; time++) accepted(await ana.items.set({ id, status: 'completed' }))
    expect(refused(await bob.items.set({ id, status: 'completed' }))).toMatchObject({ by: 'ana' })
  })

  it('belongs to its workflow’s project, and is listed by priority, then age', async () => {
    await using board = await store.newBoard()
    const ana = await board.as('ana')
    const { workflow } = accepted(await ana.workflows.add(flow))
    const of = { project: undefined, workflow: workflow.id }
    await add(ana, 'late', { ...of, priority: 10 })
    await add(ana, 'first', { ...of, priority: 100, assignedTo: 'bob' })
    await add(ana, 'middle', { ...of, id: 'a' })
    await add(ana, 'middle too', { id: 'b' })
    const found: string[] = []
    let after: string | undefined
    do {
      const page = accepted(await ana.items.list({ project: 'shop', limit: 1, ...(after ? { after } : {}) }))
      found.push(...page.rows.map(({ title }) => title))
      after = page.next
    } while (after)
    expect(found).toEqual(['first', 'middle', 'middle too', 'late'])
    const titles = async (options: object) =>
      accepted(await ana.items.list(options)).rows.map(({ title }) => title)
    expect(await titles({ workflow: workflow.id })).toEqual(['first', 'middle', 'late'])
    expect(await titles({ assignedTo: 'bob' })).toEqual(['first'])
    expect(await titles({ statuses: ['completed'] })).toEqual([])
    expect(refused(await ana.items.add({ ...of, project: 'bank', title: 't' })).code).toBe('not_found')
    for (const priority of [-1, 101, 1.5, Number.NaN])
      expect(refused(await ana.items.add({ project: 'shop', title: 't', priority })).code).toBe(
        'invalid_work',
      )
  })

  it('that is added again is stored once, even if another session took it; the same id with other content, or from another session, is refused', async () => {
    await using board = await store.newBoard()
    const [ana, bob] = [await board.as('ana'), await board.as('bob')]
    const { workflow } = accepted(await ana.workflows.add(flow))
    const first = { project: 'shop', title: 'A', id: 'one' }
    for (let time = 0; time < 2; time++) accepted(await ana.items.add(first))
    const others = [{ title: 'B' }, { workflow: workflow.id }, { priority: 90 }, { assignedTo: 'bob' }]
    for (const other of others)
      expect(refused(await ana.items.add({ ...first, ...other })), JSON.stringify(other)).toMatchObject({
        code: 'id_taken',
      })
    accepted(await bob.items.set({ id: 'one', status: 'in_progress', assignedTo: 'bob' }))
    expect(accepted(await ana.items.add(first)).item.assignedTo).toBe('bob')
    expect(refused(await ana.items.add({ ...first, title: 'B' })).code).toBe('id_taken')
  })

  it('can’t be added to a workflow that has ended, but one that was added before stays', async () => {
    await using board = await store.newBoard()
    const [ana, bob] = [await board.as('ana'), await board.as('bob')]
    const { id } = accepted(await ana.workflows.add({ ...flow, status: 'active' })).workflow
    const first = { workflow: id, title: 'A', id: 'one' }
    accepted(await ana.items.add(first))
    for (const status of ['cancelled', 'completed']) {
      accepted(await bob.workflows.set({ id, status }))
      expect(refused(await ana.items.add({ workflow: id, title: 'B' }))).toMatchObject({
        code: 'not_moved',
        id,
        from: status,
        by: 'bob',
        remedy: expect.stringContaining('reopen it as'),
      })
      expect(accepted(await ana.items.add(first)).item.id).toBe('one')
      accepted(await bob.workflows.set({ id, status: 'active', reopen: true }))
    }
    expect(accepted(await ana.items.list({ workflow: id })).rows).toHaveLength(1)
  })

  it('can be unassigned', async () => {
    await using board = await store.newBoard()
    const ana = await board.as('ana')
    const { id } = await add(ana, 't', { assignedTo: 'bob' })
    expect(accepted(await ana.items.set({ id, assignedTo: null })).item.assignedTo).toBeUndefined()
  })

  it('that has ended is kept for 90 days, and its workflow for as long, while open work is kept', async () => {
    await using board = await store.newBoard()
    const ana = await board.as('ana')
    const { workflow } = accepted(await ana.workflows.add({ ...flow, status: 'active' }))
    const done = await add(ana, 'done', { workflow: workflow.id })
    const open = await add(ana, 'open', { workflow: workflow.id })
    await ana.items.set({ id: done.id, status: 'completed' })
    await ana.workflows.set({ id: workflow.id, status: 'completed' })
    await board.age(91 * DAY)
    await board.prune()
    const left = async () => [
      await board.count('presence_workflows'),
      await board.count('presence_work_items'),
    ]
    expect(await left()).toEqual([1, 1])
    accepted(await ana.items.set({ id: open.id, status: 'cancelled' }))
    await board.age(91 * DAY)
    for (let time = 0; time < 2; time++) await board.prune()
    expect(await left()).toEqual([0, 0])
  })
})
