import { expect, it } from 'vitest'
import { claim } from '../src/claims/claim.ts'
import { Deadline } from '../src/deadline.ts'
import { accepted, holders, refused } from './answers.ts'
import { interrupted } from './interrupted.ts'
import { describeEachStore, storeOf } from './stores.ts'

describeEachStore('claim', store => {
  it('G1: tells the later of two sessions on one label about the earlier one', async () => {
    await using board = await store.newBoard()
    const [ana, bob] = [await board.as('ana'), await board.as('bob')]

    expect(accepted(await ana.claim('node:a', { purpose: 'drain' })).others).toEqual([])
    const { others } = accepted(await bob.claim('node:a', { purpose: 'restart' }))

    expect(others.map(({ session, purpose }) => [session.id, purpose])).toEqual([['ana', 'drain']])
  })

  it("G1: lists co-claims that were made on the session's other labels since", async () => {
    await using board = await store.newBoard()
    const [ana, bob] = [await board.as('ana'), await board.as('bob')]
    await ana.claim('node:a', { purpose: 'drain' })
    await bob.claim('node:a', { purpose: 'restart' })

    const { others, coClaims } = accepted(await ana.claim('db:b', { purpose: 'vacuum' }))

    expect(others).toEqual([])
    expect(coClaims.map(each => [each.label, holders(each.others)])).toEqual([['node:a', ['bob']]])
  })

  it('G1: names every other holder, the oldest claim first, and only holders of exactly this label', async () => {
    await using board = await store.newBoard()
    for (const id of ['a', 'b', 'c']) await (await board.as(id)).claim('node:x', { purpose: id })
    await (await board.as('d')).claim('node:xx', { purpose: 'another label' })
    await (await board.as('e')).claim('node:X', { purpose: 'another case' })

    const { others } = accepted(await (await board.as('z')).claim('node:x', { purpose: 'z' }))

    expect(holders(others)).toEqual(['a', 'b', 'c'])
  })

  it('G1: treats ids that differ only in case or accent as two sessions', async () => {
    await using board = await store.newBoard()
    for (const id of ['rene', 'René', 'RENE']) await (await board.as(id)).claim('node:x', { purpose: id })

    const { others } = accepted(await (await board.as('rené')).claim('node:x', { purpose: 'mine' }))

    expect(holders(others).toSorted()).toEqual(['RENE', 'René', 'rene'].toSorted())
  })

  it('G2: puts an acknowledged claim on the board for connections that are opened afterwards', async () => {
    await using board = await store.newBoard()
    const ana = await board.as('ana')
    await ana.claim('node:a', { purpose: 'drain', ttl: '2h' })
    await ana.close()

    const { claims } = accepted(await (await board.as('bob')).peek('node:a'))

    expect(claims).toMatchObject([
      { label: 'node:a', purpose: 'drain', ttlSeconds: 7_200, session: { id: 'ana' } },
    ])
  })

  it('G3: keeps claimedAt, takes the new purpose, and never ends sooner if the label is claimed again', async () => {
    await using board = await store.newBoard()
    const ana = await board.as('ana')
    const first = accepted(await ana.claim('node:a', { purpose: 'one', ttl: '1h' })).claim

    const again = accepted(await ana.claim('node:a', { purpose: 'two', ttl: 60 })).claim

    expect(again.claimedAt).toEqual(first.claimedAt)
    expect(again.purpose).toBe('two')
    expect(again.expiresAt.getTime()).toBeGreaterThanOrEqual(first.expiresAt.getTime())
    expect(await board.rows()).toHaveLength(1)
  })

  it('G3: replaces a lapsed claim with a new one, and tells when it lapsed and who came in the meantime', async () => {
    await using board = await store.newBoard()
    const [ana, bob] = [await board.as('ana'), await board.as('bob')]
    const first = accepted(await ana.claim('node:a', { purpose: 'one', ttl: 60 })).claim
    await board.age(100)
    await bob.claim('node:a', { purpose: 'restart' })

    const { claim, others, asOf } = accepted(await ana.claim('node:a', { purpose: 'two', ttl: 60 }))

    expect(claim.lapsedAt).toEqual(new Date(first.expiresAt.getTime() - 100_000))
    expect(claim.claimedAt > first.claimedAt).toBe(true)
    expect(claim.expiresAt > asOf).toBe(true)
    expect(holders(others)).toEqual(['bob'])
  })

  it('G3: makes a claim again that expired before it was read', async () => {
    await using board = await store.newBoard()
    const raw = await storeOf(board)
    const late = interrupted(raw, 'read', () => new Promise(resolve => setTimeout(resolve, 1_100)))
    const session = { id: 'ana', user: 'u', host: 'h', agent: 'cli' }
    const own = { session, label: 'node:a', purpose: 'p', ttlSeconds: 1 }
    const { claim: mine, asOf } = accepted(await claim(late, own, Deadline.after(10_000)))
    expect(mine.expiresAt.getTime()).toBeGreaterThan(asOf.getTime())
    await raw.close()
  })

  it('does not mention expired claims of other sessions', async () => {
    await using board = await store.newBoard()
    const [ana, bob] = [await board.as('ana'), await board.as('bob')]
    await ana.claim('node:a', { purpose: 'drain', ttl: 60 })
    await board.age(61)

    expect(accepted(await bob.claim('node:a', { purpose: 'restart' })).others).toEqual([])
  })

  it('G8: uses the database’s time: a host whose clock is a day ahead expires nothing', async ({
    onTestFinished,
  }) => {
    await using board = await store.newBoard()
    const [ana, bob] = [await board.as('ana'), await board.as('bob')]
    await ana.claim('node:a', { purpose: 'drain' })
    const { vi } = await import('vitest')
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 86_400_000 })
    onTestFinished(() => void vi.useRealTimers())

    const { claim, others, asOf } = accepted(await bob.claim('node:a', { purpose: 'restart' }))

    expect(holders(others)).toEqual(['ana'])
    expect(Date.now() - claim.claimedAt.getTime()).toBeGreaterThan(86_000_000)
    expect(asOf.getTime() - claim.claimedAt.getTime()).toBeLessThan(60_000)
    expect(claim.expiresAt.getTime() - claim.claimedAt.getTime()).toBe(900_000)
  })

  it.each([
    ['a label without a kind', 'k8s-1', { purpose: 'p' }, 'invalid_label'],
    ['a blank purpose', 'node:a', { purpose: ' \n' }, 'invalid_purpose'],
    ['a ttl of 0', 'node:a', { purpose: 'p', ttl: 0 }, 'invalid_ttl'],
    ['a ttl over a day', 'node:a', { purpose: 'p', ttl: '25h' }, 'invalid_ttl'],
  ])('refuses %s and writes nothing', async (_, label, options, code) => {
    await using board = await store.newBoard()

    const refusal = refused(await (await board.as('ana')).claim(label, options))

    expect(refusal.code).toBe(code)
    expect(refusal.remedy).not.toBe('')
    expect(await board.rows()).toEqual([])
  })
})
