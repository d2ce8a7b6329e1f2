import { expect, it } from 'vitest'
import { ownWork } from '../waiting-clock.ts'
import { ending, givenUpEnded } from './endings.ts'

const hung = () => new Promise<void>(() => {})

// If the wait is not bounded, this test fails by its time limit.
it('a process that exits waits a bounded time for calls that it gave up on, even while work of its own hangs', async () => {
  ending(hung())
  void ownWork(hung)
  await givenUpEnded(20)
  expect.assertions(0)
})
