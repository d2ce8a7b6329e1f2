import {
  appendFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type FakeAnswer, fakeAsk } from '../../test/fake-ask.ts'
import { SessionBoard } from '../board/session-board.ts'
import { Deadline } from '../deadline.ts'
import { PresenceError } from '../domain/fault.ts'
import { KINDS } from '../domain/label.ts'
import { Delivery, type DeliveryOptions } from './delivery.ts'
import { OutboxFile } from './file.ts'
import type { Replays } from './replay.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'presence-queue-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

const ana = { id: 'ana', user: 'u', host: 'h', agent: 'a' }

/** A board with these answers, and with an outbox. */
function boardOn(
  answers: Readonly<Record<string, FakeAnswer>>,
  replays: Partial<Replays> | object,
  { outbox = folder, ...options }: Partial<DeliveryOptions> & { readonly outbox?: string } = {},
) {
  const delivery = new Delivery(fakeAsk(answers), ana, replays as Replays, new OutboxFile(outbox, 'b'), {
    kinds: KINDS,
    deadlineMs: 1_000,
    ...options,
  })
  return new SessionBoard({
    session: ana,
    kinds: KINDS,
    ask: delivery.ask,
    sync: given => delivery.sync(given),
    deadline: () => Deadline.after(1_000),
    close: async () => {},
  })
}

/** A board that answers every call. Records the calls, and the faults of the outbox. */
function boardThatAnswers() {
  const told: PresenceError[] = []
  const calls: string[] = []
  const answering = (name: string): FakeAnswer => {
    return async () => {
      calls.push(name)
      return { ok: true, claim: {} }
    }
  }
  const names = ['claim', 'heartbeat', 'release', 'list', 'peek', 'who']
  const answers = Object.fromEntries(names.map(name => [name, answering(name)]))
  const replays = { replay: async () => ({ ok: true, done: true }) }
  const board = boardOn(answers, replays, { onTrouble: fault => told.push(fault) })
  return { board, calls, told }
}

/** A board that throws this fault on each call, and counts the calls. */
function boardBehind(fault: PresenceError, options?: Parameters<typeof boardOn>[2]) {
  const calls = { count: 0 }
  const fail = async () => {
    calls.count++
    throw fault
  }
  const names = ['claim', 'heartbeat', 'release', 'list', 'peek', 'verify', 'claim-exclusively']
  const answers = Object.fromEntries(names.map(name => [name, fail]))
  return { board: boardOn(answers, { now: fail, replay: fail }, options), calls }
}

const away = () => new PresenceError('unreachable', 'away', 'wait')

/** A message in the outbox. */
const queuedLine = (id: string, sessionId: string) =>
  JSON.stringify({
    id,
    at: Date.now(),
    session: { id: sessionId, user: 'u', host: 'h', agent: 'a' },
    verb: 'message',
    kind: 'MESSAGE',
    subject: 's',
    body: 'b',
  })

describe('G7: a server that asks to be called later', () => {
  it.each([
    ['is away', 'unreachable'],
    ['is asked too often', 'busy'],
  ] as const)('because it %s still gets the calls of every process', async (_, code) => {
    const inAnHour = new Date(Date.now() + 3_600_000)
    const first = boardBehind(new PresenceError(code, 'later', 'wait', { retryAt: inAnHour }))
    const next = boardBehind(new PresenceError(code, 'later', 'wait', { retryAt: inAnHour }))
    await expect(first.board.list()).rejects.toMatchObject({ code })
    await expect(first.board.list()).rejects.toMatchObject({ code })
    await expect(next.board.peek('node:a')).rejects.toMatchObject({ code })
    await expect(next.board.claim('node:a', { purpose: 'p' })).rejects.toMatchObject({ queued: true })
    expect([first.calls.count, next.calls.count]).toEqual([2, 2])
  })
})

it('G2: a claim in the outbox has the write key of the call that may have written it', async () => {
  const keys: unknown[] = []
  const claim: FakeAnswer = async ({ writeKey }) => {
    keys.push(writeKey)
    throw away()
  }
  const queued = boardOn({ claim }, {})
  await expect(queued.claim('node:a', { purpose: 'p' })).rejects.toMatchObject({ queued: true })
  const { writeKey } = JSON.parse(readFileSync(join(folder, 'b.jsonl'), 'utf8')) as { writeKey: string }
  expect(writeKey).toMatch(/^[a-z0-9-]{8,32}$/)
  expect(keys).toEqual([writeKey])
})

it('G2: a waiting claim that was refused once is not queued if a later attempt gets no answer', async () => {
  const held = {
    code: 'held',
    message: 'held',
    remedy: 'wait',
    label: 'node:a',
    holders: [],
    asOf: new Date(),
  }
  let attempts = 0
  const claim: FakeAnswer = async () => {
    if (++attempts > 1) throw away()
    return { ok: false, refusal: { ...held, coClaims: [] } }
  }
  const board = boardOn({ claim }, {})
  expect(await board.claim('node:a', { purpose: 'p', wait: 1 })).toMatchObject({ refusal: { code: 'held' } })
  expect(attempts).toBeGreaterThan(1)
  expect(existsSync(join(folder, 'b.jsonl'))).toBe(false)
})

describe('G4, G7: while the circuit breaker is open', () => {
  const open = () => {
    const now = Date.now()
    const state = { failures: 2, failedAt: now, openUntil: now + 900 }
    writeFileSync(join(folder, 'b.breaker'), JSON.stringify(state))
  }

  it('calls fail at once as unreachable, and go to the outbox if they can', async () => {
    open()
    const { board, calls } = boardBehind(away())
    await expect(board.list()).rejects.toMatchObject({ code: 'unreachable' })
    await expect(board.heartbeat()).rejects.toMatchObject({ code: 'unreachable', queued: true })
    expect(calls.count).toBe(0)
  })

  it('verify, sync and a claim that waits are still sent', async () => {
    writeFileSync(join(folder, 'b.jsonl'), `${queuedLine('x', 'ana')}\n`)
    const { board, calls } = boardBehind(away())
    for (const ask of [
      () => board.verify('node:a', 1),
      () => board.sync(),
      () => board.claimExclusively('node:a', { purpose: 'p', wait: '5s' }),
    ]) {
      open()
      const before = calls.count
      await expect(ask()).rejects.toMatchObject({ code: 'unreachable' })
      expect(calls.count).toBeGreaterThan(before)
    }
  })
})

describe('G1, G6, G7: an outbox that can’t be used', () => {
  const line = { id: 'x', at: Date.now(), session: ana }
  it.each([
    ['with a folder in place of its file', () => mkdirSync(join(folder, 'b.taken.jsonl'))],
    [
      'with a folder in place of its lock',
      () => {
        writeFileSync(join(folder, 'b.jsonl'), `${JSON.stringify({ ...line, verb: 'heartbeat' })}\n`)
        mkdirSync(join(folder, 'b.replay.lock'))
      },
    ],
  ])('%s stops no call to a board that answers, and is reported once', async (_, spoil) => {
    spoil()
    const { board, calls, told } = boardThatAnswers()
    await board.claim('node:a', { purpose: 'p' })
    await board.heartbeat()
    await board.release('node:a')
    await board.list()
    await board.peek('node:a')
    await board.who()
    expect(calls).toEqual(['claim', 'heartbeat', 'release', 'list', 'peek', 'who'])
    expect(told.map(({ message, remedy }) => [message, remedy])).toEqual([
      [expect.stringContaining(`the outbox in ${folder} can't be used`), expect.stringContaining(folder)],
    ])
    await expect(board.sync()).rejects.toMatchObject({ code: 'not_writable' })
  })

  it('is reported together with the fault of a call that could not be added to it', async () => {
    writeFileSync(join(folder, 'file'), '')
    const told: string[] = []
    const { board: blocked } = boardBehind(away(), {
      outbox: join(folder, 'file'),
      onTrouble: fault => told.push(fault.message),
    })
    await expect(blocked.heartbeat()).rejects.toMatchObject({ code: 'unreachable' })
    expect(told).toEqual([expect.stringContaining(join(folder, 'file'))])
  })

  it('is not reported and not created while it has nothing to hold', async () => {
    const { told, board } = boardThatAnswers()
    rmSync(folder, { recursive: true })
    await board.sync()
    expect(existsSync(folder)).toBe(false)
    expect(told).toEqual([])
    mkdirSync(folder)
  })
})

describe('a board with an outbox', () => {
  it('turns an entry that the board refuses into a dead letter, reports it, and delivers the entries after it', async () => {
    const lines = ['x', 'y'].map(id => queuedLine(id, 'ana'))
    writeFileSync(join(folder, 'b.jsonl'), `${lines.join('\n')}\n`)
    const refusal = { code: 'id_taken', message: 'another message has the id', remedy: 'r', id: 'x' }
    const replays = {
      now: async () => new Date(),
      replay: async ({ id }: { id: string }) =>
        id === 'x' ? { ok: false, refusal } : { ok: true, done: true, heldBy: undefined },
    }
    const board = boardOn({}, replays)
    expect(await board.sync()).toEqual({
      done: 1,
      dropped: [],
      damaged: [lines[0]],
      reasons: [refusal.message],
      left: 0,
    })
    expect(readFileSync(join(folder, 'b.damaged.jsonl'), 'utf8')).toBe(`${lines[0]}\n`)
  })

  it.each(['access_denied', 'schema_older', 'rejected'] as const)(
    'puts nothing in the outbox for a fault that time does not fix: %s',
    async code => {
      const { board } = boardBehind(new PresenceError(code, 'no', 'mend it'))
      await expect(board.claim('node:a', { purpose: 'p' })).rejects.toMatchObject({ code, queued: false })
      expect(existsSync(join(folder, 'b.jsonl'))).toBe(false)
    },
  )

  it('throws the original fault if the outbox can not take the call either', async () => {
    writeFileSync(join(folder, 'file'), '')
    const { board: blocked } = boardBehind(away(), { outbox: join(folder, 'file') })
    await expect(blocked.heartbeat()).rejects.toMatchObject({ code: 'unreachable' })
  })
})

describe('a call behind a slow outbox', () => {
  /**
   * A board with this many messages in its outbox. Each replay and the call itself take `ms` milliseconds.
   */
  function boardBehindReplayOf(ms: number, operations: number) {
    for (let each = 0; each < operations; each++)
      appendFileSync(join(folder, 'b.jsonl'), `${queuedLine(`m${each}`, 'ana')}\n`)
    const after = async <T>(answer: T) => {
      await new Promise(resolve => setTimeout(resolve, ms))
      return answer
    }
    const answers = { list: () => after({}), claim: () => after({}) }
    const replays = { now: async () => new Date(), replay: () => after({ ok: true, done: true }) }
    return boardOn(answers, replays, { deliverOnly: true })
  }

  it('fails as too_slow, because the board does answer', async () => {
    await expect(boardBehindReplayOf(800, 1).list()).rejects.toMatchObject({
      code: 'too_slow',
      message: 'the board took longer than 1.0 s to take what was queued and then to answer this call',
    })
  })

  it('is not sent before the outbox is empty, and says so', async () => {
    const claimed = boardBehindReplayOf(300, 9).claim('node:a', { purpose: 'p' })
    await expect(claimed).rejects.toMatchObject({
      code: 'too_slow',
      message: expect.stringMatching(/^this was not sent yet: it waits for \d queued operations?$/),
    })
  })
})
