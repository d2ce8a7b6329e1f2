import { expect, it } from 'vitest'
import { refusedHeld } from './refusals.ts'

const session = (id: string) => ({ id, user: 'u', host: 'h', agent: 'a' })
const asOf = new Date('2030-01-02T03:04:05Z')
const claim = {
  label: 'node:a',
  session: session('ana'),
  purpose: 'p',
  claimedAt: asOf,
  expiresAt: asOf,
  lapsedAt: asOf,
  ttlSeconds: 60,
  token: 1,
}

it.each([
  ['bob', /or ask its holder\.$/],
  [
    'ana',
    /^Another process of this session may hold it\. Wait for it in turn .*, or work on something else\.$/,
  ],
])('a refusal to %s of what ana holds says what that session can do', (me, last) => {
  const held = {
    code: 'held',
    message: 'm',
    remedy: 'r',
    label: 'node:a',
    holders: [claim],
    asOf,
    coClaims: [],
  } as const
  expect(refusedHeld(held, session(me)).lines.at(-1)).toMatch(last)
})
