import type { Boards } from '@presence/core/internal'
import { expect, it } from 'vitest'
import { Memory, Remembered } from './memory.ts'
import { ServerHost } from './server-host.ts'

const NOW = new Date(0)

it('an answer to a caller that stopped waiting does not count as told, and is given again', () => {
  const remembered = new Remembered()
  let isAwaited = false
  const host = new ServerHost({
    // The test doesn't use the boards.
    boards: {} as Boards,
    session: { id: 's1', user: 'u', host: 'h', agent: 'claude-code' },
    project: undefined,
    role: undefined,
    remembered,
    forget: () => {},
    hasTracker: false,
    isAwaited: () => isAwaited,
    deadlineMs: 1_000,
    probe: undefined,
  })
  host.stampOf().beat(NOW)
  host.stampOf().tell(NOW, ['node:a ana'])
  host.stampOf().show(['m1'])
  expect([...host.stampOf().told(), ...host.stampOf().shown()]).toEqual([])
  expect(host.stampOf().isDue(NOW), 'the heartbeat counts all the same').toBe(false)
  isAwaited = true
  host.stampOf().beat(NOW)
  host.stampOf().tell(NOW, ['node:a ana'])
  host.stampOf().show(['m1'])
  expect([...host.stampOf().told(), ...host.stampOf().shown()]).toEqual(['node:a ana', ['m1', 1]])
})

it('the 10,000 sessions seen last are remembered', () => {
  const memory = new Memory()
  const first = memory.of('first')
  for (let at = 0; at < 9_999; at++) memory.of(`s${at}`)
  expect(memory.of('first')).toBe(first)
  const oldest = memory.of('s0')
  for (let at = 0; at < 9_999; at++) memory.of(`t${at}`)
  expect(memory.size).toBe(10_000)
  expect(memory.of('s0')).toBe(oldest)
  expect(memory.of('first')).not.toBe(first)
})

it('only one of several parallel requests sends the heartbeat', () => {
  const remembered = new Remembered()
  const [one, two] = [remembered.stamp(), remembered.stamp()]
  expect([one.take(), two.take(), one.take()]).toEqual([true, false, true])
  two.unlock()
  expect(two.take(), 'only the request that took it can give it back').toBe(false)
  one.unlock()
  expect(two.take()).toBe(true)
})
