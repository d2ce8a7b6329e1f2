import { expect, it } from 'vitest'
import { type FaultCode, PresenceError } from './domain/fault.ts'
import { Doubts } from './doubts.ts'

it.each<FaultCode>(['unreachable', 'busy', 'unexpected', 'schema_older'])(
  'a claim that ended with %s may have succeeded, even if the server named a time to retry',
  async code => {
    const doubts = new Doubts()
    const lost = Promise.reject(new PresenceError(code, 'm', 'r', { retryAt: new Date() }))
    await expect(doubts.during('stack:gpu', 'key', lost)).rejects.toThrow()
    expect(doubts.takeAll()).toEqual([['key', 'stack:gpu']])
  },
)
