import { expect, it } from 'vitest'
import { presenceOn } from '../../../e2e/support/cli.ts'
import { Running } from '../../../e2e/support/running.ts'
import { scratchFolder } from '../../../e2e/support/scratch.ts'

const ANA = 'f47ac10b-58cc-4372-a567-0e02b2c3d479'
const ANA_SHORT = 'f47ac10b'
const BEN = '9b1c22d0-58cc-4372-a567-0e02b2c3d479'

function newBoard() {
  const dsn = `sqlite:${scratchFolder()}/board.db`
  return { dsn, as: (session: string) => presenceOn(dsn, session) }
}

const json = (said: { readonly stdout: string }) => JSON.parse(said.stdout)

it('list, status and who show the shortest beginning of an id, and --json the whole id', async () => {
  const { as } = newBoard()
  await as(ANA)('claim', 'node:a', '--purpose', 'drain')
  for (const verb of ['list', 'status', 'who']) {
    const { stdout } = await as('ben')(verb)
    expect(stdout).toMatch(/\bf47ac10b /)
    expect(stdout).not.toContain(ANA)
  }
  expect(json(await as('ben')('list', '--json'))[0].session_id).toBe(ANA)
})

it('a short id is taken by --session, and the whole id is written to the board', async () => {
  const { dsn, as } = newBoard()
  const me = as('ben')
  await as(ANA)('claim', 'node:a', '--purpose', 'drain')
  await me('claim', 'node:b', '--purpose', 'p', '--session', 'f47a')
  expect(json(await me('list', '--json')).map((each: { session_id: string }) => each.session_id)).toEqual([
    ANA,
    ANA,
  ])
  expect(json(await me('list', '--mine', '--session', ANA_SHORT, '--json'))).toHaveLength(2)
  const log = json(await me('log', '--session', ANA_SHORT, '--json'))
  expect(log.map((each: { session_id: string }) => each.session_id)).toEqual([ANA, ANA])
  const run = ['run', '--claim', 'node:c', '--purpose', 'p', '--session', ANA_SHORT, '--']
  expect((await me(...run, 'sh', '-c', 'echo $PRESENCE_SESSION_ID')).stdout).toBe(`${ANA}\n`)
  await using watch = new Running(['watch', '--session', ANA_SHORT], { PRESENCE_DSN: dsn })
  expect(await watch.line(/present/)).toContain('f47ac10b (me)')
  expect((await me('release', 'node:a', '--session', ANA_SHORT)).stdout).toBe('presence: released node:a\n')
  expect((await me('session', 'end', '--session', ANA_SHORT)).stdout).toContain(`ended ${ANA}`)
})

it('a short id is taken by --to and --assign, and by messages, workflows and items', async () => {
  const { as } = newBoard()
  const [ana, ben] = [as(ANA), as(BEN)]
  await ana('claim', 'node:a', '--purpose', 'drain')
  const shop = ['--project', 'shop']
  const sent = await ben('message', 'send', '--to', ANA_SHORT, '--subject', 's', 'b', ...shop, '--json')
  const { id, to_session } = json(sent)
  expect([to_session, sent.stderr]).toEqual([ANA, ''])
  expect((await ana('message', 'inbox')).stdout).toMatch(new RegExp(`; ${id.slice(0, 8)}\n$`))
  expect((await ben('message', 'read', id.slice(0, 8))).stderr, 'not a message to ben').toContain(
    'no message',
  )
  expect((await ana('message', 'read', id.slice(0, 8))).stdout).toContain('marked 1 message')
  const flow = json(await ben('workflow', 'add', 'Move the queue', ...shop, '--json')).id.slice(0, 8)
  const step = json(await ben('item', 'add', 'First', '--workflow', flow, '--assign', ANA_SHORT, '--json'))
  expect(step).toMatchObject({
    assigned_to: ANA,
    workflow_id: expect.stringMatching(new RegExp(`^${flow}.{28}$`)),
  })
  expect((await ben('item', 'list', '--workflow', flow)).stdout).toMatch(
    new RegExp(`First +pending +50 +${ANA_SHORT} +${step.id.slice(0, 8)}\n$`),
  )
  const moved = await ana(
    'item',
    'set',
    step.id.slice(0, 8),
    '--status',
    'in_progress',
    '--assign',
    ANA_SHORT,
  )
  expect(moved.stdout).toBe(`presence: First is in_progress, assigned to ${ANA}: ${step.id}\n`)
  expect(await ben('workflow', 'set', flow, '--status', 'active')).toMatchObject({ status: 0 })
  expect(await ben('workflow', 'set', 'aaaaaaaa', '--status', 'active')).toMatchObject({ status: 1 })
})

it('an ambiguous short id is refused with exit 2, and the ids that begin like it are named', async () => {
  const { as } = newBoard()
  const other = 'f47ac10b-ffff-4372-a567-0e02b2c3d479'
  await as(ANA)('claim', 'node:a', '--purpose', 'drain')
  await as(other)('claim', 'node:b', '--purpose', 'drain')
  expect((await as('ben')('list')).stdout).toMatch(/f47ac10b-5 [\s\S]*f47ac10b-f /)
  for (const args of [
    ['release', 'node:a', '--session', ANA_SHORT],
    ['claim', 'node:c', '--purpose', 'p', '--session', ANA_SHORT],
    ['run', '--claim', 'node:c', '--purpose', 'p', '--session', ANA_SHORT, '--', 'true'],
    ['log', '--session', ANA_SHORT],
    ['message', 'send', '--to', ANA_SHORT, '--subject', 's', 'b', '--project', 'shop'],
  ]) {
    const said = await as('ben')(...args)
    expect(said, args.join(' ')).toMatchObject({ status: 2, stdout: '' })
    expect(said.stderr).toContain(`several sessions' ids begin with ${ANA_SHORT}`)
    for (const id of [ANA, other]) expect(said.stderr).toContain(id)
  }
  expect((await as('ben')('release', 'node:a', '--session', 'f47ac10b-5')).stdout).toContain(
    'released node:a',
  )
  expect(json(await as('ben')('list', '--json'))).toHaveLength(1)
})

it('an id that somebody chose is itself, also where another begins like it', async () => {
  const { as } = newBoard()
  await as('ci-42')('claim', 'node:a', '--purpose', 'p')
  await as('face-1a2b3c4d')('claim', 'node:a', '--purpose', 'p')
  for (const id of ['ci-4', 'face', 'face-1a2', 'face-1a2b']) {
    await as('ben')('claim', 'node:b', '--purpose', 'p', '--session', id)
    const ids = json(await as('ben')('peek', 'node:b', '--json')).map(
      (each: { session_id: string }) => each.session_id,
    )
    expect(ids).toContain(id)
  }
})

it('a short id is not guessed if the board does not answer', async () => {
  const away = presenceOn('mysql://nobody@127.0.0.1:1/presence', 'ben')
  const said = await away('claim', 'node:a', '--purpose', 'p', '--session', ANA_SHORT, '--json')
  expect(said.stderr).toMatch(/^presence: NOT claimed node:a: dolt unreachable/)
  expect(json(said).error.queued).toBe(false)
})
