import type { Change, Claim, HistoryEvent, PresenceError } from '@presence/core'
import { claimedKey, type Followed, rowOfClaim } from '@presence/core/internal'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { EventHub, type HubOptions } from './hub.ts'
import type { Listener } from './listener.ts'

const AT = new Date('2030-01-02T03:04:05.000Z')
const LATER = new Date('2030-01-02T04:04:05.000Z')

const claimOn = (label: string, purpose = 'p'): Claim => ({
  label,
  session: { id: 'ana', user: 'u', host: 'h', agent: 'cli' },
  purpose,
  claimedAt: AT,
  expiresAt: LATER,
  ttlSeconds: 3_600,
  lapsedAt: undefined,
  token: undefined,
})
const claimed = (label: string, purpose?: string): Change => {
  const claim = claimOn(label, purpose)
  const row = rowOfClaim(claim)
  return { event: 'claimed', at: AT, claim, fact: purpose ? `p ${row} ${purpose}` : claimedKey(row, AT) }
}
const factsIn = (changes: readonly Change[]) =>
  new Map(
    changes.flatMap(change =>
      'claim' in change
        ? [[change.fact ?? '', { key: change.fact ?? '', row: rowOfClaim(change.claim), at: AT }]]
        : [],
    ),
  )
const SINCE = new Date(AT.getTime() - 15_000)
const looked = (changes: readonly Change[], ...labels: string[]): Followed => ({
  changes,
  facts: factsIn(changes),
  since: SINCE,
  born: new Date(1),
  snapshot: { asOf: AT, claims: labels.map(label => claimOn(label)) },
})
const lost: Followed = {
  changes: [
    {
      event: 'unknown',
      at: AT,
      since: AT,
      fault: { code: 'unreachable', message: 'm', remedy: 'r' } as PresenceError,
    },
  ],
  snapshot: undefined,
}

/** Boards whose changes come from the test. They count how often they are followed. */
class Boards {
  looks = 0
  open = 0
  /** The history's events. Undefined if there are too many to return. */
  events: readonly HistoryEvent[] | undefined = []
  #next: ((followed: Followed) => void) | undefined

  async eventsSince(): Promise<readonly HistoryEvent[] | undefined> {
    return this.events
  }

  async *follow(signal: AbortSignal): AsyncGenerator<Followed> {
    this.looks++
    this.open++
    try {
      while (!signal.aborted) {
        const ended = new Promise<undefined>(resolve =>
          signal.addEventListener('abort', () => resolve(undefined)),
        )
        const told = new Promise<Followed>(resolve => {
          this.#next = resolve
        })
        const next = await Promise.race([told, ended])
        if (next) yield next
      }
    } finally {
      this.open--
    }
  }

  async tell(followed: Followed): Promise<void> {
    this.#next?.(followed)
    await vi.advanceTimersByTimeAsync(0)
  }
}

interface Heard {
  readonly event: string
  readonly id: string | undefined
  readonly label: string | undefined
}

/** A listener that reads everything. */
class Ear {
  text = ''
  ended = false
  cut = false
  holds = true
  readonly listener: Listener

  constructor(
    hub: EventHub,
    { of = 'ana', label, lastId }: { of?: string; label?: string; lastId?: string } = {},
  ) {
    const listener = hub.listen({
      of,
      label,
      lastId,
      stillHolds: () => this.holds,
      cut: () => {
        this.cut = true
      },
    })
    if (!listener) throw new Error('not let in')
    this.listener = listener
  }

  async reading(): Promise<this> {
    void this.#read()
    await vi.advanceTimersByTimeAsync(0)
    return this
  }

  get heard(): readonly Heard[] {
    return this.text
      .split('\n\n')
      .filter(block => block.includes('event: '))
      .map(block => ({
        event: /^event: (.*)$/m.exec(block)?.[1] ?? '',
        id: /^id: (.*)$/m.exec(block)?.[1],
        label: JSON.parse(/^data: (.*)$/m.exec(block)?.[1] ?? '{}').resource_label,
      }))
  }

  get told(): readonly string[] {
    return this.heard.map(({ event, label }) => (label ? `${event} ${label}` : event))
  }

  get lastId(): string {
    return this.heard.findLast(each => each.id)?.id ?? ''
  }

  async #read(): Promise<void> {
    const reader = this.listener.body.pipeThrough(new TextDecoderStream() as never).getReader()
    try {
      for (;;) {
        const { done, value } = await reader.read()
        if (done) break
        this.text += value
      }
    } catch {
      // Ignore: the connection was cut.
    }
    this.ended = true
  }
}

describe('the event hub', () => {
  let boards: Boards
  let hub: EventHub
  const options: HubOptions = { kept: 3, lingerMs: 5_000, beatMs: 1_000 }

  beforeEach(() => {
    vi.useFakeTimers()
    boards = new Boards()
    hub = new EventHub(boards, options)
  })
  afterEach(() => {
    hub.close()
    vi.useRealTimers()
  })

  const listen = (of: { label?: string; lastId?: string } = {}) => new Ear(hub, of).reading()

  it('polls the board once for any number of listeners, and stops when they are gone', async () => {
    expect(boards.looks).toBe(0)
    const ears = await Promise.all(Array.from({ length: 200 }, () => listen()))
    await boards.tell(looked([], 'node:a'))
    await boards.tell(looked([claimed('node:b')], 'node:a', 'node:b'))

    for (const ear of ears) expect(ear.told).toEqual(['known', 'present node:a', 'claimed node:b'])
    expect(boards.looks).toBe(1)
    for (const ear of ears) ear.holds = false
    await vi.advanceTimersByTimeAsync(1_000 + 5_000)
    expect(hub.count).toBe(0)
    expect([boards.looks, boards.open, hub.looking]).toEqual([1, 0, false])
  })

  it('makes the text of a look once for all listeners that get the same text', async () => {
    const ears = [
      new Ear(hub),
      new Ear(hub),
      new Ear(hub, { label: 'node:b' }),
      new Ear(hub, { label: 'node:b' }),
    ]
    await vi.advanceTimersByTimeAsync(0)
    await boards.tell(looked([], 'node:a'))
    await boards.tell(looked([claimed('node:b')], 'node:a', 'node:b'))
    const news = await Promise.all(
      ears.map(async ({ listener }) => {
        const reader = listener.body.getReader()
        for (;;) {
          const { value } = await reader.read()
          if (new TextDecoder().decode(value).includes('event: claimed')) return value
        }
      }),
    )
    expect(news[1]).toBe(news[0])
    expect(news[3]).toBe(news[2])
  })

  it('tells a returning listener what it missed, and nothing twice', async () => {
    const ear = await listen()
    await boards.tell(looked([], 'node:a'))
    const before = ear.lastId
    await boards.tell(looked([claimed('node:b')], 'node:a', 'node:b'))
    const between = ear.lastId
    await boards.tell(looked([claimed('node:c')], 'node:a', 'node:b', 'node:c'))

    expect((await listen({ lastId: before })).told).toEqual(['claimed node:b', 'claimed node:c'])
    expect((await listen({ lastId: between })).told).toEqual(['claimed node:c'])
    const current = await listen({ lastId: ear.lastId })
    expect(current.told).toEqual([])
    await boards.tell(looked([claimed('node:d')], 'node:d'))
    expect(current.told).toEqual(['claimed node:d'])
  })

  it('tells a listener that comes from another server what it missed, from the history', async () => {
    const ear = await listen()
    await boards.tell(looked([], 'node:a'))
    await boards.tell(looked([claimed('node:b')], 'node:a', 'node:b'))

    const other = new Boards()
    const { session, purpose } = claimOn('node:c')
    const event = { at: AT, label: 'node:c', session, purpose, token: undefined, others: [], note: undefined }
    other.events = [
      { ...event, event: 'claim' },
      { ...event, event: 'release', at: new Date(AT.getTime() + 5) },
    ]
    const second = new EventHub(other, options)
    const back = await new Ear(second, { lastId: ear.lastId }).reading()
    await other.tell(looked([], 'node:a', 'node:b'))
    expect(back.told).toEqual(['claimed node:c', 'released node:c'])
    const again = await new Ear(second, { lastId: back.heard[0]?.id ?? '' }).reading()
    expect(again.told).toEqual(['released node:c'])
    second.close()
  })

  it('sends a reset and the present state if the id is too old, of another board, or malformed', async () => {
    const ear = await listen()
    await boards.tell(looked([], 'node:a'))
    await boards.tell(looked([claimed('node:e')], 'node:a', 'node:e'))
    const [board, horizon, ...rest] = ear.lastId.split('.')
    const month = (Number.parseInt(horizon ?? '', 36) - 31 * 86_400_000).toString(36)
    const old = [board, month, ...rest].join('.')

    for (const lastId of [
      old,
      `xxxxxxxx.${horizon}..`,
      `${board}.${horizon}`,
      'feedfacecafe-2',
      '__proto__',
      '-1',
    ]) {
      const back = await listen({ lastId })
      expect(back.told).toEqual(['reset', 'known', 'present node:a', 'present node:e'])
      // Only the last event has an id. So a listener that is cut off earlier starts again from the beginning.
      expect(back.heard.map(each => each.id)).toEqual([undefined, undefined, undefined, ear.lastId])
    }
    boards.events = undefined
    expect((await listen({ lastId: ear.lastId })).told[0]).toBe('reset')
  })

  it('G6: says that the board is unknown and reports nothing unseen, then sends the state when it is known again', async () => {
    const ear = await listen()
    await boards.tell(looked([], 'node:a'))
    await boards.tell(lost)
    const late = await listen()
    expect(ear.told).toEqual(['known', 'present node:a', 'unknown'])
    expect(late.told).toEqual(['unknown'])

    const known: Change = { event: 'known', at: AT, since: AT, live: 2, coClaims: [] }
    await boards.tell(looked([known, claimed('node:b')], 'node:a', 'node:b'))
    expect(ear.told.slice(3)).toEqual(['known', 'claimed node:b'])
    expect(late.told).toEqual(['unknown', 'known', 'present node:a', 'present node:b'])
  })

  it('sends only the changes of one label if the listener asks for that', async () => {
    const ear = await listen({ label: 'node:b' })
    await boards.tell(looked([], 'node:a', 'node:b'))
    await boards.tell(looked([claimed('node:c'), claimed('node:b', 'again')], 'node:a', 'node:b', 'node:c'))
    await boards.tell(lost)
    expect(ear.told).toEqual(['known', 'present node:b', 'claimed node:b', 'unknown'])
    expect(ear.text).toContain('"live":1')
  })

  it('drops a listener that does not read, after a bounded number of unread bytes, and keeps the others', async () => {
    const ear = await listen()
    const deaf = new Ear(hub)
    await boards.tell(looked([], 'node:a'))
    const long = 'x'.repeat(16_000)
    for (let i = 0; i < 100; i++) await boards.tell(looked([claimed('node:a', long)], 'node:a'))

    expect(deaf.cut).toBe(true)
    expect(hub.count).toBe(1)
    expect(ear.told).toHaveLength(102)
  })

  it('sends a board that is larger than the bound to a listener that reads', async () => {
    const ear = new Ear(hub)
    await boards.tell({
      changes: [],
      snapshot: { asOf: AT, claims: Array.from({ length: 2_000 }, (_, i) => claimOn(`node:${i}`)) },
    })
    await boards.tell(looked([claimed('node:a')], 'node:a'))
    await ear.reading()
    expect(ear.cut).toBe(false)
    expect(ear.told).toHaveLength(2_002)
  })

  it('G9: ends the stream of a token that was removed', async () => {
    const ear = await listen()
    await boards.tell(looked([], 'node:a'))
    await vi.advanceTimersByTimeAsync(1_000)
    expect(ear.text).toContain(': heartbeat\n\n')
    ear.holds = false
    await vi.advanceTimersByTimeAsync(1_000)
    expect(ear.ended).toBe(true)
    expect(hub.count).toBe(0)
  })

  it('keeps room for other callers when one caller has as many listeners as it may', async () => {
    const board = { follow: async function* () {}, eventsSince: async () => [] }
    const crowded = new EventHub(board, { listenersMax: 4, listenersOfOneMax: 2 })
    const ears = [new Ear(crowded), new Ear(crowded)]
    expect(() => new Ear(crowded)).toThrow('not let in')
    new Ear(crowded, { of: 'bob' })
    expect(crowded.count).toBe(ears.length + 1)
    crowded.close()
  })

  it('says that it is closing, and takes no more listeners', async () => {
    const ear = await listen()
    await boards.tell(looked([], 'node:a'))
    hub.close()
    await vi.advanceTimersByTimeAsync(0)
    expect(ear.told.at(-1)).toBe('closing')
    expect(ear.ended).toBe(true)
    expect(() => new Ear(hub)).toThrow('not let in')
  })
})
