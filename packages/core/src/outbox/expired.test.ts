import { describe, expect, it } from 'vitest'
import type { QueuedOperation, QueuedVerb } from '../domain/operation.ts'
import { Expiry } from './expired.ts'

const session = (id: string) => ({ id, user: 'u', host: 'h', agent: 'a' })
const said = (atSeconds: number, verb: QueuedVerb, who = 'ana'): QueuedOperation => ({
  id: `${who}-${atSeconds}`,
  at: atSeconds * 1_000,
  session: session(who),
  ...verb,
})
const claim = (label: string, ttlSeconds = 60): QueuedVerb => ({
  verb: 'claim',
  label,
  purpose: 'p',
  ttlSeconds,
})
const heartbeat: QueuedVerb = { verb: 'heartbeat' }

function expiredAt(seconds: number, operations: readonly QueuedOperation[]): readonly string[] {
  const expiry = new Expiry(operations)
  return operations.flatMap((each, place) =>
    each.verb === 'claim' && expiry.isOver(each, place, seconds * 1_000)
      ? [`${each.label}@${each.at / 1_000}`]
      : [],
  )
}

describe('a claim in the outbox', () => {
  it('expires when its ttl is over, and not earlier', () => {
    const queue = [said(0, claim('node:a'))]
    expect(expiredAt(59, queue)).toEqual([])
    expect(expiredAt(60, queue)).toEqual(['node:a@0'])
  })

  it('is extended by heartbeats and claims of its session that came while it lived', () => {
    const queue = [said(0, claim('node:a')), said(50, heartbeat), said(100, claim('node:a'))]
    expect(expiredAt(159, queue)).toEqual([])
    expect(expiredAt(160, queue)).toEqual(['node:a@0', 'node:a@100'])
  })

  it('is not revived by a heartbeat that came too late or is another session’s', () => {
    expect(expiredAt(70, [said(0, claim('node:a')), said(61, heartbeat)])).toEqual(['node:a@0'])
    expect(expiredAt(70, [said(0, claim('node:a')), said(30, heartbeat, 'bob')])).toEqual(['node:a@0'])
  })

  it('is extended only by claims of its own label', () => {
    expect(expiredAt(70, [said(0, claim('node:a')), said(30, claim('node:b'))])).toEqual(['node:a@0'])
  })
})
