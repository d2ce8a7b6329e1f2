import { expect, it } from 'vitest'
import { ownWork } from '../waiting-clock.ts'
import { ending, givenUpEnded } from './endings.ts'

const hung = () => new Promise<void>(() => {})

// A test that waits for what hangs fails by its own time limit.
it('a process that exits waits a bounded time for what it gave up on, also while something of its own hangs', async () => {
  ending(hung())
  void ownWork(hung)
  await givenUpEnded(20)
  expect.assertions(0)
})
