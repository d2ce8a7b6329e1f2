import { describe, expect, it } from 'vitest'
import { jobsIn, logOf, newStack } from './support/context.ts'
import { DoltPod } from './support/dolt-pod.ts'

describe('the first `pulumi up`', () => {
  it('on an empty Dolt makes the database and its tables, and the second finds nothing to do', async () => {
    const dolt = await DoltPod.start()
    const { namespace } = dolt
    const stack = await newStack({ namespace, host: dolt.address })

    const first = await stack.up()
    expect(first.output).toContain('presence:infra:SchemaMigration')
    expect(first.status).toBe(0)
    const { job, schemaVersion, dsn } = await stack.outputs()
    expect(await jobsIn(namespace)).toEqual([job])
    expect(await logOf(namespace, job)).toContain(`applied ${schemaVersion}`)
    expect(dsn).toBe(`mysql://root@${dolt.address}:3306/beads`)
    expect(await dolt.sql('beads', 'SELECT COUNT(*) AS rows_ FROM presence_claims')).toEqual([{ rows_: 0 }])

    const plan = await stack.preview('--expect-no-changes')
    expect(plan.output).not.toMatch(/to (create|update|replace|delete)/)
    expect(plan.status).toBe(0)
    const second = await stack.up()
    expect(second.output).toMatch(/\d+ unchanged/)
    expect(second.output).not.toMatch(/created|updated|replaced|deleted/)
    expect(await jobsIn(namespace)).toEqual([job])
  })
})
