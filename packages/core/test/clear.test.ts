import { openBoards } from '@presence/core/internal'
import { expect, it } from 'vitest'
import { clear } from '../src/claims/clear.ts'
import { Deadline } from '../src/deadline.ts'
import { accepted } from './answers.ts'
import { interrupted } from './interrupted.ts'
import { describeEachDatabase, storeOf } from './stores.ts'

const eve = { id: 'eve', user: 'eve', host: 'h', agent: 'http' }
const env = { HOME: '/nonexistent' }

describeEachDatabase('G5: an idle exclusive claim', store => {
  it('is cleared by its token two hours after its session last touched it, and no sooner', async () => {
    await using board = await store.newBoard()
    const ana = await board.as('ana')
    await using boards = await openBoards({ dsn: board.dsn, env, cwd: '/' })
    const { claim } = accepted(await ana.claimExclusively('stack:gpu', { purpose: 'p', ttl: 'never' }))
    const clear = (token: number) =>
      boards.acquisitions.clear(eve, { label: 'stack:gpu', token }, 'nobody is there')
    await board.age(7_190)
    expect(await clear(claim.token), 'the database decides, whoever looked at it before').toBe(false)
    await ana.heartbeat()
    await board.age(7_190)
    expect(await clear(claim.token), 'its session was active').toBe(false)
    expect(accepted(await ana.list()).claims).toHaveLength(1)
    expect(accepted(await ana.log()).events.map(({ event }) => event)).not.toContain('steal')

    await board.age(10)
    expect(await clear(claim.token + 1), 'another token').toBe(false)
    expect(await clear(claim.token)).toBe(true)
    expect(await clear(claim.token), 'only once').toBe(false)
    expect((await boards.acquisitions.on('stack:gpu')).claim).toBeUndefined()
    expect(accepted(await ana.log()).events.at(-1)).toMatchObject({
      event: 'steal',
      session: { id: 'eve' },
      others: ['ana'],
      note: 'nobody is there',
    })
    expect((await ana.heartbeat()).lapsed).toMatchObject([
      {
        claim: { label: 'stack:gpu', ended: { how: 'stolen', by: 'eve', note: 'nobody is there' } },
        others: [],
      },
    ])
    const next = accepted(await ana.claimExclusively('stack:gpu', { purpose: 'p' }))
    expect(next.claim.token, 'G4: tokens grow').toBeGreaterThan(claim.token)
  })

  it('is reported as cleared even if another session takes the label before the answer', async () => {
    await using board = await store.newBoard()
    const [ana, bob] = [await board.as('ana'), await board.as('bob')]
    const { claim } = accepted(await ana.claimExclusively('stack:gpu', { purpose: 'p', ttl: 'never' }))
    await board.age(7_201)
    const raw = await storeOf(board)
    const taken = interrupted(raw, 'locks.read', () => bob.claimExclusively('stack:gpu', { purpose: 'p' }), 2)
    const acquisition = { label: 'stack:gpu', token: claim.token }
    expect(await clear(taken, eve, acquisition, 'nobody is there', Deadline.after(5_000))).toBe(true)
    await raw.close()
    expect(accepted(await bob.list()).claims).toMatchObject([
      { session: { id: 'bob' }, token: claim.token + 2 },
    ])
  })

  it('is released by its own token only: a claim made since stays', async () => {
    await using board = await store.newBoard()
    const ana = await board.as('ana')
    await using boards = await openBoards({ dsn: board.dsn, env, cwd: '/' })
    const { claim: first } = accepted(await ana.claimExclusively('stack:gpu', { purpose: 'p' }))
    expect(await boards.acquisitions.release(first)).toBe(true)
    const { claim: second } = accepted(await ana.claimExclusively('stack:gpu', { purpose: 'p' }))
    expect(await boards.acquisitions.release(first)).toBe(false)
    expect((await boards.acquisitions.on('stack:gpu')).claim?.token).toBe(second.token)
  })
})
