import { getEventListeners } from 'node:events'
import { expect, it } from 'vitest'
import { sleep } from './sleep.ts'

it('a sleep ends as soon as its signal fires, and doesn’t reject', async () => {
  const gone = new AbortController()
  const sleeping = sleep(1_000_000, { signal: gone.signal })
  gone.abort()
  await sleeping
  await sleep(1_000_000, { signal: gone.signal })
})

it('a sleep leaves no listener on its signal, so that a long watch doesn’t collect them', async () => {
  const { signal } = new AbortController()
  for (let at = 0; at < 3; at++) await sleep(1, { signal })
  expect(getEventListeners(signal, 'abort')).toHaveLength(0)
})
