import { expect, it } from 'vitest'
import { presenceOn } from '../../../e2e/support/cli.ts'
import { Running } from '../../../e2e/support/running.ts'
import { scratchFolder } from '../../../e2e/support/scratch.ts'
import { until } from '../../../e2e/support/until.ts'

function newBoard() {
  const dsn = `sqlite:${scratchFolder()}/board.db`
  return {
    as: (session: string) => presenceOn(dsn, session),
    waiting: (session: string, ...args: string[]) =>
      new Running(['claim', 'stack:gpu', '--purpose', 'apply', ...args], {
        PRESENCE_DSN: dsn,
        PRESENCE_SESSION_ID: session,
      }),
  }
}

const said = (waiter: Running, pattern: RegExp) =>
  until(`${pattern} to be said`, () => pattern.test(waiter.stderr))

it('claim --exclusive --wait says who holds the label and who is ahead, and gets it in turn', async () => {
  const board = newBoard()
  const ana = board.as('ana')
  await ana('claim', 'stack:gpu', '--exclusive', '--purpose', 'drain')
  await using bob = board.waiting('bob', '--exclusive', '--wait', '10m')
  await said(bob, /waiting for stack:gpu, .*: next in turn, held by ana \(drain\)/)
  await using eve = board.waiting('eve', '--exclusive', '--wait', '10m')
  await said(eve, /: 1 ahead, held by ana/)
  await ana('release', 'stack:gpu')
  expect(await bob.result()).toMatchObject({
    status: 0,
    stdout: expect.stringMatching(/^presence: claimed stack:gpu exclusively, token 2, until .*\n$/),
  })
  await board.as('bob')('release', 'stack:gpu')
  expect(await eve.result()).toMatchObject({ status: 0, stdout: expect.stringContaining('token 3') })
})

it.each([
  ['SIGINT', 130],
  ['SIGTERM', 143],
] as const)('%s leaves the wait queue', async (signal, status) => {
  const board = newBoard()
  const [ana, eve] = [board.as('ana'), board.as('eve')]
  await ana('claim', 'stack:gpu', '--exclusive', '--purpose', 'drain')
  await using bob = board.waiting('bob', '--exclusive', '--wait', '10m')
  await said(bob, /next in turn/)
  expect(await bob.end(signal)).toMatchObject({ status, stdout: '' })
  await ana('release', 'stack:gpu')
  expect(await eve('claim', 'stack:gpu', '--exclusive', '--purpose', 'x')).toMatchObject({ status: 0 })
})

it('claim --wait is refused with the holder once its time is over; a shared claim waits too', async () => {
  const board = newBoard()
  const ana = board.as('ana')
  await ana('claim', 'stack:gpu', '--exclusive', '--purpose', 'drain')
  await using late = board.waiting('bob', '--exclusive', '--wait', '1')
  const refused = await late.result()
  expect(refused).toMatchObject({ status: 1, stdout: '' })
  expect(refused.stderr).toMatch(
    /NOT claimed stack:gpu: .*held exclusively by ana\n {2}- ana \(.*\n.*hint: .*ask its holder, or wait longer than 1\n/,
  )
  await using shared = board.waiting('bob', '--wait', '10m')
  await said(shared, /waiting for stack:gpu/)
  await ana('release', 'stack:gpu')
  expect(await shared.result()).toMatchObject({
    status: 0,
    stdout: expect.stringMatching(/^presence: claimed stack:gpu until .*\n$/),
  })
  expect(await ana('claim', 'node:a', '--purpose', 'x', '--wait', 'soon')).toMatchObject({ status: 2 })
})
