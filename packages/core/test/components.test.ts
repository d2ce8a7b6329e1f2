import { expect, it } from 'vitest'
import { accepted, refused } from './answers.ts'
import { describeEachStore } from './stores.ts'

const DAY = 86_400
const server = { project: 'shop', component: 'server' }

describeEachStore('a component', store => {
  it('has the state that was set last, with author and time, and a history of all states', async () => {
    await using board = await store.newBoard()
    const [ana, bob] = [await board.as('ana'), await board.as('bob')]
    const notes = 'built\nby "make"'
    accepted(await ana.components.set({ ...server, state: 'building', version: '1.0', notes }))
    const { component } = accepted(await bob.components.set({ ...server, state: 'on fire' }))
    expect(component).toMatchObject({ state: 'on fire', version: undefined, updatedBy: 'bob' })
    const { rows, next, asOf } = accepted(await ana.components.history(server))
    expect(rows).toMatchObject([
      { state: 'on fire', updatedBy: 'bob' },
      { state: 'building', version: '1.0', notes, updatedBy: 'ana' },
    ])
    expect(next).toBeUndefined()
    expect(asOf.getTime()).toBeGreaterThanOrEqual(component.updatedAt.getTime())
  })

  it('has the state that was set last, even if the clock stands still or is set back', async () => {
    await using board = await store.newBoard()
    const ana = await board.as('ana')
    const set = async (state: string, id: string) =>
      accepted(await ana.components.set({ ...server, state, id })).component.state
    // The later of two equal times has the earlier id.
    for (let n = 0; n < 20; n++) expect(await set(`state ${n}`, `id-${99 - n}`)).toBe(`state ${n}`)
    await board.age(-3_600)
    expect(await set('after', 'id-00')).toBe('after')
    const { rows } = accepted(await ana.components.history({ ...server, limit: 3 }))
    expect(rows.map(({ state }) => state)).toEqual(['after', 'state 19', 'state 18'])
  })

  it('is listed with those of its project, or of all projects, in pages', async () => {
    await using board = await store.newBoard()
    const ana = await board.as('ana')
    for (const [project, component] of [
      ['shop', 'web~1'],
      ['bank', 'api'],
      ['shop', 'api'],
      ['shop', 'Über'],
    ] as const)
      accepted(await ana.components.set({ project, component, state: 'built' }))
    const names = async (after?: string) => {
      const page = accepted(await ana.components.list({ limit: 2, ...(after ? { after } : {}) }))
      return [page.rows.map(row => `${row.project}/${row.component}`), page.next] as const
    }
    const [first, next] = await names()
    expect(first).toEqual(['bank/api', 'shop/api'])
    expect(await names(next)).toEqual([['shop/web~1', 'shop/Über'], undefined])
    expect(accepted(await ana.components.list({ project: 'bank' })).rows).toHaveLength(1)
    expect(accepted(await ana.components.list({ project: 'other' })).rows).toEqual([])
  })

  it('that several sessions set at the same time has one of their states, and all of them in its history', async () => {
    await using board = await store.newBoard()
    const sessions = await Promise.all(Array.from({ length: 8 }, (_, at) => board.as(`s${at}`)))
    await Promise.all(
      sessions.map(async (each, at) =>
        accepted(await each.components.set({ ...server, state: `state ${at}`, version: `${at}` })),
      ),
    )
    const ana = await board.as('ana')
    const { rows } = accepted(await ana.components.history(server))
    expect(rows.map(({ state }) => state).toSorted()).toEqual(sessions.map((_, at) => `state ${at}`))
    const [now] = accepted(await ana.components.list()).rows
    expect(rows[0]).toMatchObject({ ...now })
    expect(now?.state, 'not a mixture of two').toBe(`state ${now?.version}`)
  })

  it('that is set twice with one id was set once, even after another state', async () => {
    await using board = await store.newBoard()
    const [ana, bob] = [await board.as('ana'), await board.as('bob')]
    const first = { ...server, state: 'building', id: 'one' }
    accepted(await ana.components.set(first))
    accepted(await bob.components.set({ ...server, state: 'built' }))
    const { component } = accepted(await ana.components.set(first))
    expect(component).toMatchObject({ state: 'built', updatedBy: 'bob' })
    expect(accepted(await ana.components.history(server)).rows).toHaveLength(2)
  })

  it('that is set with the id of a different state is refused and not changed', async () => {
    await using board = await store.newBoard()
    const [ana, bob] = [await board.as('ana'), await board.as('bob')]
    const first = { ...server, state: 'deployed', version: '1', id: 'one' }
    accepted(await ana.components.set(first))
    const others = [{ state: 'degraded' }, { version: '2' }, { notes: 'n' }, { component: 'web' }]
    for (const other of others)
      expect(refused(await ana.components.set({ ...first, ...other }))).toMatchObject({
        code: 'id_taken',
        id: 'one',
      })
    expect(refused(await bob.components.set(first)).code).toBe('id_taken')
    expect(accepted(await ana.components.list()).rows).toMatchObject([{ state: 'deployed', version: '1' }])
  })

  it("has names and states of one line, and refuses values that it can't store", async () => {
    await using board = await store.newBoard()
    const ana = await board.as('ana')
    const bad = [
      { ...server, state: '' },
      { ...server, state: 'a\nb' },
      { ...server, state: 'x'.repeat(65) },
      { project: 'shop', component: ' server', state: 'built' },
      { project: 'shop', component: '\u202eserver', state: 'built' },
      { project: 'SHOP', component: 'server', state: 'built' },
      { ...server, state: 'built', version: '1'.repeat(129) },
      { ...server, state: 'built', notes: 'n'.repeat(4_001) },
    ]
    for (const each of bad) expect(refused(await ana.components.set(each)).code).toMatch(/^invalid_/)
    expect(refused(await ana.components.set({ ...server, project: 'Web Shop', state: 'x' }))).toMatchObject({
      nearest: 'web-shop',
    })
    expect(accepted(await ana.components.list()).rows).toEqual([])
    const hostile = { component: `s'); --`, state: ':state "é"', notes: 'a\u001b[2J\n:notes' }
    accepted(await ana.components.set({ project: 'shop', ...hostile }))
    expect(accepted(await ana.components.list()).rows).toMatchObject([hostile])
  })

  it('keeps its state forever, and its history for 90 days', async () => {
    await using board = await store.newBoard()
    const ana = await board.as('ana')
    accepted(await ana.components.set({ ...server, state: 'deployed' }))
    await board.age(89 * DAY)
    await board.prune()
    expect(accepted(await ana.components.history(server)).rows).toHaveLength(1)
    await board.age(DAY + 10)
    await board.prune()
    expect(accepted(await ana.components.history(server)).rows).toEqual([])
    expect(accepted(await ana.components.list()).rows).toMatchObject([{ state: 'deployed' }])
  })
})
