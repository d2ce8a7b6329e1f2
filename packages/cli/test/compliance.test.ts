import { openBoard } from '@presence/core'
import { describe, expect, it } from 'vitest'
import { presence } from '../../../e2e/support/cli.ts'
import { scratchFolder } from '../../../e2e/support/scratch.ts'

const MODE = { label: 'node:k8s-1', mode: 'pause' } as const

/** Ana drains a node, and Bob is paused for it and goes on. */
async function newCollision() {
  const home = scratchFolder()
  const env = { HOME: home, PRESENCE_DSN: `sqlite:${home}/board.db` }
  const as = (session: string) => openBoard({ dsn: env.PRESENCE_DSN, env, session, cwd: home })
  await using ana = await as('ana')
  await using bob = await as('bob')
  await ana.guard({ callId: 'a1', purpose: 'kubectl drain k8s-1', targets: [MODE] })
  const paused = await bob.guard({ callId: 'b1', purpose: 'kubectl cordon k8s-1', targets: [MODE] })
  if (!paused.ok || paused.decision !== 'refused') throw new Error('not paused')
  const told = paused.targets[0]?.keys ?? []
  const went = await bob.guard({
    callId: 'b2',
    purpose: 'kubectl cordon k8s-1',
    targets: [{ ...MODE, told }],
  })
  if (!went.ok || went.decision !== 'through') throw new Error('not through')
  await bob.settle({ callId: 'b2', outcome: 'failed', exitStatus: 3 })
  const run = (...args: string[]) =>
    presence(args, { cwd: home, env: { ...env, PRESENCE_SESSION_ID: 'cyn' }, within: 20_000 })
  return { run, event: paused.targets[0]?.event ?? '' }
}

describe('presence compliance', () => {
  it('counts guarded commands per kind and week, and those reported as wrong', async () => {
    const { run, event } = await newCollision()
    const rows = async () => JSON.parse((await run('compliance', '--json')).stdout)
    expect(await rows()).toEqual([
      {
        week: expect.stringMatching(/^\d{4}-W\d\d$/),
        kind: 'node',
        changed: 2,
        by_hand: 0,
        automatic: 2,
        collided: expect.any(Number),
        paused: 1,
        heeded: 0,
        proceeded: 1,
        refused: 0,
        reported_wrong: 0,
      },
    ])
    expect(await run('guard', 'wrong', event, '--note', 'it only reads')).toMatchObject({ status: 0 })
    expect((await rows())[0].reported_wrong).toBe(1)
    expect((await run('compliance')).stdout).toMatch(/WEEK +KIND +CHANGED.*\n\d{4}-W\d\d +node +2 /)
  })

  it('says that there is nothing, and refuses a time that is none', async () => {
    const home = scratchFolder()
    const env = { HOME: home, PRESENCE_DSN: `sqlite:${home}/board.db` }
    const run = (...args: string[]) => presence(['compliance', ...args], { cwd: home, env })
    expect((await run()).stdout).toContain('the guard has seen no command in the last 7d')
    expect((await run('--json')).stdout).toBe('[]\n')
    expect(await run('--since', 'soon')).toMatchObject({ status: 2 })
  })
})

it('presence guard wrong refuses an id that the guard has not given', async () => {
  const { run } = await newCollision()
  expect(await run('guard', 'wrong', 'd0000')).toMatchObject({ status: expect.toBeOneOf([1, 2]) })
})

it('presence list marks automatic claims, and log shows the pause and that it proceeded', async () => {
  const { run } = await newCollision()
  expect(JSON.parse((await run('list', '--json')).stdout)[0]).toMatchObject({
    auto: true,
    command: 'kubectl drain k8s-1',
  })
  const log = (await run('log')).stdout
  expect(log).toMatch(/paused/)
  expect(log).toMatch(/proceeded/)
  expect((await run('list')).stdout).toMatch(/kubectl drain k8s-1 \(automatic\)/)
})
