import { expect, it } from 'vitest'
import { jobsIn, newStack } from './support/context.ts'
import { DoltPod } from './support/dolt-pod.ts'

it('stacks that run in parallel migrate two boards, and one board twice, without conflicts', async () => {
  const dolt = await DoltPod.start()
  const at = { namespace: dolt.namespace }
  const stacks = await Promise.all([
    newStack({ ...at, database: 'one' }, {}, 'one'),
    newStack({ ...at, database: 'two' }, {}, 'two'),
    newStack({ ...at, database: 'two' }, {}, 'two-again'),
  ])
  for (const { status, output } of await Promise.all(stacks.map(stack => stack.up())))
    expect(status, output).toBe(0)
  expect(await jobsIn(dolt.namespace)).toHaveLength(3)
  for (const database of ['one', 'two'])
    expect(await dolt.sql(database, 'SELECT * FROM presence_claims')).toEqual([])

  const [, , again] = stacks
  expect((await again?.destroy())?.status).toBe(0)
  expect(await jobsIn(dolt.namespace), "the others' Jobs stay").toHaveLength(2)
})
