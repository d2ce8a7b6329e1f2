import { openBoard } from '@presence/core'
import { describe, expect, it } from 'vitest'
import { presence, presenceOn } from '../../../e2e/support/cli.ts'
import { scratchFolder } from '../../../e2e/support/scratch.ts'

function newBoard() {
  const dsn = `sqlite:${scratchFolder()}/board.db`
  return { dsn, as: (session: string) => presenceOn(dsn, session) }
}

const P = ['--purpose', 'p']
const BLANKS = { blank: ' ', 'no-break space': '\u00a0', 'ideographic space': '\u3000', 'em space': '\u2003' }

describe.each(Object.entries(BLANKS))('a new label with a %s inside', (_, blank) => {
  const label = `node:k8s${blank}1`

  it.each([
    ['claim', ['claim', label, ...P]],
    ['claim --exclusive', ['claim', label, '--exclusive', ...P]],
    ['claim of several', ['claim', 'node:a', label, '--exclusive', ...P]],
    ['run', ['run', '--claim', label, ...P, '--', 'echo', 'ran']],
    ['run --exclusive', ['run', '--claim', label, '--exclusive', ...P, '--', 'echo', 'ran']],
    ['steal', ['steal', label, '--reason', 'r']],
  ])('is refused by %s, with the label to use instead', async (_, args) => {
    const { as } = newBoard()
    const said = await as('ana')(...args)
    expect(said).toMatchObject({ status: 2, stdout: '' })
    expect(said.stderr).toMatch(
      /^presence: NOT claimed (node:a, )?node:k8s.1: label "node:k8s.1" contains a blank\n/,
    )
    expect(said.stderr).toContain('presence: hint: did you mean node:k8s-1?')
    expect((await as('ana')('list', '--json')).stdout).toBe('[]\n')
  })
})

it('a label that is several labels is refused, and they are named one by one', async () => {
  const { as } = newBoard()
  const said = await as('ana')('claim', 'node:a node:b', ...P)
  expect(said.stderr).toContain('hint: if these are several labels, give each on its own: node:a node:b')
  expect((await as('ana')('claim', 'k8s 1', ...P)).stderr).toContain('did you mean infra:k8s-1?')
})

it('a label with a blank that is on the board already is shown, claimed, stolen and released as before', async () => {
  const { dsn, as } = newBoard()
  await using board = await openBoard({ dsn, session: 'old', env: {} })
  expect(await board.claimExclusively('node:k8s 1', { purpose: 'p' })).toMatchObject({ ok: true })
  const bob = as('bob')
  expect((await bob('peek', 'node:k8s 1')).stdout).toContain('old')
  expect((await bob('claim', 'node:k8s 1', ...P)).stderr).toContain('is held exclusively by old')
  expect(await bob('steal', 'node:k8s 1', '--reason', 'r')).toMatchObject({ status: 0 })
  expect(await bob('release', 'node:k8s 1')).toMatchObject({
    status: 0,
    stdout: 'presence: released node:k8s 1\n',
  })
})

it('G7: it is refused as well if the board does not answer, and a run does not start', async () => {
  const env = { PRESENCE_DSN: 'mysql://nobody@127.0.0.1:1/presence', XDG_STATE_HOME: scratchFolder() }
  for (const args of [
    ['claim', 'node:k8s 1', ...P],
    ['run', '--claim', 'node:k8s 1', ...P, '--', 'echo', 'ran'],
  ]) {
    const said = await presence(args, { env })
    expect(said).toMatchObject({ status: 2, stdout: '' })
    expect(said.stderr).toContain('contains a blank')
  }
})
