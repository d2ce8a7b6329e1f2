import type { Turn } from '@presence/core'
import { expect, it } from 'vitest'
import { accepted } from './answers.ts'
import { describeEachStore } from './stores.ts'

const p = { purpose: 'apply' }

/** A promise, and the function that resolves it. */
function told<T>() {
  let tell: (value: T) => void = () => {}
  const promise = new Promise<T>(resolve => {
    tell = resolve
  })
  return { promise, tell }
}

describeEachStore('waiting for an exclusive claim', store => {
  it('ends with the release, first come first served, and a session that doesn’t wait comes after those that do', async () => {
    await using board = await store.newBoard()
    const [ana, bob, eve, dan] = [
      await board.as('ana'),
      await board.as('bob'),
      await board.as('eve'),
      await board.as('dan'),
    ]
    const { lease } = accepted(await ana.acquire('stack:gpu', p))
    const [bobWaits, eveWaits] = [told<Turn>(), told<Turn>()]
    const order: string[] = []
    const turns = [
      bob.acquire('stack:gpu', { ...p, wait: '60s', onWait: bobWaits.tell }).then(async said => {
        order.push('bob')
        expect(await dan.claimExclusively('stack:gpu', p), 'held').toMatchObject({ ok: false })
        await accepted(said).lease.release()
      }),
    ]
    expect(await bobWaits.promise).toMatchObject({ ahead: 0, holders: [{ session: { id: 'ana' } }] })
    turns.push(
      eve.acquire('stack:gpu', { ...p, wait: '60s', onWait: eveWaits.tell }).then(async said => {
        order.push('eve')
        await accepted(said).lease.release()
      }),
    )
    expect(await eveWaits.promise).toMatchObject({ ahead: 1 })
    await lease.release()
    const barged = await dan.claimExclusively('stack:gpu', p)
    expect(barged).toMatchObject({ ok: false, refusal: { code: 'held' } })
    await Promise.all(turns)
    expect(order).toEqual(['bob', 'eve'])
    expect(await dan.claimExclusively('stack:gpu', p), 'the wait queue is empty again').toMatchObject({
      ok: true,
    })
  })

  it('ends with a refusal when its time is over or its signal fires, and leaves no place behind', async () => {
    await using board = await store.newBoard()
    const [ana, bob, eve] = [await board.as('ana'), await board.as('bob'), await board.as('eve')]
    await ana.claimExclusively('node:a', p)
    expect(await bob.acquire('node:a', { ...p, wait: 1 })).toMatchObject({
      ok: false,
      refusal: { code: 'held', holders: [{ session: { id: 'ana' } }] },
    })
    const controller = new AbortController()
    const waits = told<Turn>()
    const waiting = bob.acquire('node:a', { ...p, wait: '1h', signal: controller.signal, onWait: waits.tell })
    await waits.promise
    controller.abort()
    expect(await waiting).toMatchObject({ ok: false, refusal: { code: 'held' } })
    await ana.release('node:a')
    expect(await eve.claimExclusively('node:a', p)).toMatchObject({ ok: true })
    expect(await bob.acquire('node:a', { ...p, wait: 'soon' })).toMatchObject({
      ok: false,
      refusal: { code: 'invalid_wait' },
    })
  })

  it('also waits for shared claims to end, without blocking new ones in the meantime', async () => {
    await using board = await store.newBoard()
    const [ana, bob, eve] = [await board.as('ana'), await board.as('bob'), await board.as('eve')]
    await ana.claim('node:a', p)
    const waits = told<Turn>()
    const waiting = bob.acquire('node:a', { ...p, wait: '60s', onWait: waits.tell })
    expect(await waits.promise).toMatchObject({ ahead: 0, holders: [{ session: { id: 'ana' } }] })
    expect(await eve.claim('node:a', p)).toMatchObject({ ok: true })
    await ana.release('node:a')
    await eve.release('node:a')
    expect(await waiting).toMatchObject({ ok: true })
  })

  it('lets a shared claim wait until nobody holds the label exclusively', async () => {
    await using board = await store.newBoard()
    const [ana, bob] = [await board.as('ana'), await board.as('bob')]
    await ana.claimExclusively('node:a', p)
    const waits = told<Turn>()
    const waiting = bob.claim('node:a', { ...p, wait: '60s', onWait: waits.tell })
    expect(await waits.promise).toMatchObject({ holders: [{ session: { id: 'ana' } }] })
    await ana.release('node:a')
    expect(await waiting).toMatchObject({ ok: true })
  })

  it('takes over a claim that lapses during the wait', async () => {
    await using board = await store.newBoard()
    const [ana, bob] = [await board.as('ana'), await board.as('bob')]
    await ana.claimExclusively('node:a', { ...p, ttl: 2 })
    expect(await bob.acquire('node:a', { ...p, wait: '60s' })).toMatchObject({
      ok: true,
      lease: { token: 2 },
    })
  })
})
