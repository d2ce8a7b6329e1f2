import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { presenceOn } from '../support/cli.ts'
import { checkout, jobsIn, newStack } from './support/context.ts'
import { DoltPod } from './support/dolt-pod.ts'

/** A checkout with an additional migration. */
function checkoutWith(statement: string): string {
  const at = checkout()
  const journal = join(at, 'migrations/mysql/meta/_journal.json')
  const content = JSON.parse(readFileSync(journal, 'utf8'))
  const idx = content.entries.length
  content.entries.push({ ...content.entries.at(-1), idx, tag: TAG })
  writeFileSync(journal, JSON.stringify(content))
  writeFileSync(join(at, `migrations/mysql/${TAG}.sql`), statement)
  const steps = join(at, 'migrations/steps.ts')
  const last = idx - 1
  writeFileSync(
    steps,
    readFileSync(steps, 'utf8').replace(
      new RegExp(`(step: ${last}, oldestClient: )(\\d+)( \\},\n)`),
      `$1$2$3  { step: ${idx}, oldestClient: $2$3`,
    ),
  )
  return at
}

const TAG = '9999_test'

it('a new migration creates one new Job, and the old Job is removed', async () => {
  const dolt = await DoltPod.start()
  const { namespace } = dolt
  const stack = await newStack({ namespace })
  expect((await stack.up()).status).toBe(0)
  const { job: before } = await stack.outputs()

  stack.moveTo(checkoutWith('CREATE TABLE `presence_test` (`id` int PRIMARY KEY)'))
  const { status, output } = await stack.up()
  expect(status, output).toBe(0)
  const { job: after, schemaVersion } = await stack.outputs()
  expect(schemaVersion).toBe(TAG)
  expect(after).not.toBe(before)
  expect(await jobsIn(namespace)).toEqual([after])
  expect(await dolt.sql('beads', 'SELECT * FROM presence_test')).toEqual([])
})

it('a failed migration is reported with its reason, the board keeps working, and the corrected migration succeeds', async () => {
  const dolt = await DoltPod.start()
  const { namespace } = dolt
  const stack = await newStack({ namespace })
  expect((await stack.up()).status).toBe(0)
  const dsn = `mysql://root@${dolt.address}:3306/beads`

  stack.moveTo(checkoutWith('ALTER TABLE `presence_nowhere` ADD COLUMN `id` int'))
  const failed = await stack.up()
  expect(failed.status).not.toBe(0)
  expect(failed.output).toMatch(/table not found: presence_nowhere/)
  expect(await presenceOn(dsn, 'ana')('claim', 'node:a', '--purpose', 'p')).toMatchObject({
    status: 0,
    stderr: '',
  })

  stack.moveTo(checkoutWith('CREATE TABLE `presence_test` (`id` int PRIMARY KEY)'))
  const mended = await stack.up()
  expect(mended.status, mended.output).toBe(0)
  const { job, schemaVersion } = await stack.outputs()
  expect(schemaVersion).toBe(TAG)
  expect(await jobsIn(namespace)).toEqual([job])
  // This checkout's command lacks that step. The step only adds, so the command keeps working.
  const seen = await presenceOn(dsn, 'bob')('peek', 'node:a')
  expect(seen).toMatchObject({ status: 0, stdout: expect.stringContaining('ana'), stderr: '' })
})
