import { type Board, openBoard } from '@presence/core'
import { expect, it, onTestFinished } from 'vitest'
import { FaultyProxy } from '../../../e2e/support/faulty-proxy.ts'
import { serve } from '../../server/src/index.ts'
import { earlierAttempt, onceWith } from '../src/claims/once.ts'
import { Deadline } from '../src/deadline.ts'
import { accepted, holders } from './answers.ts'
import { describeEachDatabase, storeOf, type TestBoard } from './stores.ts'

const env = { HOME: '/nonexistent', XDG_CONFIG_HOME: '/nonexistent' }
const p = { purpose: 'p' }
const portOf = (url: string) => Number(new URL(url).port)

/** Two servers of one board, and a session that reaches them through a proxy. */
async function replicated(board: TestBoard, session = 'ana') {
  const proxy = await FaultyProxy.before(0, 'pass')
  const allowedHosts = [`127.0.0.1:${proxy.port}`]
  const start = () =>
    serve({ dsn: board.database, env, host: '127.0.0.1', port: 0, version: 'test', allowedHosts })
  const [one, other] = [await start(), await start()]
  proxy.to = portOf(one.url)
  const dsn = `http://127.0.0.1:${proxy.port}`
  const ana = await openBoard({ dsn, session, env, cwd: '/', outbox: false, deadlineMs: 20_000 })
  onTestFinished(async () => {
    await ana.close()
    await proxy[Symbol.asyncDispose]()
    await Promise.all([one.close(), other.close()])
  })
  return {
    ana,
    urls: [one.url, other.url],
    /** Cuts the next answer, and lets the other server have the call that is sent again. */
    cutNext: (meanwhile: () => Promise<unknown> = async () => {}) => {
      const done = Promise.withResolvers<void>()
      proxy.onNextAnswer = () => {
        proxy.to = portOf(other.url)
        meanwhile().then(() => done.resolve(), done.reject)
      }
      return done.promise
    },
  }
}

const eventsOf = async (board: Board, event: string) =>
  accepted(await board.log()).events.filter(each => each.event === event)

describeEachDatabase('G2, G5: a call whose answer was cut, and that another replica gets again,', store => {
  it('steals once, and names the session that it stole from', async () => {
    await using board = await store.newBoard()
    const { ana, cutNext } = await replicated(board)
    const bob = await board.as('bob')
    await bob.claimExclusively('stack:gpu', p)
    const cut = cutNext()
    const stolen = accepted(await ana.steal('stack:gpu', { reason: 'gone' }))
    await cut
    expect(stolen).toMatchObject({ claim: { token: 2 }, from: { session: { id: 'bob' }, token: 1 } })
    expect(accepted(await ana.verify('stack:gpu', 2)).current).toBe(true)
    expect(await eventsOf(bob, 'steal')).toHaveLength(1)
  })

  it('releases once: what another process of the session claimed since stays', async () => {
    await using board = await store.newBoard()
    const { ana, cutNext } = await replicated(board)
    const sibling = await board.as('ana')
    await ana.claim('node:a', { purpose: 'first' })
    const cut = cutNext(() => sibling.claim('node:a', { purpose: 'second' }))
    const released = accepted(await ana.release('node:a'))
    await cut
    expect(released.released.map(({ purpose }) => purpose)).toEqual(['first'])
    expect(accepted(await sibling.peek('node:a')).claims).toMatchObject([{ purpose: 'second' }])
  })

  it('ends a session once: what registers again since stays', async () => {
    await using board = await store.newBoard()
    const { ana, cutNext } = await replicated(board)
    const sibling = await board.as('ana')
    await ana.register()
    await ana.claim('node:a', p)
    const cut = cutNext(() => sibling.register())
    expect(accepted(await ana.deregister()).released).toHaveLength(1)
    await cut
    expect((await sibling.who({ of: 'ana' })).sessions).toMatchObject([{ state: 'live' }])
  })

  it('resolves once, and tells what it cleared', async () => {
    await using board = await store.newBoard()
    const { ana, cutNext } = await replicated(board)
    const bob = await board.as('bob')
    await bob.claim('node:a', p)
    await board.age(1_000)
    const cut = cutNext()
    expect(holders(accepted(await ana.resolve('node:a', 'checked')).resolved)).toEqual(['bob'])
    await cut
    expect(await eventsOf(ana, 'resolve')).toHaveLength(1)
  })

  it('takes a label once, gives a lease back once, and claims once', async () => {
    await using board = await store.newBoard()
    const { ana, cutNext } = await replicated(board)
    await cutNextOf(cutNext, () => ana.claim('node:a', p))
    const taken = await cutNextOf(cutNext, () => ana.acquire('node:b', p))
    const { lease } = accepted(taken)
    expect(lease.token).toBe(1)
    expect(await cutNextOf(cutNext, () => lease.release())).toBe(true)
    const claims = await eventsOf(ana, 'claim')
    expect(claims.map(({ label }) => label).toSorted()).toEqual(['node:a', 'node:b'])
  })

  it('sends a message once, and sets a state once', async () => {
    await using board = await store.newBoard()
    const { ana, cutNext } = await replicated(board)
    await cutNextOf(cutNext, () => ana.messages.send({ subject: 's', body: 'b' }))
    await cutNextOf(cutNext, () =>
      ana.components.set({ project: 'web', component: 'api', state: 'deployed' }),
    )
    expect(await board.count('presence_messages')).toBe(1)
    expect(await board.count('presence_component_history')).toBe(1)
  })
})

describeEachDatabase(
  'G2: a change of work whose answer was cut, and that another replica gets again,',
  store => {
    it('is made once: what another session changed since stays', async () => {
      await using board = await store.newBoard()
      const { ana, cutNext } = await replicated(board)
      const bob = await board.as('bob')
      await bob.workflows.add({ id: 'w', project: 'web', name: 'first' })
      await bob.items.add({ id: 'i', project: 'web', title: 'first', status: 'in_progress' })
      let cut = cutNext(() => bob.workflows.set({ id: 'w', name: 'third' }))
      expect(accepted(await ana.workflows.set({ id: 'w', name: 'second' })).workflow.name).toBe('second')
      await cut
      expect(accepted(await bob.workflows.get('w')).workflow.name).toBe('third')
      cut = cutNext(() => bob.items.set({ id: 'i', status: 'pending', reopen: true }))
      const done = accepted(await ana.items.set({ id: 'i', status: 'completed' }))
      expect(done.item).toMatchObject({ status: 'completed', movedBy: 'ana' })
      await cut
      expect(accepted(await bob.items.get('i')).item).toMatchObject({ status: 'pending', movedBy: 'bob' })
    })

    it('is answered with the time of the change, if nobody has changed it since', async () => {
      await using board = await store.newBoard()
      const { ana, cutNext } = await replicated(board)
      await ana.items.add({ id: 'i', project: 'web', title: 'first' })
      const { item } = accepted(await cutNextOf(cutNext, () => ana.items.set({ id: 'i', title: 'second' })))
      expect(item).toEqual(accepted(await ana.items.get('i')).item)
    })
  },
)

/** Makes a call whose first answer is cut. */
async function cutNextOf<T>(cutNext: () => Promise<void>, call: () => Promise<T>): Promise<T> {
  const cut = cutNext()
  const answer = await call()
  await cut
  return answer
}

interface Answer {
  readonly claim?: { readonly token: number }
  readonly released?: readonly object[]
  readonly error?: { readonly code: string }
}

/** Sends a call as another program would. */
async function post(url: string, call: string, key: string, body: object) {
  const session = { id: 'ana', user: 'u', host: 'h', agent: 'a' }
  const headers = { 'content-type': 'application/json', 'idempotency-key': key }
  const answer = await fetch(`${url}/api/v1/${call}`, {
    method: 'POST',
    headers,
    body: JSON.stringify({ session, ...body }),
  })
  return { status: answer.status, said: (await answer.json()) as Answer }
}

describeEachDatabase('an idempotency key', store => {
  it('lets two replicas that get a call at the same time make it once, with one answer', async () => {
    await using board = await store.newBoard()
    const { urls } = await replicated(board)
    const bob = await board.as('bob')
    for (let round = 0; round < 8; round++) {
      const label = `stack:s${round}`
      await bob.claimExclusively(label, p)
      const both = (call: string, body: object) =>
        Promise.all(
          urls.map(url => post(url, call, `key-of-${call}-${round}`, { resource_label: label, ...body })),
        )
      const stolen = await both('steal', { reason: 'r' })
      expect(stolen.map(({ said }) => said.claim?.token)).toEqual([2, 2])
      const released = await both('release', {})
      expect(released.map(({ said }) => said.released?.length)).toEqual([1, 1])
    }
    expect(await eventsOf(bob, 'steal')).toHaveLength(8)
  })

  it('gets the answer of the attempt that was faster, and changes a work item once', async () => {
    await using board = await store.newBoard()
    const { urls } = await replicated(board)
    const bob = await board.as('bob')
    for (let round = 0; round < 8; round++) {
      const id = `i${round}`
      await bob.items.add({ id, project: 'web', title: 'first', status: 'in_progress' })
      const both = await Promise.all(
        [...urls, ...urls].map(url => post(url, 'items/set', `key-of-${id}`, { id, status: 'completed' })),
      )
      const now = await post(urls[0] ?? '', 'items/get', `key-of-get-${id}`, { id })
      for (const each of both) expect(each).toEqual(now)
      await bob.items.set({ id, status: 'pending', reopen: true })
      const late = await post(urls[0] ?? '', 'items/set', `key-of-${id}`, { id, status: 'completed' })
      expect(late.said).toMatchObject({ item: { status: 'completed' } })
      expect(accepted(await bob.items.get(id)).item.status).toBe('pending')
    }
  })

  it('of a change that was refused, or that changed nothing, makes no change later', async () => {
    await using board = await store.newBoard()
    const { urls } = await replicated(board)
    const bob = await board.as('bob')
    const set = (key: string, status: string) => post(urls[0] ?? '', 'items/set', key, { id: 'i', status })
    await bob.items.add({ id: 'i', project: 'web', title: 'first', status: 'in_progress' })
    const nothing = await set('key-of-nothing', 'in_progress')
    await bob.items.set({ id: 'i', status: 'blocked' })
    expect(await set('key-of-nothing', 'in_progress')).toEqual(nothing)
    await bob.items.set({ id: 'i', status: 'in_progress' })
    await bob.items.set({ id: 'i', status: 'completed' })
    const refused = await set('key-of-refused', 'blocked')
    expect(refused.status).toBe(409)
    await bob.items.set({ id: 'i', status: 'pending', reopen: true })
    expect(await set('key-of-refused', 'blocked')).toEqual(refused)
    expect(accepted(await bob.items.get('i')).item.status).toBe('pending')
  })

  it('of two calls at the same time makes one of them, and the other is refused', async () => {
    await using board = await store.newBoard()
    const { urls } = await replicated(board)
    const bob = await board.as('bob')
    for (let round = 0; round < 8; round++) {
      const things = [`a${round}`, `b${round}`]
      for (const id of things) {
        await bob.items.add({ id, project: 'web', title: 'first' })
        await bob.claimExclusively(`stack:${id}`, p)
      }
      const both = (call: string, bodies: readonly object[]) =>
        Promise.all(
          bodies.map((body, at) => post(urls[at] ?? '', call, `key-of-${call.length}-${round}`, body)),
        )
      const set = await both(
        'items/set',
        things.map(id => ({ id, title: 'second' })),
      )
      expect(set.map(({ status }) => status).toSorted()).toEqual([200, 422])
      const items = await Promise.all(things.map(id => bob.items.get(id)))
      expect(items.map(said => accepted(said).item.title).toSorted()).toEqual(['first', 'second'])
      const stolen = await both(
        'steal',
        things.map(id => ({ resource_label: `stack:${id}`, reason: 'r' })),
      )
      expect(stolen.map(({ status }) => status).toSorted()).toEqual([200, 422])
    }
    expect(await eventsOf(bob, 'steal')).toHaveLength(8)
  })

  it('whose answer was too long to store is made once, and a later attempt is told so', async () => {
    await using board = await store.newBoard()
    const database = await storeOf(board)
    onTestFinished(() => database.close())
    const once = { key: 'key-of-ana', sessionId: 'ana', name: 'release-all', inputHash: '' }
    const answer = { released: Array.from({ length: 20_000 }, () => ({ purpose: 'p'.repeat(200) })) }
    const what = { label: undefined, claims: true, ended: false, locks: false, session: false }
    const isStored = await database.release('ana', what, Deadline.after(20_000), onceWith(once, answer))
    expect(isStored).toBe(true)
    await expect(earlierAttempt({ store: database, once }, Deadline.after(20_000))).rejects.toThrow(
      'too long to be stored',
    )
  })

  it('of another call is refused with 422, and nothing is done', async () => {
    await using board = await store.newBoard()
    const { urls } = await replicated(board)
    const url = urls[0] ?? ''
    const ana = await board.as('ana')
    await ana.claim('node:a', p)
    await ana.claim('node:b', p)
    expect((await post(url, 'release', 'key-of-ana', { resource_label: 'node:a' })).status).toBe(200)
    for (const [call, body] of [
      ['release', { resource_label: 'node:b' }],
      ['release-all', {}],
    ] as const) {
      const { status, said } = await post(url, call, 'key-of-ana', body)
      expect([status, said.error?.code]).toEqual([422, 'invalid_key'])
    }
    expect((await post(url, 'release', 'short', { resource_label: 'node:b' })).status).toBe(422)
    expect(accepted(await ana.list()).claims.map(({ label }) => label)).toEqual(['node:b'])
  })

  it('is kept for an hour, and that of an outbox entry for eight days', async () => {
    await using board = await store.newBoard()
    const { urls } = await replicated(board)
    await post(urls[0] ?? '', 'release-all', 'key-of-ana', {})
    await board.age(3_000)
    await board.prune()
    expect(await board.count('presence_replays')).toBe(1)
    const database = await storeOf(board)
    onTestFinished(() => database.close())
    const entry = { id: 'entry', session: { id: 'ana', user: 'u', host: 'h', agent: 'a' } }
    await database.replay({ ...entry, verb: 'heartbeat' }, new Date(), Deadline.after(5_000))
    await board.age(1_000)
    await board.prune()
    expect(await board.count('presence_replays'), 'the outbox entry').toBe(1)
    await board.age(7 * 86_400)
    await board.prune()
    expect(await board.count('presence_replays')).toBe(1)
    await board.age(86_400)
    await board.prune()
    expect(await board.count('presence_replays')).toBe(0)
  })
})
