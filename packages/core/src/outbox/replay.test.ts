import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { Deadline } from '../deadline.ts'
import { type FaultCode, PresenceError } from '../domain/fault.ts'
import type { QueuedOperation } from '../domain/operation.ts'
import { OutboxFile } from './file.ts'
import { drainQueue, type Replays } from './replay.ts'

let folder: string
beforeEach(() => {
  vi.useFakeTimers({ toFake: ['Date'] })
  folder = mkdtempSync(join(tmpdir(), 'presence-replay-'))
})
afterEach(() => {
  vi.useRealTimers()
  rmSync(folder, { recursive: true })
})

const operation = (id: string, sessionId: string, verb = 'heartbeat') => ({
  id,
  at: Date.now(),
  session: { id: sessionId, user: 'u', host: 'h', agent: 'a' },
  verb,
})

/** An outbox with these entries, by id and session, and a board on which the entries in `failing` fail. */
function outboxOf(...operations: readonly (readonly [id: string, sessionId: string])[]) {
  const lines = operations.map(([id, session]) => `${JSON.stringify(operation(id, session))}\n`)
  writeFileSync(join(folder, 'b.jsonl'), lines.join(''))
  const failing = new Map<string, FaultCode>()
  const done: string[] = []
  const tried: string[] = []
  let takesOthers = true
  const replay = async ({ id }: QueuedOperation) => {
    tried.push(id)
    const code = failing.get(id)
    if (code) throw new PresenceError(code, `as ${code}`, 'r')
    if (!operations.some(([each]) => each === id) && !takesOthers)
      throw new PresenceError('unexpected', 'no write at all', 'r')
    done.push(id)
    return { ok: true, done: true, heldBy: undefined } as const
  }
  const queue = new OutboxFile(folder, 'b')
  const board: Replays = { now: async () => new Date(), replay }
  return {
    failing,
    done,
    tried,
    stopTakingOthers: () => {
      takesOthers = false
    },
    say: (id: string, session: string) =>
      appendFileSync(join(folder, 'b.jsonl'), `${JSON.stringify(operation(id, session))}\n`),
    retryDeadLetters: () => queue.retryDeadLetters(Deadline.after(5_000)),
    drain: (insist = true) => drainQueue(queue, board, Deadline.after(5_000), { insist }),
  }
}

const minutes = (count: number) => vi.setSystemTime(Date.now() + count * 60_000)

describe('an outbox entry that fails', () => {
  it('holds back the later entries of its session, but no other session’s', async () => {
    const queue = outboxOf(['a1', 'ana'], ['a2', 'ana'], ['b1', 'bob'], ['a3', 'ana'])
    queue.failing.set('a2', 'unexpected')
    const { replayed, fault, holdsBack } = await queue.drain()
    expect(queue.done).toEqual(['a1', 'b1'])
    expect(replayed).toEqual({ done: 2, dropped: [], damaged: [], left: 2 })
    expect(fault).toMatchObject({ code: 'unexpected' })
    expect([holdsBack('ana'), holdsBack('bob')]).toEqual([true, false])
    queue.failing.clear()
    expect((await queue.drain()).replayed).toEqual({ done: 2, dropped: [], damaged: [], left: 0 })
    expect(queue.done).toEqual(['a1', 'b1', 'a2', 'a3'])
  })

  it('because of an outage stops the whole replay, so that the order is kept', async () => {
    const queue = outboxOf(['a1', 'ana'], ['b1', 'bob'])
    queue.failing.set('a1', 'unreachable')
    const { fault, holdsBack } = await queue.drain()
    expect(queue.tried).toEqual(['a1'])
    expect(fault).toMatchObject({ code: 'unreachable' })
    expect(holdsBack('bob')).toBe(true)
  })

  it('is retried after growing delays, and at once by sync', async () => {
    const queue = outboxOf(['a1', 'ana'])
    queue.failing.set('a1', 'unexpected')
    await queue.drain(false)
    await queue.drain(false)
    expect(queue.tried).toHaveLength(1)
    await queue.drain(true)
    expect(queue.tried).toHaveLength(2)
    vi.setSystemTime(Date.now() + 1_500)
    await queue.drain(false)
    expect(queue.tried).toHaveLength(2)
    minutes(1)
    await queue.drain(false)
    expect(queue.tried).toHaveLength(3)
  })

  it('is retried at once if the clock was set back, which does not make it a dead letter', async () => {
    const queue = outboxOf(['a1', 'ana'])
    queue.failing.set('a1', 'unexpected')
    await queue.drain()
    minutes(-60 * 24)
    const { replayed } = await queue.drain(false)
    expect(queue.tried).toHaveLength(2)
    expect(replayed.damaged).toEqual([])
  })

  it.each(['unexpected', 'busy', 'unreachable'] as const)(
    'with %s becomes a dead letter after ten tries and ten minutes, if the board takes another entry',
    async code => {
      const queue = outboxOf(['a1', 'ana'], ['a2', 'ana'])
      queue.failing.set('a1', code)
      for (let tries = 0; tries < 10; tries++) expect((await queue.drain()).replayed.left).toBe(2)
      minutes(11)
      const { replayed } = await queue.drain()
      expect(replayed).toMatchObject({ done: 1, damaged: [expect.stringContaining('"a1"')], left: 0 })
      expect(replayed.reasons).toEqual([`as ${code}`])
      expect(readFileSync(join(folder, 'b.damaged.jsonl'), 'utf8')).toContain('"a1"')
    },
  )

  it('is no dead letter while the board takes no other write either', async () => {
    const queue = outboxOf(['a1', 'ana'])
    queue.failing.set('a1', 'unexpected')
    queue.stopTakingOthers()
    for (let tries = 0; tries < 20; tries++) {
      minutes(60)
      expect((await queue.drain()).replayed).toMatchObject({ damaged: [], left: 1 })
    }
  })

  it('because the user must fix something becomes a dead letter only after a week', async () => {
    const queue = outboxOf(['a1', 'ana'])
    queue.failing.set('a1', 'access_denied')
    for (let tries = 0; tries < 12; tries++) await queue.drain()
    minutes(6 * 24 * 60)
    expect((await queue.drain()).replayed).toMatchObject({ damaged: [], left: 1 })
    minutes(2 * 24 * 60)
    expect((await queue.drain()).replayed).toMatchObject({ damaged: [expect.anything()], left: 0 })
  })

  it('because the board can never take it becomes a dead letter at once', async () => {
    const queue = outboxOf(['a1', 'ana'], ['a2', 'ana'])
    queue.failing.set('a1', 'rejected')
    const { replayed, fault } = await queue.drain()
    expect(replayed).toMatchObject({ done: 1, damaged: [expect.anything()], left: 0 })
    expect(fault).toBeUndefined()
  })

  it('and is queued again as a dead letter is delivered before newer entries', async () => {
    const queue = outboxOf(['a1', 'ana'], ['a2', 'ana'])
    queue.failing.set('a1', 'rejected').set('a2', 'unexpected')
    await queue.drain()
    queue.failing.clear()
    queue.say('a3', 'ana')
    await queue.retryDeadLetters()
    await queue.retryDeadLetters()
    expect((await queue.drain()).replayed).toEqual({ done: 3, dropped: [], damaged: [], left: 0 })
    expect(queue.done).toEqual(['a1', 'a2', 'a3'])
  })
})
