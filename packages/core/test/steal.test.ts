import { expect, it } from 'vitest'
import { steal } from '../src/claims/steal.ts'
import { Deadline } from '../src/deadline.ts'
import { accepted } from './answers.ts'
import { interrupted } from './interrupted.ts'
import { describeEachStore, storeOf } from './stores.ts'

const p = { purpose: 'apply' }
const OWN_OF_BOB = {
  session: { id: 'bob', user: 'u', host: 'h', agent: 'cli' },
  label: 'node:a',
  purpose: 'p',
  ttlSeconds: 600,
}
const why = { reason: 'its runner is gone' }

describeEachStore('G5: a steal', store => {
  it('takes the label with a higher token, and tells the previous holder at its next call who did it and why', async () => {
    await using board = await store.newBoard()
    const [ana, bob] = [await board.as('ana'), await board.as('bob')]
    const { lease } = accepted(await ana.acquire('stack:gpu', p))
    const stolen = accepted(await bob.steal('stack:gpu', why))
    expect(stolen).toMatchObject({
      claim: { session: { id: 'bob' }, token: lease.token + 1, purpose: why.reason },
      from: { session: { id: 'ana' }, token: lease.token },
    })
    expect(await lease.verify()).toBe(false)
    expect(lease.signal.aborted).toBe(true)
    const { mine, lapsed } = await ana.heartbeat()
    expect(mine).toEqual([])
    expect(lapsed).toMatchObject([
      {
        claim: { label: 'stack:gpu', ended: { how: 'stolen', by: 'bob', note: why.reason } },
        others: [{ session: { id: 'bob' } }],
      },
    ])
    expect((await bob.list()).ok && accepted(await bob.list()).lapsed, 'it can’t be resolved').toEqual([])
    accepted(await ana.release('stack:gpu'))
    expect((await ana.heartbeat()).lapsed).toEqual([])
    expect(accepted(await bob.verify('stack:gpu', lease.token + 1)).current, 'what was stolen stays').toBe(
      true,
    )
  })

  it('that another steal reverses is no longer reported: the session that has the label back is its holder', async () => {
    await using board = await store.newBoard()
    const [ana, bob] = [await board.as('ana'), await board.as('bob')]
    await ana.claimExclusively('node:a', p)
    await bob.steal('node:a', why)
    const back = accepted(await ana.steal('node:a', { reason: 'it was not' }))
    expect(back.ended).toMatchObject([{ ended: { how: 'stolen', by: 'bob' } }])
    expect((await ana.heartbeat()).lapsed).toEqual([])
    expect((await bob.heartbeat()).lapsed).toMatchObject([{ claim: { ended: { by: 'ana' } } }])
  })

  it('is reported once to the victim when it claims the label again', async () => {
    await using board = await store.newBoard()
    const [ana, bob] = [await board.as('ana'), await board.as('bob')]
    await ana.claimExclusively('node:a', p)
    await bob.steal('node:a', why)
    await bob.release('node:a')
    const ended = async () => accepted(await ana.claim('node:a', p)).ended
    expect(await ended()).toMatchObject([{ ended: { how: 'stolen', by: 'bob' } }])
    expect(await ended()).toEqual([])
  })

  it('is refused if nobody holds the label exclusively, or if the session itself does', async () => {
    await using board = await store.newBoard()
    const [ana, bob] = [await board.as('ana'), await board.as('bob')]
    const nothing = { ok: false, refusal: { code: 'not_held' } }
    expect(await ana.steal('node:a', why)).toMatchObject(nothing)
    await bob.claim('node:a', p)
    expect(await ana.steal('node:a', why), 'a shared claim keeps nobody out').toMatchObject(nothing)
    await ana.claimExclusively('node:b', p)
    expect(await ana.steal('node:b', why)).toMatchObject(nothing)
    await ana.release('node:b')
    expect(await bob.steal('node:b', why)).toMatchObject(nothing)
    expect(await bob.steal('node:b', { reason: ' ' })).toMatchObject({
      ok: false,
      refusal: { code: 'invalid_note' },
    })
  })

  it('by many sessions at once takes the label from one after the other, and every token is issued once', async () => {
    await using board = await store.newBoard()
    const boards = await Promise.all(['a', 'b', 'c', 'd', 'e'].map(id => board.as(id)))
    await boards[0]?.claimExclusively('db:orders', p)
    const said = await Promise.all(boards.slice(1).map(each => each.steal('db:orders', why)))
    // A steal whose label is stolen again before its own answer names the current holder.
    const refused = said.filter(each => !each.ok)
    for (const each of refused) expect(each).toMatchObject({ refusal: { code: 'held' } })
    const tokens = said.flatMap(each => (each.ok ? [each.claim.token] : []))
    expect(new Set(tokens).size, 'each answer has its own token').toBe(tokens.length)
    expect(tokens, 'the last one keeps it').toContain(5)
    const { events } = accepted(await (boards[0] as (typeof boards)[0]).log())
    const steals = events.filter(({ event }) => event === 'steal')
    expect(steals.map(({ token }) => token).sort()).toEqual([2, 3, 4, 5])
    const by = new Map(events.map(({ token, session }) => [token, session.id]))
    for (const { token, others } of steals) expect(others, `${token}`).toEqual([by.get((token ?? 0) - 1)])
  })

  it('happens only once, even if another session takes the label before its answer', async () => {
    await using board = await store.newBoard()
    const [ana, carl] = [await board.as('ana'), await board.as('carl')]
    accepted(await ana.claimExclusively('node:a', p))
    const raw = await storeOf(board)
    const overtaken = interrupted(raw, 'locks.read', () => carl.steal('node:a', why), 2)
    expect(await steal(overtaken, OWN_OF_BOB, 'r', Deadline.after(5_000))).toMatchObject({
      ok: false,
      refusal: { code: 'held', holders: [{ session: { id: 'carl' }, token: 3 }] },
    })
    await raw.close()
    const { lapsed } = await (await board.as('bob')).heartbeat()
    expect(lapsed, 'it is told that it had the label').toMatchObject([
      { claim: { token: 2, ended: { how: 'stolen', by: 'carl' } } },
    ])
    expect(accepted(await carl.verify('node:a', 3)).current).toBe(true)
  })

  it('succeeds even if another process of the session claims the label again before its answer', async () => {
    await using board = await store.newBoard()
    const [ana, bob] = [await board.as('ana'), await board.as('bob')]
    accepted(await ana.claimExclusively('node:a', p))
    const raw = await storeOf(board)
    const renewed = interrupted(raw, 'locks.read', () => bob.claimExclusively('node:a', p), 2)
    expect(await steal(renewed, OWN_OF_BOB, 'r', Deadline.after(5_000))).toMatchObject({
      ok: true,
      from: { session: { id: 'ana' }, token: 1 },
      claim: { session: { id: 'bob' }, token: 2 },
    })
    await raw.close()
    expect((await ana.heartbeat()).lapsed).toMatchObject([{ claim: { ended: { how: 'stolen', by: 'bob' } } }])
    expect(accepted(await bob.verify('node:a', 2)).current).toBe(true)
  })

  it('reports that it happened if another process of the session has released the label before its answer', async () => {
    await using board = await store.newBoard()
    const [ana, bob, carl] = [await board.as('ana'), await board.as('bob'), await board.as('carl')]
    accepted(await ana.claimExclusively('node:a', p))
    const raw = await storeOf(board)
    const released = interrupted(raw, 'locks.read', () => bob.release('node:a'), 2)
    expect(await steal(released, OWN_OF_BOB, 'r', Deadline.after(5_000))).toMatchObject({
      ok: false,
      refusal: {
        code: 'not_held',
        message: expect.stringContaining('and that claim has ended since'),
      },
    })
    await raw.close()
    accepted(await carl.claimExclusively('node:a', p))
    expect((await ana.heartbeat()).lapsed).toMatchObject([{ claim: { ended: { how: 'stolen', by: 'bob' } } }])
  })

  it('during a release or a heartbeat of the holder leaves one holder or none', async () => {
    await using board = await store.newBoard()
    const [ana, bob] = [await board.as('ana'), await board.as('bob')]
    for (let round = 0; round < 10; round++) {
      const { token } = accepted(await ana.claimExclusively('node:a', p)).claim
      const [stolen] = await Promise.all([
        bob.steal('node:a', why),
        round % 2 === 0 ? ana.heartbeat() : ana.release('node:a'),
      ])
      expect(accepted(await ana.verify('node:a', token)).current).toBe(false)
      const { holder } = accepted(await ana.verify('node:a', token))
      expect(holder?.session.id).toBe(stolen.ok ? 'bob' : undefined)
      await bob.release('node:a')
      await ana.release('node:a')
    }
  })
})
