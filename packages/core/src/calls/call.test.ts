import { describe, expect, it } from 'vitest'
import { call } from './call.ts'

describe('a row of the table of calls', () => {
  const row = { run: async () => ({ ok: true }) as const, answer: { ok: 'true' } } as const

  it('says that the call only reads, or why it changes the board only once if it is sent twice', () => {
    expect(call({ ...row, reads: true })).toMatchObject({ reads: true })
    expect(call({ ...row, once: 'same effect' })).toMatchObject({ once: 'same effect' })
    // @ts-expect-error: it says neither
    call(row)
    // @ts-expect-error: a call that reads changes nothing
    call({ ...row, reads: true, once: 'same effect' })
  })
})
