import { describe, expect, it } from 'vitest'
import { type FakeAnswer, fakeAsk } from '../../test/fake-ask.ts'
import { Deadline } from '../deadline.ts'
import { PresenceError } from '../domain/fault.ts'
import { refuse } from '../domain/refusal.ts'
import { claimAll } from './claim-all.ts'
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

describe('claims of all labels or none', () => {
  const claimOf = (label: string) => {
    const [asOf, expiresAt] = [new Date(0), new Date(15_000)]
    return { ok: true, asOf, isNew: true, claim: { label, token: 7, ttlSeconds: 15, expiresAt } }
  }
  const soon = () => Deadline.after(5_000)
  const both = ['node:b', 'node:a']

  /** A board that grants every label but these, and what was given back. */
  function boardWith(answers: Readonly<Record<string, FakeAnswer>>) {
    const givenBack: string[] = []
    const keys = new Map<string, string>()
    const { client, takenBack } = clientOn({
      acquire: async ({ label, writeKey }) => {
        keys.set(label, writeKey)
        return answers[label]?.({}) ?? claimOf(label)
      },
      'release-lease': async ({ label, token, writeKey }) => {
        if (answers['release']) return answers['release']({})
        expect([token, writeKey]).toEqual([7, keys.get(label)])
        givenBack.push(label)
        return { ok: true, held: true }
      },
      ...answers,
    })
    return { client, givenBack, takenBack, keys }
  }

  it('G2: are given back by their write keys if a later answer is lost, which is taken back too', async () => {
    const { client, givenBack, takenBack, keys } = boardWith({ 'node:b': away })
    await expect(claimAll(client, both, { purpose: 'p' }, soon)).rejects.toThrow('no answer')
    expect(givenBack).toEqual(['node:a'])
    await client.stop()
    expect(takenBack).toEqual([`node:b ${keys.get('node:b')}`])
  })

  it('G2: that can not be given back are named, and tried once more when the board is closed', async () => {
    const { client, takenBack, keys } = boardWith({ 'node:b': async () => HELD, release: away })
    await expect(claimAll(client, both, { purpose: 'p' }, soon)).rejects.toMatchObject({
      code: 'unreachable',
      message: expect.stringContaining('did not answer when node:a was to be given back'),
    })
    await client.stop()
    expect(takenBack).toEqual([`node:a ${keys.get('node:a')}`])
  })

  it('are kept alive while another label is waited for', async () => {
    const renewed: string[] = []
    const from = performance.now()
    const verified = (label: string) => ({
      ok: true,
      current: true,
      token: 7,
      asOf: new Date(performance.now() - from),
      holder: claimOf(label).claim,
    })
    const { client } = boardWith({
      'node:b': async () => HELD,
      poll: async () => ({
        ok: true,
        ahead: 0,
        holders: [],
        ...(renewed.length === 0 ? {} : { acquired: claimOf('node:b') }),
      }),
      verify: async ({ label }) => verified(label),
      renew: async ({ label }) => {
        renewed.push(label)
        return verified(label)
      },
    })
    const said = await claimAll(client, both, { purpose: 'p', wait: 600 }, soon)
    expect(said).toMatchObject({
      ok: true,
      all: [{ claim: { label: 'node:a' } }, { claim: { label: 'node:b' } }],
    })
    expect(renewed[0]).toBe('node:a')
    expect(renewed.slice(-2).toSorted()).toEqual(['node:a', 'node:b'])
  }, 60_000)
})
