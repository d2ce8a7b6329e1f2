import { expect, it } from 'vitest'
import { accepted } from './answers.ts'
import { describeEachStore, type TestBoard } from './stores.ts'

const p = { purpose: 'apply' }
const held = async (board: TestBoard) =>
  accepted(await (await board.as('onlooker')).list())
    .claims.map(({ label, session }) => `${label} ${session.id}`)
    .toSorted()

describeEachStore('claims of all labels or none', store => {
  it('are made in the order of the labels, each once and with its token', async () => {
    await using board = await store.newBoard()
    const ana = await board.as('ana')
    const { all } = accepted(await ana.claimAllExclusively(['node:b', 'node:a', 'node:b'], p))
    expect(all.map(({ claim }) => [claim.label, claim.token])).toEqual([
      ['node:a', 1],
      ['node:b', 1],
    ])
    expect(await held(board)).toEqual(['node:a ana', 'node:b ana'])
  })

  it('G4: are none if one label is held, and what was taken is free for others at once', async () => {
    await using board = await store.newBoard()
    const [ana, bob] = [await board.as('ana'), await board.as('bob')]
    accepted(await bob.claimExclusively('node:b', p))
    expect(await ana.claimAllExclusively(['node:a', 'node:b', 'node:c'], p)).toMatchObject({
      refusal: { code: 'held', label: 'node:b' },
    })
    expect(await held(board)).toEqual(['node:b bob'])
    accepted(await bob.claimAllExclusively(['node:a', 'node:c'], p))
  })

  it('are none if one label is not valid', async () => {
    await using board = await store.newBoard()
    const ana = await board.as('ana')
    expect(await ana.claimAllExclusively(['node:a', 'nod:b'], p)).toMatchObject({
      refusal: { code: 'invalid_label' },
    })
    expect(await held(board)).toEqual([])
  })

  it('G2: leave a claim that the session had before, if another label is refused', async () => {
    await using board = await store.newBoard()
    const [ana, bob] = [await board.as('ana'), await board.as('bob')]
    const before = accepted(await ana.claimExclusively('node:a', p)).claim
    accepted(await bob.claimExclusively('node:b', p))
    expect(await ana.claimAllExclusively(['node:a', 'node:b'], p)).toMatchObject({ ok: false })
    expect(accepted(await ana.verify('node:a', before.token)).current).toBe(true)
  })

  it('G2: leave what another process of the session was granted meanwhile', async () => {
    await using board = await store.newBoard()
    const [ana, sibling, bob] = [await board.as('ana'), await board.as('ana'), await board.as('bob')]
    accepted(await bob.claimExclusively('node:b', p))
    const stop = new AbortController()
    let granted: Promise<unknown> | undefined
    const asked = ana.claimAllExclusively(['node:a', 'node:b'], {
      ...p,
      wait: 60,
      signal: stop.signal,
      onWait: () => {
        granted ??= sibling
          .claimExclusively('node:a', p)
          .then(accepted)
          .finally(() => stop.abort())
      },
    })
    await expect(asked).rejects.toThrow('interrupted')
    await granted
    expect(await held(board)).toEqual(['node:a ana', 'node:b bob'])
  })

  it('are given back if the wait is interrupted, or its time is over', async () => {
    await using board = await store.newBoard()
    const [ana, bob] = [await board.as('ana'), await board.as('bob')]
    accepted(await bob.claimExclusively('node:b', p))
    const stop = new AbortController()
    const seen: unknown[] = []
    const asked = ana.claimAllExclusively(['node:a', 'node:b'], {
      ...p,
      wait: 60,
      signal: stop.signal,
      onWait: async ({ label }) => {
        if (seen.length > 0) return
        seen.push(label, await held(board))
        stop.abort()
      },
    })
    await expect(asked).rejects.toThrow('interrupted')
    expect(seen).toEqual(['node:b', ['node:a ana', 'node:b bob']])
    expect(await held(board)).toEqual(['node:b bob'])
    expect(await ana.claimAllExclusively(['node:a', 'node:b'], { ...p, wait: 1 })).toMatchObject({
      refusal: { code: 'held' },
    })
    expect(await held(board)).toEqual(['node:b bob'])
  })

  it('are extended once all are taken, and returned as they stand then', async () => {
    await using board = await store.newBoard()
    const [ana, bob] = [await board.as('ana'), await board.as('bob')]
    accepted(await bob.claimExclusively('node:b', p))
    const taken: number[] = []
    let free: Promise<unknown> | undefined
    const look = async () => {
      const [mine] = accepted(await bob.peek('node:a')).claims
      taken.push(mine?.expiresAt.getTime() ?? Number.NaN)
      await bob.release('node:b')
    }
    const { all } = accepted(
      await ana.claimAllExclusively(['node:a', 'node:b'], {
        ...p,
        wait: 600,
        onWait: () => {
          free ??= look()
        },
      }),
    )
    await free
    expect(all[0]?.claim.expiresAt.getTime()).toBeGreaterThan(taken[0] ?? Number.NaN)
    expect(await held(board)).toEqual(['node:a ana', 'node:b ana'])
  })

  it('are given back if one of them is stolen during the wait', async () => {
    await using board = await store.newBoard()
    const [ana, bob, eve] = [await board.as('ana'), await board.as('bob'), await board.as('eve')]
    accepted(await bob.claimExclusively('node:c', p))
    let stolen: Promise<unknown> | undefined
    const asked = ana.claimAllExclusively(['node:a', 'node:b', 'node:c'], {
      ...p,
      wait: 600,
      onWait: () => {
        stolen ??= eve.steal('node:a', { reason: 'urgent' }).then(accepted)
      },
    })
    await expect(asked).rejects.toMatchObject({ code: 'lease_lost' })
    await stolen
    expect(await held(board)).toEqual(['node:a eve', 'node:c bob'])
  })
})
