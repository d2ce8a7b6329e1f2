import { expect, it } from 'vitest'
import { newBoard } from './boards.ts'

it('G3: renewing a claim with a shorter ttl keeps the longer one and says so', async () => {
  const board = newBoard()
  await using ana = await board.as('ana')
  for (const exclusive of [false, true]) {
    const label = `node:${exclusive}`
    await ana.call('claim', { label, purpose: 'p', ttl: '2h', exclusive })
    const again = await ana.call('claim', { label, purpose: 'p', ttl: '5s', exclusive })
    expect(again.text).toMatch(/note: node:\w+ keeps its ttl of 2h and lasts until .*release it/)
  }
})

it('a shared claim with a longer ttl leaves the exclusive one as it is, and says so', async () => {
  const board = newBoard()
  await using ana = await board.as('ana')
  await ana.call('claim', { label: 'stack:y', purpose: 'p', exclusive: true })
  const again = await ana.call('claim', { label: 'stack:y', purpose: 'p', ttl: '2h' })
  expect(again.text).toMatch(/^Claimed stack:y exclusively, token 1, until /)
  expect(again.text).toMatch(/note: stack:y keeps its ttl of 15m .*claim it again exclusively/)
})
