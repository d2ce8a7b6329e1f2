import { expect, it } from 'vitest'
import { type FaultCode, PresenceError } from '../domain/fault.ts'
import { UnconfirmedGrants } from './unconfirmed-grants.ts'

it.each<FaultCode>(['unreachable', 'busy', 'unexpected', 'schema_older'])(
  'a claim that ended with %s may have succeeded, even if the server named a time to retry',
  async code => {
    const unconfirmed = new UnconfirmedGrants()
    const lost = Promise.reject(new PresenceError(code, 'm', 'r', { retryAt: new Date() }))
    await expect(unconfirmed.during('stack:gpu', 'key', lost)).rejects.toThrow()
    expect(unconfirmed.takeAll()).toEqual([['key', 'stack:gpu']])
  },
)
