import { describe, expect, it } from 'vitest'
import { type FakeAnswer, fakeAsk } from '../../test/fake-ask.ts'
import { PresenceError } from '../domain/fault.ts'
import { refuse } from '../domain/refusal.ts'
import { LeaseClient } from './lease-client.ts'

const HELD = refuse({
  code: 'held',
  message: 'held',
  remedy: 'wait',
  label: 'node:a',
  holders: [],
  asOf: new Date(0),
  coClaims: [],
})
const away = async (): Promise<never> => {
  throw new PresenceError('unreachable', 'no answer', 'wait')
}

/** A lease client on a board with these answers, plus the write keys that were tried and that were taken back. */
function clientOn(answers: Readonly<Record<string, FakeAnswer>>) {
  const tried: string[] = []
  const takenBack: string[] = []
  const take: FakeAnswer = async ({ writeKey }) => {
    tried.push(writeKey)
    return HELD
  }
  const ask = fakeAsk({
    acquire: take,
    'claim-exclusively': answers['acquire'] ?? take,
    'cancel-wait': async ({ label, writeKey }) => {
      if (writeKey !== undefined) takenBack.push(`${label} ${writeKey}`)
      return { ok: true }
    },
    ...answers,
  })
  return { client: new LeaseClient(ask, 'ana'), tried, takenBack }
}

it('a claim whose answer was lost is taken back by its write key when the board is closed, once', async () => {
  const writeKeys: string[] = []
  const acquire: FakeAnswer = ({ writeKey }) => {
    writeKeys.push(writeKey)
    return away()
  }
  const { client, takenBack } = clientOn({ acquire })
  for (const label of ['node:a', 'node:b'])
    await expect(client.lease(label, { purpose: 'p' })).rejects.toThrow('no answer')
  await client.stop()
  expect(takenBack).toEqual([`node:a ${writeKeys[0]}`, `node:b ${writeKeys[1]}`])
  await client.stop()
  expect(takenBack).toHaveLength(2)
})

it('closing is not blocked by a board that does not answer, after a wait whose answers were all lost', async () => {
  const { client, tried } = clientOn({ poll: away, 'cancel-wait': away })
  await expect(client.acquire('node:a', { purpose: 'p', wait: 1 }, false)).rejects.toThrow('no answer')
  expect(tried).toHaveLength(1)
  await client.stop()
})

it('a claim that was refused, or granted with a write key that was tried before, is not taken back', async () => {
  let looks = 0
  const acquired = { claim: { label: 'node:a' } }
  const poll = async () => {
    looks++
    return looks === 1 ? away() : { ok: true, acquired, ahead: 0, holders: [] }
  }
  const { client, takenBack } = clientOn({ poll })
  expect(await client.acquire('node:a', { purpose: 'p' }, false)).toEqual(HELD)
  expect(await client.acquire('node:a', { purpose: 'p', wait: 10 }, false)).toMatchObject({ ok: true })
  await client.stop()
  expect(takenBack).toEqual([])
})

describe('G2, G4: a label that may be held because an answer was lost', () => {
  const granted = (token?: number) => ({ ok: true, claim: { label: 'node:\u00e9', token } })

  it('is kept when the board is closed, after the session was told that it holds the label', async () => {
    for (const claimAgain of [
      (client: LeaseClient) => client.acquire('node:\u00e9', { purpose: 'p' }, true),
      // The session holds the label exclusively, and the answer says so.
      (client: LeaseClient) => client.claim('node:e\u0301', { purpose: 'p' }),
    ]) {
      let isAway = true
      const { client, takenBack } = clientOn({
        acquire: async () => (isAway ? away() : granted(2)),
        claim: async () => granted(2),
      })
      await expect(client.acquire('node:e\u0301', { purpose: 'p' }, true)).rejects.toThrow('no answer')
      isAway = false
      await claimAgain(client)
      await client.stop()
      expect(takenBack).toEqual([])
    }
  })

  it('is kept even if the first answer is lost only after that', async () => {
    const lose = Promise.withResolvers<never>()
    const answers: Promise<unknown>[] = [lose.promise, Promise.resolve(granted(2))]
    const { client, takenBack } = clientOn({ acquire: () => answers.shift() ?? away() })
    const first = client.acquire('node:\u00e9', { purpose: 'p' }, true)
    await client.acquire('node:\u00e9', { purpose: 'p' }, true)
    lose.reject(new PresenceError('unreachable', 'no answer', 'wait'))
    await expect(first).rejects.toThrow('no answer')
    await client.stop()
    expect(takenBack).toEqual([])
  })

  it('is taken back if the session was told only of a shared claim or of another label', async () => {
    const { client, takenBack } = clientOn({
      acquire: async ({ label }) => (label === 'node:a' ? away() : granted(2)),
      claim: async () => ({ ok: true, claim: { label: 'node:a' } }),
    })
    await expect(client.acquire('node:a', { purpose: 'p' }, true)).rejects.toThrow('no answer')
    await client.acquire('node:\u00e9', { purpose: 'p' }, true)
    await client.claim('node:a', { purpose: 'p' })
    await client.stop()
    expect(takenBack).toEqual([expect.stringMatching(/^node:a /)])
  })
})
