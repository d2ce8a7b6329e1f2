import { expect, it } from 'vitest'
import { accepted } from '../../../core/test/answers.ts'
import { describeEachDatabase } from '../../../core/test/stores.ts'
import { type Coord, serveOn } from './support.ts'

const WORKFLOW = { project_key: 'shop', name: 'Move the mail', created_by: 'ana' }
const ITEM = { project_key: 'shop', title: 'Copy the queue' }

async function itemOf(coord: Coord, more: object = {}): Promise<string> {
  return (await coord.post('work-items', { ...ITEM, ...more })).body.id
}

describeEachDatabase('work over HTTP', store => {
  it('is shared with the board’s own commands: each sees what the other adds', async () => {
    await using board = await store.newBoard()
    await using coord = await serveOn(board.dsn)
    const bob = await board.as('bob')
    const made = await coord.post('workflows', WORKFLOW)
    expect(accepted(await bob.workflows.list()).rows).toMatchObject([{ id: made.body.id, createdBy: 'ana' }])
    const { item } = accepted(await bob.items.add({ project: 'shop', workflow: made.body.id, title: 'Copy' }))
    expect(await coord.get('work-items', { workflow_id: made.body.id })).toMatchObject({
      body: { work_items: [{ id: item.id, created_by: 'bob', status: 'pending', priority: 50 }], next: null },
    })
    expect(await coord.get(`work-items/${item.id}`)).toMatchObject({ status: 200, body: { title: 'Copy' } })
    expect(await coord.get(`workflows/${made.body.id}`)).toMatchObject({ status: 200, body: WORKFLOW })
    expect((await coord.get('workflows/nothing')).status).toBe(404)
    expect((await coord.patch('work-items/nothing', { status: 'blocked' })).status).toBe(404)
  })

  it('refuses an invalid transition with the status, who set it and what is allowed', async () => {
    await using board = await store.newBoard()
    await using coord = await serveOn(board.dsn)
    const id = await itemOf(coord)
    await coord.patch(`work-items/${id}`, { status: 'cancelled', updated_by: 'bob' })
    expect(await coord.patch(`work-items/${id}`, { status: 'in_progress', updated_by: 'eve' })).toMatchObject(
      {
        status: 409,
        body: { status: 'cancelled', moved_by: 'bob', allowed: [], error: { code: 'not_moved' } },
      },
    )
    expect(
      await coord.patch(`work-items/${id}`, { status: 'in_progress', updated_by: 'eve', reopen: true }),
    ).toMatchObject({ status: 200, body: { status: 'in_progress', moved_by: 'eve' } })
    const { body: workflow } = await coord.post('workflows', WORKFLOW)
    expect(await coord.patch(`workflows/${workflow.id}`, { status: 'completed' })).toMatchObject({
      status: 409,
      body: { status: 'planning', moved_by: 'ana', allowed: ['active', 'blocked', 'cancelled'] },
    })
    for (const bad of [{ status: 'done' }, { priority: 101 }, { priority: 1.5 }, { tittle: 'x' }, null])
      expect((await coord.patch(`work-items/${id}`, bad)).status, JSON.stringify(bad)).toBe(422)
  })

  it('is moved by one of eight sessions that try at once, and the others are told which one', async () => {
    await using board = await store.newBoard()
    await using coord = await serveOn(board.dsn)
    const id = await itemOf(coord)
    const said = await Promise.all(
      Array.from({ length: 8 }, (_, at) =>
        coord.patch(`work-items/${id}`, { status: 'in_progress', updated_by: `agent-${at}` }),
      ),
    )
    const winner = said.find(({ status }) => status === 200)?.body.moved_by
    expect(said.map(({ status }) => status).sort()).toEqual([200, ...Array(7).fill(409)])
    for (const { status, body } of said) if (status === 409) expect(body.moved_by).toBe(winner)
  })

  it('is changed field by field, and null clears an optional field', async () => {
    await using board = await store.newBoard()
    await using coord = await serveOn(board.dsn)
    const id = await itemOf(coord, { description: 'all of it', assigned_to: 'bob' })
    expect(await coord.patch(`work-items/${id}`, { priority: 90, title: 'Copy' })).toMatchObject({
      body: { priority: 90, title: 'Copy', description: 'all of it', assigned_to: 'bob' },
    })
    expect(await coord.patch(`work-items/${id}`, { description: null, assigned_to: null })).toMatchObject({
      body: { priority: 90, description: null, assigned_to: null },
    })
  })

  it('is listed in pages, the highest priority first', async () => {
    await using board = await store.newBoard()
    await using coord = await serveOn(board.dsn)
    for (const priority of [10, 90, 50, 50, 0]) await itemOf(coord, { priority })
    const seen: number[] = []
    let after: string | null = null
    do {
      const { body } = await coord.get('work-items', { limit: '2', ...(after ? { after } : {}) })
      seen.push(...body.work_items.map((item: { priority: number }) => item.priority))
      after = body.next
    } while (after !== null)
    expect(seen).toEqual([90, 50, 50, 10, 0])
    expect((await coord.get('work-items', { status: 'completed' })).body.work_items).toEqual([])
    for (const query of [{ limit: '0' }, { limit: '501' }, { after: 'x' }, { stat: 'pending' }])
      expect((await coord.get('work-items', query as Record<string, string>)).status).toBe(422)
  })

  it('is refused if its workflow is of another project, or does not exist', async () => {
    await using board = await store.newBoard()
    await using coord = await serveOn(board.dsn)
    const { body: workflow } = await coord.post('workflows', WORKFLOW)
    const of = { ...ITEM, workflow_id: workflow.id }
    expect((await coord.post('work-items', { ...of, project_key: 'mail' })).status).toBe(404)
    expect((await coord.post('work-items', { ...of, workflow_id: 'none' })).status).toBe(404)
  })

  it('is created once if requested twice with one idempotency key', async () => {
    await using board = await store.newBoard()
    await using coord = await serveOn(board.dsn)
    const ask = (path: string, body: unknown) =>
      fetch(`${coord.url}/api/coord/${path}`, {
        method: 'POST',
        body: JSON.stringify(body),
        headers: { 'content-type': 'application/json', 'idempotency-key': 'key-1' },
      })
    for (const at of [1, 2]) expect((await ask('work-items', ITEM)).status, `${at}`).toBe(201)
    expect((await coord.get('work-items')).body.work_items).toMatchObject([{ id: 'key-1' }])
    const message = { from_session: 'ana', subject: 's', body: 'b' }
    for (const at of [1, 2]) expect((await ask('messages', message)).status, `${at}`).toBe(201)
    expect((await ask('messages', { ...message, body: 'another' })).status).toBe(409)
    expect((await coord.get('messages')).body.messages).toHaveLength(1)
  })
})

describeEachDatabase('components over HTTP', store => {
  it('keep their latest state: an older report that arrives late only goes into the history', async () => {
    await using board = await store.newBoard()
    await using coord = await serveOn(board.dsn)
    const said = { state: 'deployed', version: '2', updated_by: 'ana' }
    await coord.put('components/shop/web', said)
    const late = await fetch(`${coord.url}/api/coord/components/shop/web?said_ms_ago=60000`, {
      method: 'PUT',
      body: JSON.stringify({ ...said, state: 'building' }),
      headers: { 'content-type': 'application/json', 'idempotency-key': 'late' },
    })
    expect([late.status, await late.json()]).toMatchObject([200, { state: 'deployed', notes: null }])
    const ana = await board.as('ana')
    const past = accepted(await ana.components.history({ project: 'shop', component: 'web' }))
    expect(past.rows.map(({ state }) => state)).toEqual(['deployed', 'building'])
    await coord.put('components/shop/api', said)
    await coord.put('components/mail/api', said)
    const page = await coord.get('components', { limit: '2' })
    expect(page.body.components.map((each: { component: string }) => each.component)).toEqual(['api', 'api'])
    expect(await coord.get('components', { limit: '2', after: page.body.next })).toMatchObject({
      body: { components: [{ project_key: 'shop', component: 'web' }], next: null },
    })
  })

  it('are refused if their names or states are invalid', async () => {
    await using board = await store.newBoard()
    await using coord = await serveOn(board.dsn)
    const said = { state: 'deployed', updated_by: 'ana' }
    for (const path of [
      'components/Shop/web',
      'components/shop/%20',
      'components/shop/a%00b',
      `components/shop/${'x'.repeat(65)}`,
    ])
      expect((await coord.put(path, said)).status, path).toBe(422)
    expect((await coord.put('components/shop', said)).status).toBe(404)
    for (const bad of [
      {},
      { state: '', updated_by: 'ana' },
      { state: 'a\nb', updated_by: 'ana' },
      { ...said, x: 1 },
    ])
      expect((await coord.put('components/shop/web', bad)).status).toBe(422)
  })
})
